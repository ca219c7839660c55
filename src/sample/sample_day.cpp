#include "sample/sample_day.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>

#include "base/json.hpp"
#include "base/log.hpp"
#include "channels/contract/channel.hpp"
#include "reply/outgoing.hpp"
#include "store/cursors.hpp"

namespace kiki::sample {

namespace {

constexpr std::int64_t kLookForRepliesMs = 500;
constexpr std::string_view kCursor = "sample";
constexpr std::string_view kDone = "done";

bool is_sample(const accounts::AccountRow& row) {
  if (row.account.network != "open") return false;
  auto settings = JsonDocument::parse(row.account.settings);
  return settings.ok() && settings->root()["sample"].text() == "true";
}

const Script& script() {
  static const Script kScript = [] {
    auto read = read_script(script_text());
    CHECK(read.ok());
    return std::move(*read);
  }();
  return kScript;
}

Result<std::string> read_cursor(store::Connection& db, Id workspace_id, Id account_id) {
  return TRY(store::get_cursor(db, {workspace_id, account_id, kCursor})).value_or("");
}

// What the customer says after our reply, waiting for its time.
struct Answer {
  TimeMs at = 0;
  std::string body;
};

}  // namespace

Result<Script> read_script(std::string_view json_text) {
  auto document = TRY(JsonDocument::parse(json_text));
  Script read;
  read.account_name = TRY(document.root()["account_name"].string(100));
  TRY(document.root()["topics"].each([&](JsonView value) -> Result<void> {
    Script::Topic topic;
    topic.name = TRY(value["name"].string(400));
    topic.query = TRY(value["query"].string());
    read.topics.push_back(std::move(topic));
    return {};
  }));
  TRY(document.root()["posts"].each([&](JsonView value) -> Result<void> {
    ScriptPost post;
    post.at_s = TRY(value["at_s"].integer());
    post.external_id = TRY(value["post"]["external_id"].string(200));
    post.thread_id = TRY(value["post"]["thread_id"].string_or(post.external_id, 200));
    post.body = value["post"].raw();
    if (!value["answers"].is_null()) {
      TRY(value["answers"].each([&](JsonView answer) -> Result<void> {
        const auto after_s = TRY(answer["after_s"].integer());
        post.answers.emplace_back(after_s, TRY(answer["text"].string()));
        return {};
      }));
    }
    read.posts.push_back(std::move(post));
    return {};
  }));
  std::ranges::stable_sort(read.posts, {}, &ScriptPost::at_s);
  return read;
}

Result<std::optional<accounts::AccountRow>> SampleDay::find_account(Id workspace_id) {
  for (auto& row : TRY(parts_.accounts.list(workspace_id))) {
    if (is_sample(row)) return std::optional(std::move(row));
  }
  return std::optional<accounts::AccountRow>{};
}

Result<void> SampleDay::start() {
  for (auto& row : TRY(parts_.accounts.list_all())) {
    if (!is_sample(row)) continue;
    auto reader = TRY(parts_.db.reader());
    const auto at = TRY(read_cursor(*reader, row.account.workspace_id, row.account.id));
    if (at != kDone) TRY(play(row.account.workspace_id, 0, 0));
  }
  return {};
}

Result<Id> SampleDay::play(Id workspace_id, Id actor_id, double speed) {
  if (speed == 0) speed = default_speed_;
  if (!std::isfinite(speed) || speed < 1 || speed > 10'000)
    return invalid("expected a number from 1 to 10,000", "/speed");
  auto account = TRY(find_account(workspace_id));
  if (!account) {
    auto made = TRY(parts_.accounts.connect(workspace_id, actor_id, "open",
                                            {{"name", script().account_name}, {"webhook_url", ""}}));
    account = TRY(parts_.accounts.patch(workspace_id, actor_id, made.row.account.id,
                                        {.settings = R"({"webhook_url":"","sample":"true"})"}));
    std::vector<std::string> known;
    for (const auto& topic : TRY(parts_.listening.list(workspace_id))) known.push_back(topic.name);
    for (const auto& topic : script().topics) {
      if (std::ranges::find(known, topic.name) != known.end()) continue;
      TRY(parts_.listening.create(workspace_id, actor_id, {.name = topic.name, .query = topic.query}));
    }
  } else {
    // Its posts are there already, so it would show nothing a second time.
    auto reader = TRY(parts_.db.reader());
    const auto at = TRY(read_cursor(*reader, workspace_id, account->account.id));
    if (at == kDone) return conflict("The sample day has been played to its end.", "played");
  }
  const std::lock_guard lock(mutex_);
  if (stopped_) return unavailable("The server is stopping.");
  if (auto running = days_.find(workspace_id); running != days_.end()) {
    running->second.request_stop();
    running->second.join();
    days_.erase(running);
  }
  days_.emplace(workspace_id,
                std::jthread([this, row = *account, speed](std::stop_token stop) { run(stop, row, speed); }));
  return account->account.id;
}

Result<void> SampleDay::end(Id workspace_id, Id) {
  auto account = TRY(find_account(workspace_id));
  if (!account) return {};
  {
    const std::lock_guard lock(mutex_);
    days_.erase(workspace_id);  // asks it to stop and joins
  }
  return parts_.db.writer().write([&](store::Transaction& tx) {
    return store::set_cursor(tx, {workspace_id, account->account.id, kCursor}, kDone, parts_.clock.now_ms());
  });
}

Result<State> SampleDay::state(Id workspace_id) {
  State state;
  state.total = static_cast<std::int64_t>(script().posts.size());
  auto account = TRY(find_account(workspace_id));
  if (!account) return state;
  auto reader = TRY(parts_.db.reader());
  const auto at = TRY(read_cursor(*reader, workspace_id, account->account.id));
  state.running = at != kDone;
  state.played = at == kDone ? state.total : at.empty() ? 0 : parse_id(at).value_or(0);
  return state;
}

void SampleDay::stop_all() {
  std::map<Id, std::jthread> days;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    days = std::move(days_);
  }
  for (auto& [workspace_id, thread] : days) thread.request_stop();
}

Result<void> SampleDay::post(const accounts::AccountRow& account, const std::string& body, TimeMs posted_at,
                             std::int64_t played) {
  auto document = json::parse(body).as_object();
  document["posted_at"] = to_rfc3339(posted_at);
  ingest::Entry entry{
      account.account.workspace_id, account.account.id, {"open.post", json::serialize(document)}};
  ingest::CursorMove cursor{account.account.workspace_id, account.account.id, std::string(kCursor),
                            std::to_string(played)};
  TRY(parts_.ingest.accept({std::move(entry)}, played > 0 ? std::optional(cursor) : std::nullopt));
  return {};
}

void SampleDay::run(std::stop_token stop, accounts::AccountRow account, double speed) {
  const auto& posts = script().posts;
  const auto workspace_id = account.account.workspace_id;
  const auto account_id = account.account.id;
  std::size_t next = 0;
  if (auto reader = parts_.db.reader(); reader.ok()) {
    auto at = read_cursor(**reader, workspace_id, account_id);
    if (at.ok() && !at->empty()) next = static_cast<std::size_t>(parse_id(*at).value_or(0));
  }
  const auto began = parts_.clock.now_ms();
  const auto skipped_s = next < posts.size() && next > 0 ? std::max<std::int64_t>(posts[next].at_s, 0) : 0;
  const auto time_of_post = [&](const ScriptPost& post) {
    if (post.at_s < 0) return began + post.at_s * 1'000;
    return began + static_cast<TimeMs>(static_cast<double>(post.at_s - skipped_s) * 1'000 / speed);
  };
  std::vector<Answer> answers;
  Id fetched = 0;
  std::mutex mutex;
  std::condition_variable_any woken;
  while (!stop.stop_requested()) {
    const auto now_ms = parts_.clock.now_ms();
    while (next < posts.size() && time_of_post(posts[next]) <= now_ms) {
      if (!post(account, posts[next].body, time_of_post(posts[next]), static_cast<std::int64_t>(next) + 1)
               .ok())
        break;
      ++next;
    }
    for (auto answer = answers.begin(); answer != answers.end();) {
      if (answer->at <= now_ms && post(account, answer->body, answer->at, 0).ok()) {
        answer = answers.erase(answer);
      } else {
        ++answer;
      }
    }
    // Fetches replies as another program would, and lets their customers answer.
    if (auto reader = parts_.db.reader(); reader.ok()) {
      auto waiting = reply::waiting_to_be_fetched(**reader, workspace_id, account_id, fetched, 100);
      for (const auto& row : waiting.ok() ? *waiting : std::vector<reply::OutboxRow>{}) {
        auto outgoing = reply::to_outgoing(**reader, row, false);
        const auto reply_id = "reply-" + to_string(row.id);
        fetched = row.id;
        if (!parts_.replies.fetched(account.account, row.id, reply_id, "").ok() || !outgoing.ok()) continue;
        for (const auto& said : posts) {
          const auto target = to_string(account_id) + "/" + said.external_id;
          if (row.target_external_id != target) continue;
          for (const auto& [after_s, text] : said.answers) {
            auto body = json::parse(said.body).as_object();
            body["external_id"] =
                said.external_id + "-after-" + to_string(row.id) + "-" + std::to_string(after_s);
            body["parent_id"] = reply_id;
            body["thread_id"] = said.thread_id;
            body["text"] = text;
            body["reason"] = "reply";
            body.erase("attachments");
            answers.push_back({now_ms + static_cast<TimeMs>(static_cast<double>(after_s) * 1'000 / speed),
                               json::serialize(body)});
          }
        }
      }
    }
    std::unique_lock lock(mutex);
    woken.wait_for(lock, stop, std::chrono::milliseconds(kLookForRepliesMs), [] { return false; });
  }
}

}  // namespace kiki::sample
