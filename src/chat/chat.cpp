#include "chat/chat.hpp"

#include <boost/json.hpp>

#include "base/log.hpp"
#include "chat/settings.hpp"
#include "notify/texts.hpp"

namespace kiki::chat {

namespace {

constexpr std::size_t kTasksMost = 100'000;
constexpr std::int64_t kMailLookMs = 30'000;
constexpr TimeMs kForgetEveryMs = 3'600'000;

// The chat's cases of a visitor: their thread's one.
Result<std::optional<Id>> case_of(store::Connection& db, Id workspace_id, std::string_view thread) {
  return db.one("SELECT case_id FROM conversations WHERE workspace_id = $1 AND external_id = $2",
                {workspace_id, thread}, [](const store::Row& row) { return row.integer(0); });
}

// The name of somebody who told none: a few characters tell two of them apart. An id's own last digits count
// what was made in the same moment, and are nearly always the same.
std::string default_name(std::string_view language, Id visitor_id) {
  static constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  auto rest = static_cast<std::uint64_t>(visitor_id) * 0x9E3779B97F4A7C15ULL >> 40U;  // Fibonacci hashing
  std::string tag;
  for (; tag.size() < 4; rest /= kDigits.size()) tag += kDigits[rest % kDigits.size()];
  return notify::words(language, "server.chat.visitor", {{"tag", tag}});
}

}  // namespace

Chat::Chat(Parts parts)
    : parts_(std::move(parts)),
      rooms_(std::make_shared<Rooms>(parts_.conversations, parts_.clock)),
      limits_(parts_.clock),
      waiting_time_(parts_.db, parts_.clock) {
  parts_.conversations.on_change(
      [this](Id workspace_id, Id visitor_id) { put(Changed{workspace_id, visitor_id}); });
  parts_.conversations.on_typing([this](Id workspace_id, Id visitor_id, bool writing) {
    rooms_->tell(workspace_id, visitor_id, "typing",
                 writing ? R"({"writing":true})" : R"({"writing":false})");
  });
  rooms_->on_here([this](Id workspace_id, Id visitor_id, bool here) {
    put(Here{workspace_id, visitor_id, here, false});
  });
}

Result<void> Chat::start() {
  thread_ = std::jthread([this](std::stop_token stop) { work(stop); });
  mail_thread_ = std::jthread([this](std::stop_token stop) { post_letters(stop); });
  return {};
}

void Chat::stop() {
  thread_.request_stop();
  mail_thread_.request_stop();
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (mail_thread_.joinable()) mail_thread_.join();
  rooms_->close_all();
}

void Chat::put(Task task) {
  {
    const std::lock_guard lock(mutex_);
    // What is lost here is a hint only: pages that come back read everything by their cursor.
    if (tasks_.size() >= kTasksMost) return;
    tasks_.push_back(task);
    mail_woken_ = true;
  }
  changed_.notify_all();
}

void Chat::work(std::stop_token stop) {
  while (!stop.stop_requested()) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !tasks_.empty(); })) return;
      task = tasks_.front();
      tasks_.pop_front();
    }
    if (const auto* change = std::get_if<Changed>(&task)) {
      rooms_->look(change->workspace_id, change->visitor_id);
    } else {
      tell_state(std::get<Here>(task));
    }
  }
}

void Chat::tell_state(const Here& state) {
  if (!parts_.tell_desk) return;
  const auto told = [&]() -> Result<void> {
    const auto visitor = TRY(parts_.conversations.visitor(state.workspace_id, state.visitor_id));
    if (!visitor) return {};
    auto reader = TRY(parts_.db.reader());
    const auto case_id = TRY(case_of(*reader, state.workspace_id,
                                     channels::chat::visitor_key(visitor->account_id, state.visitor_id)));
    if (!case_id) return {};
    parts_.tell_desk(state.workspace_id, json::serialize(json::object{{"case_id", to_string(*case_id)},
                                                                      {"here", state.here},
                                                                      {"writing", state.writing}}));
    return {};
  }();
  if (!told.ok()) log::warning("a visitor's coming could not be told", told.error());
}

Result<Message> Chat::write(const Visitor& caller, const channels::chat::VisitorMessage& message) {
  const auto external_id = channels::chat::message_key(caller.account_id, caller.id, message.id);
  if (auto known = TRY(parts_.conversations.message(caller.workspace_id, external_id)))
    return std::move(*known);
  const auto files = TRY(parts_.conversations.files_of(caller, message.files));
  const auto visitor = TRY(parts_.conversations.tell(caller, message));
  channels::chat::Arrival arrival;
  arrival.visitor_id = visitor.id;
  arrival.message_id = message.id;
  arrival.text = message.text;
  arrival.files = files;
  arrival.name = visitor.name;
  if (arrival.name.empty()) {
    auto reader = TRY(parts_.db.reader());
    const auto language =
        TRY(reader->one("SELECT language FROM workspaces WHERE id = $1", {visitor.workspace_id},
                        [](const store::Row& row) { return row.string(0); }));
    arrival.name = default_name(language.value_or("en"), visitor.id);
  }
  arrival.email = visitor.email;
  arrival.proven_user = visitor.user_key;
  arrival.language = message.language;
  arrival.page = message.page;
  arrival.continues = message.continues;
  // The desk's journal first: what dies between here and the next line is in the desk, and the page, which
  // got no answer, sends it once more under the same id.
  TRY(parts_.ingest.accept(
      {{visitor.workspace_id, visitor.account_id, {"chat.message", channels::chat::to_item(arrival)}}}));
  return parts_.conversations.add(visitor, message, files);
}

Result<void> Chat::seen(const Visitor& visitor, std::int64_t seq) {
  const auto seen = TRY(parts_.conversations.seen(visitor, seq));
  if (seen.empty()) return {};
  std::vector<ingest::Entry> receipts;
  for (const auto& external_id : seen) {
    receipts.push_back({visitor.workspace_id,
                        visitor.account_id,
                        {"chat.receipt", channels::chat::to_receipt(external_id, "read")}});
  }
  TRY(parts_.ingest.accept(std::move(receipts)));
  return {};
}

void Chat::visitor_types(const Visitor& visitor, bool writing) {
  put(Here{visitor.workspace_id, visitor.id, true, writing});
}

Result<std::optional<VisitorState>> Chat::visitor_of_case(Id workspace_id, Id case_id) {
  Id visitor_id = 0;
  {
    auto reader = TRY(parts_.db.reader());
    const auto found =
        TRY(reader->one("SELECT account_id, external_id FROM conversations WHERE workspace_id = $1 AND "
                        "case_id = $2 AND network = "
                        "$3 ORDER BY id DESC LIMIT 1",
                        {workspace_id, case_id, channels::chat::kNetwork}, [](const store::Row& row) {
                          return channels::chat::visitor_of(row.integer(0), row.text(1));
                        }));
    visitor_id = found.value_or(0);
  }
  if (visitor_id == 0) return std::optional<VisitorState>();
  const auto visitor = TRY(parts_.conversations.visitor(workspace_id, visitor_id));
  if (!visitor) return std::optional<VisitorState>();
  return std::optional(VisitorState{rooms_->is_here(workspace_id, visitor_id),
                                    parts_.mail.configured() ? visitor->email : std::string(),
                                    !visitor->user_key.empty(), visitor->page});
}

void Chat::post_letters(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::int64_t wait_ms = kMailLookMs;
    if (parts_.mail.configured()) {
      const auto next_ms = mail_due(stop);
      if (!next_ms.ok()) {
        log::warning("answers by mail could not be looked for", next_ms.error());
      } else if (*next_ms) {
        wait_ms = std::clamp<std::int64_t>(**next_ms - parts_.clock.now_ms(), 50, kMailLookMs);
      }
    }
    if (parts_.clock.now_ms() >= forget_at_) {
      const auto more = forget_old();
      if (!more.ok()) log::warning("old conversations could not be forgotten", more.error());
      if (!more.ok() || !*more) forget_at_ = parts_.clock.now_ms() + kForgetEveryMs;
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::chrono::milliseconds(wait_ms),
                      [&] { return std::exchange(mail_woken_, false); });
  }
}

Result<bool> Chat::forget_old() {
  const auto now_ms = parts_.clock.now_ms();
  bool more = TRY(parts_.conversations.forget_unsent(now_ms - kUnsentFileKeptMs));
  std::vector<std::tuple<Id, Id, std::string>> accounts;
  {
    auto reader = TRY(parts_.db.reader());
    // A removed account's visitors as well.
    accounts = TRY(reader->all(
        "SELECT workspace_id, id, settings FROM accounts WHERE network = $1", {channels::chat::kNetwork},
        [](const store::Row& row) { return std::tuple(row.integer(0), row.integer(1), row.string(2)); }));
  }
  for (const auto& [workspace_id, account_id, settings] : accounts) {
    const auto before_ms = now_ms - settings_of(settings).keep_days * kDayMs;
    more = TRY(parts_.conversations.forget(workspace_id, account_id, before_ms)) || more;
  }
  return more;
}

}  // namespace kiki::chat
