#include "reply/outbox.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>

#include "cases/private_links.hpp"

namespace kiki::reply {

namespace {

constexpr int kWindow = 2'000;  // of the longest due, so that a look stays cheap however long the outbox is
constexpr int kRowsOfEach = 8;  // one goes at a time; the rest is for the order of the next look

constexpr std::string_view kColumns =
    "workspace_id, id, case_id, account_id, post_id, action, target_external_id, network_key, request_id, "
    "body, state, "
    "attempts, next_at, error, error_code, created_by, created_at, sent_at, confirmed_at, receipt, "
    "receipt_at";

OutboxRow read(const store::Row& row) {
  OutboxRow out;
  out.workspace_id = row.integer(0);
  out.id = row.integer(1);
  out.case_id = row.integer(2);
  out.account_id = row.integer(3);
  out.post_id = row.integer(4);
  out.action = row.string(5);
  out.target_external_id = row.string(6);
  out.network_key = row.string(7);
  out.request_id = row.string(8);
  out.body = row.string(9);
  out.state = row.string(10);
  out.attempts = row.integer(11);
  out.next_at = row.maybe_integer(12);
  out.error = row.string(13);
  out.error_code = row.string(14);
  out.created_by = row.integer(15);
  out.created_at = row.integer(16);
  out.sent_at = row.maybe_integer(17);
  out.confirmed_at = row.maybe_integer(18);
  out.receipt = row.string(19);
  out.receipt_at = row.maybe_integer(20);
  return out;
}

std::string select(std::string_view rest) {
  return "SELECT " + std::string(kColumns) + " FROM outbox " + std::string(rest);
}

store::Param id_or_null(Id id) {
  return id == 0 ? store::Param(nullptr) : store::Param(id);
}

}  // namespace

Result<void> insert(store::Connection& db, const OutboxRow& row) {
  TRY(
      db.run("INSERT INTO outbox (workspace_id, id, case_id, account_id, post_id, action, "
             "target_external_id, network_key, "
             "request_id, body, state, next_at, created_by, created_at) "
             "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
             {row.workspace_id, row.id, row.case_id, row.account_id, id_or_null(row.post_id), row.action,
              row.target_external_id, row.network_key, row.request_id, row.body, row.state, row.next_at,
              row.created_by, row.created_at}));
  return {};
}

Result<std::optional<OutboxRow>> find(store::Connection& db, Id workspace_id, Id id) {
  static const std::string sql = select("WHERE workspace_id = $1 AND id = $2");
  return db.one(sql, {workspace_id, id}, read);
}

Result<std::optional<OutboxRow>> find_by_request(store::Connection& db, Id workspace_id,
                                                 std::string_view request_id) {
  static const std::string sql = select("WHERE workspace_id = $1 AND request_id = $2");
  return db.one(sql, {workspace_id, request_id}, read);
}

Result<std::optional<OutboxRow>> find_by_post(store::Connection& db, Id workspace_id, Id post_id,
                                              std::string_view action) {
  static const std::string sql =
      select("WHERE workspace_id = $1 AND post_id = $2 AND action = $3 ORDER BY id DESC LIMIT 1");
  return db.one(sql, {workspace_id, post_id, action}, read);
}

bool is_in_doubt(const OutboxRow& row) {
  return row.state == "sending" || row.state == "unclear";
}

Result<std::vector<OutboxRow>> due(store::Connection& db, TimeMs now_ms, int limit) {
  // A few of each account: what one of them has waiting must not hide the others. Ranked by keys alone.
  const auto of_each = [](std::string_view condition) {
    return "SELECT " + std::string(kColumns) +
           " FROM (SELECT workspace_id AS w, id AS i, ROW_NUMBER() OVER (PARTITION BY workspace_id, "
           "account_id ORDER BY next_at, id) AS place FROM (SELECT workspace_id, account_id, id, next_at "
           "FROM outbox WHERE next_at <= $1 AND " +
           std::string(condition) +
           " ORDER BY next_at, id LIMIT $4) AS longest) AS waiting JOIN outbox ON workspace_id = w AND id = "
           "i "
           "WHERE place <= $2 ORDER BY place, next_at, id LIMIT $3";
  };
  static const std::string in_doubt = of_each("state IN ('sending', 'unclear')");
  static const std::string others = of_each("next_at IS NOT NULL AND state NOT IN ('sending', 'unclear')");
  auto rows = TRY(db.all(in_doubt, {now_ms, kRowsOfEach, (limit + 1) / 2, kWindow}, read));
  auto rest =
      TRY(db.all(others, {now_ms, kRowsOfEach, limit - static_cast<int>(rows.size()), kWindow}, read));
  std::ranges::move(rest, std::back_inserter(rows));
  return rows;
}

Result<std::optional<TimeMs>> next_due(store::Connection& db) {
  return db.one("SELECT next_at FROM outbox WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1", {},
                [](const store::Row& row) { return row.integer(0); });
}

Result<std::vector<OutboxRow>> waiting_to_be_fetched(store::Connection& db, Id workspace_id, Id account_id,
                                                     Id after, int limit) {
  static const std::string sql = select(
      "WHERE workspace_id = $1 AND account_id = $2 AND id > $3 AND action = 'reply' AND state = 'queued' "
      "AND next_at IS NULL ORDER BY id LIMIT $4");
  return db.all(sql, {workspace_id, account_id, after, limit}, read);
}

Result<void> tell(store::Transaction& tx, events::EventLog& log, const OutboxRow& row, std::string_view kind,
                  Id actor_id, const json::object& data) {
  json::object told{{"reply_id", to_string(row.id)}};
  for (const auto& field : data) told.insert(field);
  events::Event event;
  event.workspace_id = row.workspace_id;
  event.kind = kind;
  event.case_id = row.case_id;
  event.post_id = row.post_id;
  event.actor_id = actor_id;
  event.data = json::serialize(told);
  return log.append(tx, std::move(event));
}

Result<bool> move(store::Transaction& tx, events::EventLog& log, const OutboxRow& row, const Change& change,
                  TimeMs now_ms, Id actor_id) {
  const std::int64_t step = change.count_attempt ? 1 : 0;
  const auto changed = TRY(tx.db().run(
      "UPDATE outbox SET state = $1, next_at = $2, error = $3, error_code = $4, "
      "attempts = CASE WHEN $5 = 1 THEN 0 ELSE attempts + $6 END, "
      "receipt = CASE WHEN $5 = 1 THEN '' ELSE receipt END, "
      "sent_at = CASE WHEN $1 = 'sent' OR ($1 = 'confirmed' AND sent_at IS NULL) THEN $7 ELSE sent_at END, "
      "confirmed_at = CASE WHEN $1 = 'confirmed' THEN $7 ELSE confirmed_at END "
      "WHERE workspace_id = $8 AND id = $9 AND state = $10",
      {change.state, change.next_at, change.error, change.error_code, change.reset_attempts ? 1 : 0, step,
       now_ms, row.workspace_id, row.id, row.state}));
  if (changed == 0) return false;
  json::object data{{"action", row.action}, {"state", change.state}};
  if (!change.error_code.empty()) data["error_code"] = change.error_code;
  TRY(tell(tx, log, row, "reply.state", actor_id, data));
  // Before it has left, a link in it has offered nobody anything.
  if (change.state == "sent" || change.state == "confirmed" || change.state == "done_there")
    TRY(cases::offer_private_links(tx, log, row.workspace_id, row.id, now_ms));
  return true;
}

json::object to_json(const OutboxRow& row, std::string_view post_url) {
  const auto time_or_null = [](std::optional<TimeMs> time) -> json::value {
    return time ? json::value(to_rfc3339(*time)) : json::value(nullptr);
  };
  const bool held = row.state == "held";
  return {
      {"id", to_string(row.id)},
      {"case_id", to_string(row.case_id)},
      {"post_id", row.post_id == 0 ? json::value(nullptr) : json::value(to_string(row.post_id))},
      {"action", row.action},
      {"state", row.state},
      {"held_until", held ? time_or_null(row.next_at) : json::value(nullptr)},
      {"next_try_at", !held && (row.state == "queued" || row.state == "unclear") ? time_or_null(row.next_at)
                                                                                 : json::value(nullptr)},
      {"attempts", row.attempts},
      {"error", row.error},
      {"error_code", row.error_code},
      {"receipt", row.receipt},
      {"receipt_at", time_or_null(row.receipt_at)},
      {"url", std::string(post_url)},
      {"created_by", to_string(row.created_by)},
      {"created_at", to_rfc3339(row.created_at)}};
}

}  // namespace kiki::reply
