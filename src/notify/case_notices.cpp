#include "notify/case_notices.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace kiki::notify {

namespace {

// Nothing a customer wrote, nor their name: a notice stays when those are deleted.
struct Facts {
  std::int64_t number = 0;
  std::optional<Id> assignee_id;
};

Result<std::optional<Facts>> facts_of(store::Transaction& tx, const events::Event& event) {
  return tx.db().one("SELECT number, assignee_id FROM cases WHERE workspace_id = $1 AND id = $2",
                     {event.workspace_id, event.case_id},
                     [](const store::Row& row) { return Facts{row.integer(0), row.maybe_integer(1)}; });
}

// Who may decide what agents may not.
Result<std::vector<Id>> leads(store::Transaction& tx, Id workspace_id) {
  return tx.db().all(
      "SELECT user_id FROM memberships WHERE workspace_id = $1 AND role IN ('owner', 'administrator', "
      "'lead') ORDER BY user_id",
      {workspace_id}, [](const store::Row& row) { return row.integer(0); });
}

Result<std::vector<Id>> workers(store::Transaction& tx, Id workspace_id) {
  return tx.db().all(
      "SELECT user_id FROM memberships WHERE workspace_id = $1 AND role <> 'viewer' ORDER BY user_id",
      {workspace_id}, [](const store::Row& row) { return row.integer(0); });
}

Result<std::string> name_of(store::Transaction& tx, Id user_id) {
  return TRY(tx.db().one("SELECT name FROM users WHERE id = $1", {user_id},
                         [](const store::Row& row) { return row.string(0); }))
      .value_or("");
}

// When very many promises break at once (the desk was away, a storm), the first ones say so loudly; the
// others stand in the console and go to webhooks, but ring nobody's mailbox.
constexpr int kLoudAtOnce = 20;
constexpr TimeMs kAtOnceMs = 10 * 60'000;
constexpr int kQuietSeverity = 1;

Result<bool> is_one_of_many(store::Transaction& tx, Id workspace_id, std::string_view kind, TimeMs at) {
  const auto latest = TRY(tx.db().one(
      "SELECT COUNT(*) FROM (SELECT kind, created_at FROM notices WHERE workspace_id = $1 ORDER BY id "
      "DESC LIMIT $2) AS latest WHERE kind = $3 AND created_at > $4",
      {workspace_id, kLoudAtOnce, kind, at - kAtOnceMs},
      [](const store::Row& row) { return row.integer(0); }));
  return latest.value_or(0) >= kLoudAtOnce;
}

std::string key(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) {
    if (!text.empty()) text += '/';
    text += part;
  }
  return text;
}

class Maker {
 public:
  Maker(store::Transaction& tx, const events::Event& event, Facts facts, JsonView data)
      : tx_(tx), event_(event), facts_(facts), data_(data) {
    notice_.workspace_id = event.workspace_id;
    notice_.to_webhooks = true;
    words_ = {{"case_id", to_string(event.case_id)},
              {"number", facts_.number},
              {"path", "/all/case/" + to_string(event.case_id)}};
  }

  Result<std::optional<Notice>> promise() {
    const bool broken = event_.kind == "promise.broken";
    const auto promise = data_["promise"].text();
    const auto due_at = data_["due_at"].text();
    notice_.kind = broken ? "promise_broken" : "promise_warned";
    const bool many = TRY(is_one_of_many(tx_, event_.workspace_id, notice_.kind, event_.at));
    notice_.severity = many ? kQuietSeverity : broken ? 8 : 6;
    notice_.dedupe_key = key({event_.kind, to_string(event_.case_id), promise, due_at});
    words_["promise"] = promise;
    words_["due_at"] = due_at;
    if (facts_.assignee_id) {
      notice_.users = {*facts_.assignee_id};
    } else {
      if (data_["on_duty"].is_array()) {
        TRY(data_["on_duty"].each([&](JsonView one) -> Result<void> {
          if (const auto id = parse_id(one.text())) notice_.users.push_back(*id);
          return {};
        }));
      }
      if (notice_.users.empty()) notice_.users = TRY(leads(tx_, event_.workspace_id));
    }
    return made();
  }

  Result<std::optional<Notice>> approval() {
    const auto state = data_["state"].text();
    const auto id = data_["approval_id"].text();
    words_["name"] = TRY(name_of(tx_, event_.actor_id));
    words_["note"] = data_["note"].text();
    notice_.dedupe_key = key({"approval", id, state});
    if (state == "waiting") {
      notice_.kind = "approval_asked";
      notice_.severity = 6;
      words_["path"] = "/approvals";
      notice_.users = TRY(leads(tx_, event_.workspace_id));
      std::erase(notice_.users, event_.actor_id);  // nobody approves their own
    } else if (state == "approved" || state == "returned") {
      notice_.kind = "approval_" + std::string(state);
      notice_.severity = 5;
      const auto asked_by = parse_id(data_["asked_by"].text());
      if (asked_by && *asked_by != event_.actor_id) notice_.users = {*asked_by};
    }
    return made();
  }

  // What we sent came back from the network.
  Result<std::optional<Notice>> returned() {
    const auto reply_id = parse_id(data_["reply_id"].text()).value_or(0);
    notice_.kind = "reply_returned";
    notice_.severity = 7;
    notice_.dedupe_key = key({"returned", to_string(reply_id), std::to_string(event_.seq)});
    const auto wrote = TRY(tx_.db().one("SELECT created_by FROM outbox WHERE workspace_id = $1 AND id = $2",
                                        {event_.workspace_id, reply_id},
                                        [](const store::Row& row) { return row.integer(0); }));
    if (wrote) notice_.users.push_back(*wrote);
    if (facts_.assignee_id && facts_.assignee_id != wrote) notice_.users.push_back(*facts_.assignee_id);
    return made();
  }

  Result<std::optional<Notice>> opinion() {
    words_["name"] = TRY(name_of(tx_, event_.actor_id));
    words_["note"] = data_["note"].text();
    notice_.dedupe_key = "opinion/" + std::to_string(event_.seq);
    notice_.to_webhooks = false;
    notice_.severity = 4;
    const auto answer = data_["answer"].text();
    if (answer.empty()) {
      notice_.kind = "opinion_asked";
      const auto asked_of = parse_id(data_["asked_of"].text());
      notice_.users = asked_of ? std::vector{*asked_of} : TRY(workers(tx_, event_.workspace_id));
      std::erase(notice_.users, event_.actor_id);
    } else if (answer != "dropped") {
      notice_.kind = "opinion_" + std::string(answer);
      const auto asked_by = parse_id(data_["asked_by"].text());
      if (asked_by && *asked_by != event_.actor_id) notice_.users = {*asked_by};
    }
    return made();
  }

 private:
  Result<std::optional<Notice>> made() {
    if (notice_.users.empty()) return std::optional<Notice>();
    notice_.data = json::serialize(words_);
    return std::optional(std::move(notice_));
  }

  store::Transaction& tx_;
  const events::Event& event_;
  Facts facts_;
  JsonView data_;
  Notice notice_;
  json::object words_;
};

}  // namespace

bool makes_notice(std::string_view kind) {
  return std::ranges::find(kNoticeEvents, kind) != kNoticeEvents.end();
}

Result<std::optional<Notice>> account_notice(store::Transaction& tx, const events::Event& event) {
  const auto document = JsonDocument::parse(event.data);
  if (!document.ok() || document->root()["mended"].exists()) return std::optional<Notice>();
  const auto account_id = parse_id(document->root()["account_id"].text()).value_or(0);
  const auto name = TRY(tx.db().one(
      "SELECT name, handle FROM accounts WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL",
      {event.workspace_id, account_id},
      [](const store::Row& row) { return row.text(0).empty() ? row.string(1) : row.string(0); }));
  if (!name) return std::optional<Notice>();
  Notice notice;
  notice.workspace_id = event.workspace_id;
  notice.kind = "account_" + std::string(document->root()["kind"].text());
  notice.severity = 8;
  notice.to_webhooks = true;
  notice.dedupe_key = key({"account", to_string(account_id), notice.kind, document->root()["since"].text()});
  notice.users = TRY(tx.db().all(
      "SELECT user_id FROM memberships WHERE workspace_id = $1 AND role IN ('owner', 'administrator') "
      "ORDER BY user_id",
      {event.workspace_id}, [](const store::Row& row) { return row.integer(0); }));
  notice.data = json::serialize(json::object{{"account_id", to_string(account_id)},
                                             {"account", *name},
                                             {"path", "/settings/accounts/" + to_string(account_id)}});
  return std::optional(std::move(notice));
}

Result<std::optional<Notice>> reward_notice(store::Transaction& tx, const events::Event& event) {
  const auto document = JsonDocument::parse(event.data);
  if (!document.ok()) return std::optional<Notice>();
  const auto data = document->root();
  const auto left = data["free"].integer_or(0);
  if (!left.ok()) return std::optional<Notice>();
  Notice notice;
  notice.workspace_id = event.workspace_id;
  notice.kind = *left == 0 ? "reward_none" : "reward_low";
  notice.severity = *left == 0 ? 6 : 5;
  notice.to_webhooks = true;
  notice.dedupe_key = key({event.kind, std::to_string(event.seq)});
  notice.users = TRY(leads(tx, event.workspace_id));
  std::erase(notice.users, event.actor_id);  // who set the threshold sees what is left
  notice.data = json::serialize(json::object{{"list_id", data["list_id"].text()},
                                             {"list", data["list"].text()},
                                             {"free", *left},
                                             {"path", "/settings/rewards"}});
  return std::optional(std::move(notice));
}

Result<std::optional<Notice>> case_notice(store::Transaction& tx, const events::Event& event) {
  const auto document = JsonDocument::parse(event.data);
  if (!document.ok()) return std::optional<Notice>();
  auto facts = TRY(facts_of(tx, event));
  if (!facts) return std::optional<Notice>();
  Maker maker(tx, event, *facts, document->root());
  if (event.kind.starts_with("promise.")) return maker.promise();
  if (event.kind == "approval.state") return maker.approval();
  if (event.kind == "reply.returned") return maker.returned();
  return maker.opinion();
}

}  // namespace kiki::notify
