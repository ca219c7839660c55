#include "cases/opinions.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"
#include "cases/case_state.hpp"
#include "cases/cases.hpp"

namespace kiki::cases {

using model::CaseStatus;

namespace {

constexpr std::size_t kOpinionNoteLimitBytes = 2'000;

std::string_view answer_of(CaseStatus status) {
  switch (status) {
    case CaseStatus::kOpen:
      return "respond";
    case CaseStatus::kWatched:
      return "watch";
    case CaseStatus::kDismissed:
      return "skip";
    case CaseStatus::kFound:
    case CaseStatus::kWaiting:
    case CaseStatus::kSnoozed:
    case CaseStatus::kResolved:
      return "other";
  }
  return "other";
}

boost::json::value maybe_id(std::optional<Id> id) {
  if (!id) return nullptr;
  return boost::json::value(to_string(*id));
}

Result<void> tell(store::Transaction& tx, events::EventLog& log, const Change& change,
                  const boost::json::object& data) {
  events::Event event;
  event.workspace_id = change.workspace_id;
  event.kind = "case.opinion";
  event.case_id = change.case_id;
  event.actor_id = change.actor_id;
  event.data = boost::json::serialize(data);
  return log.append(tx, std::move(event));
}

}  // namespace

Result<std::optional<Opinion>> take_opinion(store::Connection& db, Id workspace_id, Id case_id) {
  return db.one(
      "DELETE FROM case_opinions WHERE workspace_id = $1 AND case_id = $2 RETURNING asked_by, asked_of, "
      "note, asked_at",
      {workspace_id, case_id}, [](const store::Row& row) {
        return Opinion{row.integer(0), row.maybe_integer(1), row.string(2), row.integer(3)};
      });
}

boost::json::object opinion_part(const Opinion& opinion) {
  return {{"asked_by", to_string(opinion.asked_by)},
          {"asked_of", maybe_id(opinion.asked_of)},
          {"note", opinion.note},
          {"asked_at", opinion.asked_at}};
}

Result<void> restore_opinion(store::Connection& db, Id workspace_id, Id case_id,
                             const boost::json::object& part) {
  const auto text = [&](std::string_view name) {
    const auto* value = part.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  const auto* at = part.if_contains("asked_at");
  const auto asked_by = parse_id(text("asked_by"));
  if (!asked_by || at == nullptr || !at->is_int64()) return {};
  TRY(db.run(
      "INSERT INTO case_opinions (workspace_id, case_id, asked_by, asked_of, note, asked_at) VALUES ($1, $2, "
      "$3, $4, $5, $6) ON CONFLICT (workspace_id, case_id) DO NOTHING",
      {workspace_id, case_id, *asked_by, parse_id(text("asked_of")), text("note"), at->get_int64()}));
  return {};
}

Result<void> tell_opinion_answered(store::Transaction& tx, events::EventLog& log, const Change& change,
                                   const Opinion& opinion, CaseStatus decided) {
  return tell(tx, log, change, {{"answer", answer_of(decided)}, {"asked_by", to_string(opinion.asked_by)}});
}

Result<CaseRow> Cases::ask_opinion(const Change& change, std::optional<Id> of_user_id,
                                   std::string_view note) {
  if (note.size() > kOpinionNoteLimitBytes) return invalid("is too long", "/note");
  if (of_user_id == change.actor_id) return invalid("must be somebody else", "/user_id");
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<CaseRow> {
    auto state = TRY(load_state(tx.db(), change.workspace_id, change.case_id));
    if (!state) return not_found("There is no such case.");
    if (change.version && *change.version != state->version)
      return conflict("The case has changed since you saw it.", "changed");
    if (state->status == CaseStatus::kResolved || state->status == CaseStatus::kDismissed)
      return Error{ErrorKind::kUnprocessable, "This case is decided already.", {}, "decided", 0};
    if (of_user_id) {
      const auto role = TRY(tx.db().one(
          "SELECT role FROM memberships WHERE workspace_id = $1 AND user_id = $2",
          {change.workspace_id, *of_user_id}, [](const store::Row& row) { return row.string(0); }));
      if (!role) return invalid("is not a member of this workspace", "/user_id");
      if (*role == "viewer") return invalid("may only look, not decide", "/user_id");
    }
    TRY(tx.db().run(
        "INSERT INTO case_opinions (workspace_id, case_id, asked_by, asked_of, note, asked_at) VALUES ($1, "
        "$2, $3, $4, $5, $6) ON CONFLICT (workspace_id, case_id) DO UPDATE SET asked_by = "
        "excluded.asked_by, asked_of = excluded.asked_of, note = excluded.note, asked_at = "
        "excluded.asked_at",
        {change.workspace_id, change.case_id, change.actor_id, of_user_id, note, clock_.now_ms()}));
    TRY(tell(tx, log_, change, {{"asked_of", maybe_id(of_user_id)}, {"note", note}}));
    return read_row(tx.db(), change.workspace_id, change.case_id);
  });
}

Result<CaseRow> Cases::drop_opinion(const Change& change) {
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<CaseRow> {
    const auto opinion = TRY(take_opinion(tx.db(), change.workspace_id, change.case_id));
    if (opinion) {
      TRY(tell(tx, log_, change, {{"answer", "dropped"}, {"asked_by", to_string(opinion->asked_by)}}));
    }
    return read_row(tx.db(), change.workspace_id, change.case_id);
  });
}

}  // namespace kiki::cases
