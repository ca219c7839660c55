#include "teamwork/actions.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "promises/book.hpp"
#include "teamwork/escalations.hpp"
#include "teamwork/teams.hpp"

namespace kiki::teamwork {

namespace {

constexpr std::int64_t kSnoozeMostMinutes = 365 * 24 * 60;
constexpr std::size_t kUsersMost = 100;
constexpr TimeMs kMinuteMs = 60'000;

Result<std::optional<Id>> maybe_id(JsonView value) {
  if (value.is_null()) return std::optional<Id>();
  const auto id = parse_id(TRY(value.string(32)));
  if (!id) return invalid("expected an id", value.pointer());
  return id;
}

Result<Action> parse_action(JsonView one, For whom) {
  Action action;
  action.what = TRY(one["do"].string(40));
  const auto& what = action.what;
  const auto wrong = [&]() { return invalid("is nothing that can be done here", one["do"].pointer()); };
  const bool is_rule = whom == For::kRule;
  if (what == "assign") {
    if (!one["user_id"].exists()) return invalid("is required", one.pointer() + "/user_id");
    action.user_id = TRY(maybe_id(one["user_id"]));
  } else if (what == "assign_me" || what == "reply") {
    if (is_rule) return wrong();
    if (what == "reply") action.text = TRY(one["text"].string(cases::kDraftLimitBytes));
  } else if (what == "team" || what == "escalate") {
    if (!one["team_id"].exists()) return invalid("is required", one.pointer() + "/team_id");
    action.team_id = TRY(maybe_id(one["team_id"]));
    if (what == "team") action.skill = TRY(one["skill"].string_or("", kNameMostBytes));
    if (what == "escalate") action.text = TRY(one["text"].string_or("", cases::kNoteLimitBytes));
    if (what == "escalate" && !action.team_id) return invalid("is required", one.pointer() + "/team_id");
  } else if (what == "open" || what == "resolve") {
  } else if (what == "dismiss") {
    action.text = TRY(one["reason"].string(cases::kReasonLimitBytes));
    if (action.text.empty()) return invalid("must not be empty", one.pointer() + "/reason");
  } else if (what == "snooze") {
    action.minutes = TRY(one["minutes"].integer());
    if (action.minutes < 1 || action.minutes > kSnoozeMostMinutes)
      return invalid("must be 1 to 525600", one.pointer() + "/minutes");
  } else if (what == "priority") {
    action.priority = TRY(one["priority"].string(20));
    if (!promises::is_priority(action.priority))
      return invalid("expected low, normal, high or urgent", one.pointer() + "/priority");
  } else if (what == "add_tags" || what == "remove_tags") {
    const auto tags = one["tags"];
    if (!tags.is_array() || tags.size() == 0) return invalid("expected tags", one.pointer() + "/tags");
    if (tags.size() > cases::kTagsLimit) return invalid("too many", tags.pointer());
    TRY(tags.each([&](JsonView tag) -> Result<void> {
      action.tags.push_back(TRY(tag.string(cases::kTagLimitBytes)));
      if (action.tags.back().empty()) return invalid("must not be empty", tag.pointer());
      return {};
    }));
  } else if (what == "note") {
    action.text = TRY(one["text"].string(cases::kNoteLimitBytes));
    if (action.text.find_first_not_of(" \t\r\n") == std::string::npos)
      return invalid("must not be empty", one.pointer() + "/text");
  } else if (what == "notify") {
    if (!is_rule) return wrong();
    action.text = TRY(one["text"].string_or("", cases::kReasonLimitBytes));
    action.team_id = TRY(maybe_id(one["team_id"]));
    if (one["user_ids"].is_array()) {
      if (one["user_ids"].size() > kUsersMost) return invalid("too many", one["user_ids"].pointer());
      TRY(one["user_ids"].each([&](JsonView user) -> Result<void> {
        const auto id = TRY(maybe_id(user));
        if (!id) return invalid("expected an id", user.pointer());
        action.users.push_back(*id);
        return {};
      }));
    }
    if (!action.team_id && action.users.empty()) return invalid("nobody to tell", one.pointer());
  } else {
    return wrong();
  }
  return action;
}

// Gives the case to the right one of a team whose cases are spread by load.
Result<void> give_by_load(store::Transaction& tx, const Hands& hands, const cases::Change& change, Id team_id,
                          const std::string& skill) {
  const auto now_ms = hands.clock.now_ms();
  const auto language = TRY(language_of_case(tx.db(), change.workspace_id, change.case_id));
  const auto who = TRY(least_loaded(tx.db(), change.workspace_id, {team_id, skill, language}, now_ms));
  if (!who) return {};  // everybody is full or away: it waits in the team's queue
  TRY(hands.cases.assign(tx, change, who));
  TRY(tx.db().run(
      "INSERT INTO member_work (workspace_id, user_id, last_given_at) VALUES ($1, $2, $3) ON CONFLICT "
      "(workspace_id, user_id) DO UPDATE SET last_given_at = excluded.last_given_at",
      {change.workspace_id, *who, now_ms}));
  return {};
}

Result<void> go_to_team(store::Transaction& tx, const Hands& hands, const cases::Change& change,
                        const Action& action) {
  TRY(hands.cases.set_team(tx, change, action.team_id));
  if (!action.team_id) return {};
  const auto by_load = TRY(tx.db().one("SELECT assigning FROM teams WHERE workspace_id = $1 AND id = $2",
                                       {change.workspace_id, *action.team_id},
                                       [](const store::Row& row) { return row.text(0) == "by_load"; }));
  if (!by_load.value_or(false)) return {};
  // Whoever has it and belongs to the team keeps it.
  const auto kept =
      TRY(tx.db().one("SELECT 1 FROM cases c JOIN team_members m ON m.workspace_id = c.workspace_id AND "
                      "m.team_id = c.team_id AND "
                      "m.user_id = c.assignee_id WHERE c.workspace_id = $1 AND c.id = $2",
                      {change.workspace_id, change.case_id}, [](const store::Row&) { return true; }));
  if (kept) return {};
  return give_by_load(tx, hands, change, *action.team_id, action.skill);
}

struct Draft {
  std::string text;
  std::string attachments = "[]";
};
Result<std::optional<Draft>> reply_draft(store::Connection& db, const Doing& doing) {
  return db.one(
      "SELECT text, attachment_ids FROM drafts WHERE workspace_id = $1 AND case_id = $2 AND user_id = $3 AND "
      "kind = 'reply'",
      {doing.workspace_id, doing.case_id, doing.actor_id},
      [](const store::Row& row) { return Draft{row.string(0), row.string(1)}; });
}
std::vector<Id> ids_in(const std::string& text) {
  std::vector<Id> ids;
  boost::system::error_code bad;
  const auto value = json::parse(text, bad);
  if (bad || !value.is_array()) return ids;
  for (const auto& one : value.get_array()) {
    if (one.is_string())
      if (const auto id = parse_id(one.get_string())) ids.push_back(*id);
  }
  return ids;
}

Result<void> begin_reply(store::Transaction& tx, const Hands& hands, const Doing& doing,
                         const cases::Change& change, const Action& action, json::object& undo) {
  const auto before = TRY(reply_draft(tx.db(), doing)).value_or(Draft{});
  std::string text = before.text;
  if (!text.empty()) text += "\n\n";
  text += action.text;
  TRY(hands.cases.save_draft(tx, change, "reply", text, ids_in(before.attachments)));
  undo["draft"] = {{"before", before.text}, {"after", text}};
  return {};
}

Result<void> tell_people(store::Transaction& tx, const Hands& hands, const Doing& doing, const Action& action,
                         std::size_t place) {
  std::set<Id> users(action.users.begin(), action.users.end());
  if (action.team_id) {
    const auto members = TRY(tx.db().all(
        "SELECT user_id FROM team_members WHERE workspace_id = $1 AND team_id = $2",
        {doing.workspace_id, *action.team_id}, [](const store::Row& row) { return row.integer(0); }));
    users.insert(members.begin(), members.end());
  }
  if (users.empty()) return {};
  const auto row = TRY(cases::read_row(tx.db(), doing.workspace_id, doing.case_id));
  notify::Notice notice;
  notice.workspace_id = doing.workspace_id;
  notice.dedupe_key = doing.by + ":" + doing.key + ":" + std::to_string(place);
  notice.kind = "rule";
  notice.severity = 5;
  notice.users.assign(users.begin(), users.end());
  notice.data = json::serialize(json::object{{"rule", doing.name},
                                             {"text", action.text},
                                             {"number", row.number},
                                             {"case_id", to_string(doing.case_id)},
                                             {"of_customer", true},
                                             {"path", "/all/case/" + to_string(doing.case_id)}});
  return hands.tell(tx, notice);
}

Result<void> perform_one(store::Transaction& tx, const Hands& hands, const Doing& doing,
                         const cases::Change& change, const Action& action, std::size_t place,
                         json::array& changes, json::object& undo) {
  const auto& what = action.what;
  auto& cases = hands.cases;
  if (what == "assign" || what == "assign_me") {
    auto who = what == "assign_me" ? std::optional(doing.actor_id) : action.user_id;
    // Nobody at the keyboard would see that this person is away.
    if (who && doing.actor_id == 0)
      who = TRY(acting_for(tx.db(), doing.workspace_id, *who, hands.clock.now_ms())).value_or(*who);
    TRY(cases.assign(tx, change, who));
  } else if (what == "team") {
    TRY(go_to_team(tx, hands, change, action));
  } else if (what == "open") {
    TRY(cases.open(tx, change));
  } else if (what == "resolve") {
    TRY(cases.resolve(tx, change));
  } else if (what == "dismiss") {
    TRY(cases.dismiss(tx, change, action.text));
  } else if (what == "snooze") {
    TRY(cases.snooze(tx, change, hands.clock.now_ms() + action.minutes * kMinuteMs));
  } else if (what == "priority") {
    TRY(cases.set_priority(tx, change, action.priority));
  } else if (what == "add_tags") {
    TRY(cases.change_tags(tx, change, action.tags, {}));
  } else if (what == "remove_tags") {
    TRY(cases.change_tags(tx, change, {}, action.tags));
  } else if (what == "note") {
    TRY(cases.add_note(tx, change, action.text));
  } else if (what == "reply") {
    TRY(begin_reply(tx, hands, doing, change, action, undo));
  } else if (what == "escalate") {
    TRY(escalate(
        tx, hands,
        {doing.workspace_id, doing.case_id, doing.actor_id, *action.team_id, action.text, doing.by}));
  } else if (what == "notify") {
    TRY(tell_people(tx, hands, doing, action, place));
    changes.push_back(json::object{{"do", "notify"}});
  }
  return {};
}

json::object change_of(const std::string& kind, const json::object& data) {
  json::object change{{"do", kind}};
  for (const auto* name : {"from", "to", "added", "removed", "until", "reason"}) {
    if (data.contains(name)) change[name] = data.at(name);
  }
  return change;
}

}  // namespace

Result<Actions> parse_actions(JsonView list, For whom) {
  Actions actions;
  if (!list.is_array() || list.size() == 0) return invalid("nothing to do", list.pointer());
  if (list.size() > kActionsMost) return invalid("too many at once", list.pointer());
  TRY(list.each([&](JsonView one) -> Result<void> {
    actions.push_back(TRY(parse_action(one, whom)));
    return {};
  }));
  return actions;
}

json::array to_json(const Actions& actions) {
  json::array list;
  const auto id = [](const std::optional<Id>& value) {
    return value ? json::value(to_string(*value)) : json::value();
  };
  for (const auto& action : actions) {
    json::object one{{"do", action.what}};
    const auto& what = action.what;
    if (what == "assign") one["user_id"] = id(action.user_id);
    if (what == "team" || what == "escalate" || what == "notify") one["team_id"] = id(action.team_id);
    if (what == "team") one["skill"] = action.skill;
    if (what == "dismiss") one["reason"] = action.text;
    if (what == "note" || what == "reply" || what == "escalate" || what == "notify")
      one["text"] = action.text;
    if (what == "snooze") one["minutes"] = action.minutes;
    if (what == "priority") one["priority"] = action.priority;
    if (!action.tags.empty()) {
      json::array tags;
      for (const auto& tag : action.tags) tags.emplace_back(tag);
      one["tags"] = std::move(tags);
    }
    if (what == "notify") {
      json::array users;
      for (const Id user : action.users) users.emplace_back(to_string(user));
      one["user_ids"] = std::move(users);
    }
    list.push_back(std::move(one));
  }
  return list;
}

bool may_pass(const Error& error) {
  return is_retryable(error.kind) || error.kind == ErrorKind::kUnclear || error.kind == ErrorKind::kCancelled;
}

Result<Did> perform(store::Transaction& tx, const Hands& hands, const Doing& doing, const Actions& actions) {
  json::array changes;
  json::object undo;
  const auto before = tx.next_event_seq();
  const cases::Change change{doing.workspace_id, doing.case_id, doing.actor_id, std::nullopt, doing.by};
  // Also when nothing is to be done: a case that is not here is refused.
  TRY(cases::read_row(tx.db(), doing.workspace_id, doing.case_id));
  for (std::size_t i = 0; i < actions.size(); ++i)
    TRY(perform_one(tx, hands, doing, change, actions[i], i, changes, undo));
  Did did;
  json::array events;
  TRY(tx.db().query(
      "SELECT seq, kind, data FROM events WHERE workspace_id = $1 AND case_id = $2 AND seq > $3 AND kind <> "
      "'post.received' ORDER BY seq",
      std::initializer_list<store::Param>{doing.workspace_id, doing.case_id, before},
      [&](const store::Row& row) {
        events.emplace_back(std::to_string(row.integer(0)));
        did.events.push_back(row.integer(0));
        boost::system::error_code bad;
        const auto data = json::parse(row.text(2), bad);
        changes.push_back(
            change_of(row.string(1), bad || !data.is_object() ? json::object() : data.get_object()));
      }));
  undo["events"] = std::move(events);
  did.anything = !changes.empty();
  did.changes = json::serialize(changes);
  did.undo = json::serialize(undo);
  return did;
}

Result<void> take_back(store::Transaction& tx, const Hands& hands, const Doing& doing,
                       std::string_view undo_text) {
  boost::system::error_code bad;
  const auto undo = json::parse(undo_text, bad);
  if (bad || !undo.is_object()) return conflict("This cannot be undone.", "not_undoable");
  const cases::Change change{doing.workspace_id, doing.case_id, doing.actor_id, std::nullopt, doing.by};
  const auto& all = undo.get_object();
  const auto* list = all.if_contains("events");
  if (list != nullptr && list->is_array()) {
    const auto& events = list->get_array();
    for (auto at = events.rbegin(); at != events.rend(); ++at) {
      const auto seq = parse_id(at->is_string() ? std::string_view(at->get_string()) : std::string_view());
      if (!seq) return conflict("This cannot be undone.", "not_undoable");
      const auto event = TRY(
          tx.db().one("SELECT kind, data FROM events WHERE workspace_id = $1 AND seq = $2 AND case_id = $3",
                      {doing.workspace_id, *seq, doing.case_id},
                      [](const store::Row& row) { return std::pair(row.string(0), row.string(1)); }));
      if (!event) return conflict("This cannot be undone.", "not_undoable");
      if (event->first == "draft.changed") continue;
      if (event->first == "note.added") {
        const auto data = json::parse(event->second, bad);
        const auto* note = bad || !data.is_object() ? nullptr : data.get_object().if_contains("note_id");
        const auto id = note == nullptr || !note->is_string() ? std::nullopt : parse_id(note->get_string());
        if (!id) return conflict("This cannot be undone.", "not_undoable");
        TRY(hands.cases.delete_note(tx, doing.workspace_id, *id, doing.actor_id, true));
      } else if (event->first == "escalation.state") {
        TRY(withdraw_by_event(tx, hands, {doing.workspace_id, doing.case_id, doing.actor_id, 0, {}, doing.by},
                              event->second));
      } else {
        TRY(hands.cases.undo(tx, change, *seq));
      }
    }
  }
  const auto* draft = all.if_contains("draft");
  if (draft != nullptr && draft->is_object()) {
    const auto now = TRY(reply_draft(tx.db(), doing));
    // What the person has written on since is theirs.
    if (now && now->text == std::string_view(draft->at("after").as_string()))
      TRY(hands.cases.save_draft(tx, change, "reply", draft->at("before").as_string(),
                                 ids_in(now->attachments)));
  }
  return {};
}

}  // namespace kiki::teamwork
