#include "reply/rewards.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "reply/saved/saved_reply.hpp"
#include "reply/saved/template.hpp"
#include "text/normalize.hpp"
#include "text/utf8.hpp"

namespace kiki::reply {

namespace {

constexpr std::size_t kCodesAtOnce = 1'000;  // a write job, so that others get their turn
constexpr std::int64_t kWarnLimit = 1'000'000;

constexpr std::string_view kListSql =
    "SELECT l.id, l.list_key, l.name, l.warn_below, l.created_at, "
    "(SELECT COUNT(*) FROM reward_codes c WHERE c.workspace_id = l.workspace_id AND c.list_id = l.id AND "
    "c.state = "
    "'free'), "
    "(SELECT COUNT(*) FROM reward_codes c WHERE c.workspace_id = l.workspace_id AND c.list_id = l.id AND "
    "c.state = "
    "'reserved'), "
    "(SELECT COUNT(*) FROM reward_codes c WHERE c.workspace_id = l.workspace_id AND c.list_id = l.id AND "
    "c.state = "
    "'given') FROM reward_lists l WHERE l.workspace_id = $1 AND l.archived_at IS NULL ";

RewardList read_list(const store::Row& row) {
  RewardList list;
  list.id = row.integer(0);
  list.key = row.string(1);
  list.name = row.string(2);
  list.warn_below = row.integer(3);
  list.created_at = row.integer(4);
  list.free = row.integer(5);
  list.reserved = row.integer(6);
  list.given = row.integer(7);
  return list;
}

Result<RewardList> one_list(store::Connection& db, Id workspace_id, Id list_id) {
  static const std::string sql = std::string(kListSql) + "AND l.id = $2";
  auto found = TRY(db.one(sql, {workspace_id, list_id}, read_list));
  if (!found) return not_found("There is no such list.");
  return std::move(*found);
}

struct Held {
  Id id = 0;
  std::string code;
  bool is_given = false;
};

Held read_held(const store::Row& row) {
  return {row.integer(0), row.string(1), row.text(2) == "given"};
}

Error no_codes(std::string_view name) {
  return conflict("There is no code left in \"" + std::string(name) + "\".", "no_codes");
}

// The receiver's code: what they hold already, else a free one, now reserved. The list's row is locked first:
// on PostgreSQL another node could be handing out the same code.
Result<Held> hold(store::Connection& db, const Receiver& receiver, Id list_id, TimeMs now_ms) {
  const auto name =
      TRY(db.one("UPDATE reward_lists SET name = name WHERE workspace_id = $1 AND id = $2 AND archived_at IS "
                 "NULL RETURNING name",
                 {receiver.workspace_id, list_id}, [](const store::Row& row) { return row.string(0); }));
  if (!name) return not_found("There is no such list.");
  // The person over all their identities, or anybody in this very case.
  const auto theirs =
      TRY(db.all("SELECT c.id, c.code, c.state FROM reward_codes c WHERE c.workspace_id = $1 AND c.list_id = "
                 "$2 AND c.case_id = $3 "
                 "UNION SELECT c.id, c.code, c.state FROM identities mine JOIN identities i ON "
                 "i.workspace_id = mine.workspace_id "
                 "AND i.person_id = mine.person_id JOIN reward_codes c ON c.workspace_id = i.workspace_id "
                 "AND c.identity_id = i.id "
                 "AND c.list_id = $2 WHERE mine.workspace_id = $1 AND mine.id = $4 ORDER BY 1",
                 {receiver.workspace_id, list_id, receiver.case_id, receiver.identity_id}, read_held));
  for (const auto& held : theirs) {
    if (held.is_given) return conflict("They have a code of \"" + *name + "\" already.", "already_given");
  }
  std::optional<Held> held;
  if (!theirs.empty()) held = theirs.front();
  if (!held) {
    held = TRY(db.one(
        "SELECT id, code, state FROM reward_codes WHERE workspace_id = $1 AND list_id = $2 AND state = "
        "'free' ORDER BY id LIMIT 1",
        {receiver.workspace_id, list_id}, read_held));
  }
  if (!held) {
    held = TRY(db.one(
        "SELECT id, code, state FROM reward_codes WHERE workspace_id = $1 AND list_id = $2 AND state = "
        "'reserved' AND held_at < $3 ORDER BY id LIMIT 1",
        {receiver.workspace_id, list_id, now_ms - kReservedMs}, read_held));
  }
  if (!held) return no_codes(*name);
  TRY(db.run(
      "UPDATE reward_codes SET state = 'reserved', identity_id = $3, case_id = $4, held_by = $5, held_at = "
      "$6, "
      "outbox_id = NULL WHERE workspace_id = $1 AND id = $2",
      {receiver.workspace_id, held->id, receiver.identity_id, receiver.case_id, receiver.user_id, now_ms}));
  return std::move(*held);
}

Result<void> tell_case(store::Transaction& tx, events::EventLog& log, std::string_view kind, Id workspace_id,
                       Id case_id, Id actor_id, std::string_view list_name) {
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = kind;
  event.case_id = case_id;
  event.actor_id = actor_id;
  event.data = json::serialize(json::object{{"list", list_name}});
  return log.append(tx, std::move(event));
}

// Told once on the way down when a list is low, and once when nothing is left: only filling it, or another
// threshold, makes that happen again. A code that comes back with a reply does not. What is reserved counts
// as there. Whoever fills a list sees what is in it, and need not be told.
enum class Filled : std::uint8_t { kNo, kYes };
Result<void> note_stock(store::Transaction& tx, events::EventLog& log, Id workspace_id, Id list_id,
                        Id actor_id, Filled filled) {
  struct Known {
    std::string name;
    std::int64_t warn_below = 0;
    std::int64_t told = 0;
  };
  const auto list = TRY(tx.db().one(
      "SELECT name, warn_below, stock_told FROM reward_lists WHERE workspace_id = $1 AND id = $2",
      {workspace_id, list_id},
      [](const store::Row& row) { return Known{row.string(0), row.integer(1), row.integer(2)}; }));
  if (!list) return {};
  const auto left =
      TRY(tx.db().one(
              "SELECT COUNT(*) FROM (SELECT 1 FROM reward_codes WHERE workspace_id = $1 AND list_id = "
              "$2 AND state IN ('free', 'reserved') LIMIT $3) few",
              {workspace_id, list_id, list->warn_below + 1},
              [](const store::Row& row) { return row.integer(0); }))
          .value_or(0);
  const std::int64_t stock = left == 0 ? 2 : left <= list->warn_below ? 1 : 0;
  if (stock == list->told || (stock < list->told && filled == Filled::kNo)) return {};
  TRY(tx.db().run("UPDATE reward_lists SET stock_told = $3 WHERE workspace_id = $1 AND id = $2",
                  {workspace_id, list_id, stock}));
  if (stock < list->told || filled == Filled::kYes) return {};
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "rewards.low";
  event.actor_id = actor_id;
  event.data =
      json::serialize(json::object{{"list_id", to_string(list_id)}, {"list", list->name}, {"free", left}});
  return log.append(tx, std::move(event));
}

std::string_view first_cell(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  if (!line.empty() && line.front() == '"') {
    const auto close = line.find('"', 1);
    return close == std::string_view::npos ? line.substr(1) : line.substr(1, close - 1);
  }
  auto cell = line.substr(0, line.find_first_of(",;\t"));
  while (!cell.empty() && cell.back() == ' ') cell.remove_suffix(1);
  return cell;
}

bool is_heading(std::string_view cell) {
  const auto folded = text::fold(cell);
  return folded == "code" || folded == "codes" || folded == "coupon" || folded == "coupon code" ||
         folded == "コード" || folded == "クーポンコード";
}

}  // namespace

Result<std::vector<std::string>> codes_of(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text::find_invalid_utf8(text)) return invalid("The text is no UTF-8.", "/text");
  std::vector<std::string> codes;
  std::set<std::string, std::less<>> seen;
  std::size_t line_number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto cell = first_cell(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    ++line_number;
    if (cell.empty() || (codes.empty() && is_heading(cell))) continue;
    if (cell.size() > kCodeLimitBytes || cell.find("{{") != std::string_view::npos) {
      return invalid("Line " + std::to_string(line_number) + " is no code of at most 200 bytes.", "/text");
    }
    if (!seen.emplace(cell).second) continue;
    codes.emplace_back(cell);
    if (codes.size() > kCodesPerUpload)
      return Error{ErrorKind::kTooLarge, "At most 100,000 codes in one upload.", "/text", "too_many", 0};
  }
  if (codes.empty()) return invalid("There is no code in it.", "/text");
  return codes;
}

Result<RewardList> read_reward_list(JsonView value, const RewardList& before) {
  if (!value.is_object()) return invalid("expected an object", value.pointer());
  RewardList list = before;
  if (!value["key"].is_null() || before.key.empty()) list.key = TRY(saved::read_key(value["key"]));
  list.name =
      TRY(value["name"].string_or(before.name.empty() ? list.key : before.name, saved::kNameLimitBytes));
  if (list.name.empty()) return invalid("must not be empty", value.pointer() + "/name");
  list.warn_below = TRY(value["warn_below"].integer_or(before.warn_below));
  if (list.warn_below < 0 || list.warn_below > kWarnLimit)
    return invalid("expected a number from 0 to 1,000,000", value.pointer() + "/warn_below");
  return list;
}

json::object to_json(const RewardList& list) {
  return {{"id", to_string(list.id)},
          {"key", list.key},
          {"name", list.name},
          {"warn_below", list.warn_below},
          {"free", list.free},
          {"reserved", list.reserved},
          {"given", list.given},
          {"is_low", list.is_low()},
          {"created_at", to_rfc3339(list.created_at)}};
}

json::object to_json(const GivenCode& code) {
  return {{"code", code.code},
          {"case_id", to_string(code.case_id)},
          {"case_number", code.case_number},
          {"customer_name", code.customer_name},
          {"given_by", code.given_by},
          {"given_at", to_rfc3339(code.given_at)}};
}

Result<void> Rewards::tell(store::Transaction& tx, Id workspace_id, Id actor_id, Id list_id,
                           std::string_view change) {
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "rewards.changed";
  event.actor_id = actor_id;
  event.data = json::serialize(json::object{{"list_id", to_string(list_id)}, {"change", change}});
  return log_.append(tx, std::move(event));
}

Result<std::vector<RewardList>> Rewards::lists(Id workspace_id) {
  auto reader = TRY(db_.reader());
  static const std::string sql = std::string(kListSql) + "ORDER BY l.name, l.id";
  return reader->all(sql, {workspace_id}, read_list);
}

Result<RewardList> Rewards::list(Id workspace_id, Id list_id) {
  auto reader = TRY(db_.reader());
  return one_list(*reader, workspace_id, list_id);
}

Result<RewardList> Rewards::add(Id workspace_id, Id actor_id, const RewardList& list) {
  const auto id = ids_.next();
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<RewardList> {
    auto& db = tx.db();
    const auto other = TRY(db.one(
        "SELECT name FROM reward_lists WHERE workspace_id = $1 AND list_key = $2 AND archived_at IS NULL",
        {workspace_id, list.key}, [](const store::Row& row) { return row.string(0); }));
    if (other)
      return Error{ErrorKind::kConflict, "The key belongs to \"" + *other + "\".", "/key", "key_taken", 0};
    const auto count =
        TRY(db.one("SELECT COUNT(*) FROM reward_lists WHERE workspace_id = $1 AND archived_at IS NULL",
                   {workspace_id}, [](const store::Row& row) { return row.integer(0); }));
    if (count.value_or(0) >= static_cast<std::int64_t>(kRewardListsLimit))
      return Error{ErrorKind::kTooLarge, "At most 200 lists.", {}, "too_many", 0};
    TRY(db.run(
        "INSERT INTO reward_lists (workspace_id, id, list_key, name, warn_below, created_by, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {workspace_id, id, list.key, list.name, list.warn_below, actor_id, clock_.now_ms()}));
    TRY(tell(tx, workspace_id, actor_id, id, "added"));
    return one_list(db, workspace_id, id);
  });
}

Result<RewardList> Rewards::change(Id workspace_id, Id actor_id, const RewardList& list) {
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<RewardList> {
    const auto before = TRY(one_list(tx.db(), workspace_id, list.id));
    // Saved replies point to the key.
    if (before.key != list.key) return invalid("The key of a list stays.", "/key");
    TRY(tx.db().run("UPDATE reward_lists SET name = $3, warn_below = $4 WHERE workspace_id = $1 AND id = $2",
                    {workspace_id, list.id, list.name, list.warn_below}));
    if (list.warn_below < before.warn_below) {
      TRY(note_stock(tx, log_, workspace_id, list.id, actor_id, Filled::kYes));
    } else if (list.warn_below > before.warn_below) {
      TRY(note_stock(tx, log_, workspace_id, list.id, actor_id, Filled::kNo));
    }
    TRY(tell(tx, workspace_id, actor_id, list.id, "changed"));
    return one_list(tx.db(), workspace_id, list.id);
  });
}

Result<void> Rewards::remove(Id workspace_id, Id actor_id, Id list_id) {
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto done =
        TRY(tx.db().run("UPDATE reward_lists SET archived_at = $3 WHERE workspace_id = $1 AND id = $2 AND "
                        "archived_at IS NULL",
                        {workspace_id, list_id, clock_.now_ms()}));
    if (done == 0) return not_found("There is no such list.");
    return tell(tx, workspace_id, actor_id, list_id, "removed");
  });
}

Result<Upload> Rewards::upload(Id workspace_id, Id actor_id, Id list_id, std::string_view text) {
  const auto codes = TRY(codes_of(text));
  TRY(list(workspace_id, list_id));
  Upload upload;
  for (std::size_t from = 0; from < codes.size(); from += kCodesAtOnce) {
    const auto to = std::min(codes.size(), from + kCodesAtOnce);
    const auto added = TRY(db_.writer().write_result([&](store::Transaction& tx) -> Result<std::int64_t> {
      std::int64_t count = 0;
      for (std::size_t i = from; i < to; ++i) {
        count += TRY(
            tx.db().run("INSERT INTO reward_codes (workspace_id, id, list_id, code) VALUES ($1, $2, $3, $4) "
                        "ON CONFLICT (workspace_id, list_id, code) DO NOTHING",
                        {workspace_id, ids_.next(), list_id, codes[i]}));
      }
      if (to == codes.size()) {
        TRY(note_stock(tx, log_, workspace_id, list_id, actor_id, Filled::kYes));
        TRY(tell(tx, workspace_id, actor_id, list_id, "uploaded"));
      }
      return count;
    }));
    upload.added += added;
  }
  upload.known = static_cast<std::int64_t>(codes.size()) - upload.added;
  return upload;
}

Result<std::vector<GivenCode>> Rewards::given(Id workspace_id, Id list_id, int limit) {
  TRY(list(workspace_id, list_id));
  auto reader = TRY(db_.reader());
  return reader->all(
      "SELECT c.code, c.case_id, k.number, COALESCE(NULLIF(i.name, ''), i.handle, ''), COALESCE(u.name, ''), "
      "c.held_at "
      "FROM reward_codes c LEFT JOIN cases k ON k.workspace_id = c.workspace_id AND k.id = c.case_id "
      "LEFT JOIN identities i ON i.workspace_id = c.workspace_id AND i.id = c.identity_id "
      "LEFT JOIN users u ON u.id = c.held_by "
      "WHERE c.workspace_id = $1 AND c.list_id = $2 AND c.state = 'given' ORDER BY c.outbox_id DESC LIMIT $3",
      {workspace_id, list_id, limit}, [](const store::Row& row) {
        return GivenCode{row.string(0), row.integer(1), row.integer(2),
                         row.string(3), row.string(4),  row.integer(5)};
      });
}

Result<RewardList> Rewards::reserve(const Receiver& receiver, Id list_id) {
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<RewardList> {
    TRY(hold(tx.db(), receiver, list_id, clock_.now_ms()));
    return one_list(tx.db(), receiver.workspace_id, list_id);
  });
}

Result<void> Rewards::release(const Receiver& receiver, Id list_id) {
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run(
        "UPDATE reward_codes SET state = 'free', identity_id = NULL, case_id = NULL, held_by = NULL, "
        "held_at = NULL WHERE workspace_id = $1 AND list_id = $2 AND case_id = $3 AND state = 'reserved'",
        {receiver.workspace_id, list_id, receiver.case_id}));
    return {};
  });
}

Result<std::string> bind_rewards(store::Transaction& tx, events::EventLog& log, const Receiver& receiver,
                                 Id outbox_id, std::string_view text, TimeMs now_ms) {
  auto& db = tx.db();
  std::string bound;
  std::size_t at = 0;
  for (const auto& variable : saved::variables_of(text)) {
    const auto key = saved::key_of(variable.name, "reward");
    if (!key) continue;
    const auto list =
        TRY(db.one("SELECT id, name FROM reward_lists WHERE workspace_id = $1 AND list_key = $2 "
                   "AND archived_at IS NULL",
                   {receiver.workspace_id, *key},
                   [](const store::Row& row) { return std::pair(row.integer(0), row.string(1)); }));
    if (!list) {
      return Error{ErrorKind::kUnprocessable, "There is no list of rewards \"" + *key + "\".", "/text",
                   "no_reward_list", 0};
    }
    const auto& [list_id, name] = *list;
    const auto held = TRY(hold(db, receiver, list_id, now_ms));
    TRY(db.run("UPDATE reward_codes SET state = 'given', outbox_id = $3 WHERE workspace_id = $1 AND id = $2",
               {receiver.workspace_id, held.id, outbox_id}));
    TRY(tell_case(tx, log, "reward.given", receiver.workspace_id, receiver.case_id, receiver.user_id, name));
    TRY(note_stock(tx, log, receiver.workspace_id, list_id, 0, Filled::kNo));
    bound += text.substr(at, variable.range.begin - at);
    bound += held.code;
    at = variable.range.end;
  }
  bound += text.substr(at);
  return bound;
}

Result<void> unbind_rewards(store::Transaction& tx, events::EventLog& log, Id workspace_id, Id outbox_id,
                            Id actor_id) {
  auto& db = tx.db();
  const auto codes =
      TRY(db.all("SELECT c.id, c.case_id, l.name FROM reward_codes c JOIN reward_lists l ON l.workspace_id = "
                 "c.workspace_id AND "
                 "l.id = c.list_id WHERE c.workspace_id = $1 AND c.outbox_id = $2 AND c.state = 'given'",
                 {workspace_id, outbox_id}, [](const store::Row& row) {
                   return std::tuple(row.integer(0), row.integer(1), row.string(2));
                 }));
  for (const auto& [id, case_id, name] : codes) {
    TRY(
        db.run("UPDATE reward_codes SET state = 'free', identity_id = NULL, case_id = NULL, held_by = NULL, "
               "held_at = "
               "NULL, outbox_id = NULL WHERE workspace_id = $1 AND id = $2",
               {workspace_id, id}));
    TRY(tell_case(tx, log, "reward.returned", workspace_id, case_id, actor_id, name));
  }
  return {};
}

}  // namespace kiki::reply
