// Notes and drafts: what people write about a case, and what they have begun to write.

#include <boost/json.hpp>

#include "cases/cases.hpp"

namespace kiki::cases {
namespace {

Result<void> require_case(store::Connection& db, Id workspace_id, Id case_id) {
  const auto found = TRY(db.one("SELECT 1 FROM cases WHERE workspace_id = $1 AND id = $2",
                                {workspace_id, case_id}, [](const store::Row&) { return true; }));
  if (!found) return not_found("There is no such case.");
  return {};
}

Result<void> tell(events::EventLog& log, store::Transaction& tx, std::string_view kind, const Change& change,
                  boost::json::object data) {
  events::Event event;
  event.workspace_id = change.workspace_id;
  event.kind = kind;
  event.case_id = change.case_id;
  event.actor_id = change.actor_id;
  event.data = boost::json::serialize(data);
  return log.append(tx, std::move(event));
}

bool is_draft_kind(std::string_view kind) {
  return kind == "reply" || kind == "note";
}

}  // namespace

Result<Note> Cases::add_note(const Change& change, std::string_view text) {
  return db_.writer().write_result([&](store::Transaction& tx) { return add_note(tx, change, text); });
}

Result<Note> Cases::add_note(store::Transaction& tx, const Change& change, std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return invalid("must not be empty", "/text");
  if (text.size() > kNoteLimitBytes) return invalid("is too long", "/text");
  const Note note{ids_.next(),       change.case_id,  change.actor_id,
                  std::string(text), clock_.now_ms(), std::nullopt};
  TRY(require_case(tx.db(), change.workspace_id, change.case_id));
  TRY(
      tx.db().run("INSERT INTO notes (workspace_id, id, case_id, user_id, text, created_at) VALUES ($1, $2, "
                  "$3, $4, $5, $6)",
                  {change.workspace_id, note.id, note.case_id, note.user_id, note.text, note.created_at}));
  boost::json::object data{{"note_id", to_string(note.id)}};
  if (change.by.empty()) {
    TRY(tx.db().run(
        "DELETE FROM drafts WHERE workspace_id = $1 AND case_id = $2 AND user_id = $3 AND kind = 'note'",
        {change.workspace_id, change.case_id, change.actor_id}));
  } else {
    data["by"] = change.by;
  }
  TRY(tell(log_, tx, "note.added", change, std::move(data)));
  return note;
}

Result<void> Cases::delete_note(Id workspace_id, Id note_id, Id actor_id, bool may_delete_others) {
  return db_.writer().write([&](store::Transaction& tx) {
    return delete_note(tx, workspace_id, note_id, actor_id, may_delete_others);
  });
}

Result<void> Cases::delete_note(store::Transaction& tx, Id workspace_id, Id note_id, Id actor_id,
                                bool may_delete_others) {
  struct Owner {
    Id case_id = 0;
    Id user_id = 0;
    bool is_deleted = false;
  };
  const auto note =
      TRY(tx.db().one("SELECT case_id, user_id, deleted_at FROM notes WHERE workspace_id = $1 AND id = $2",
                      {workspace_id, note_id}, [](const store::Row& row) {
                        return Owner{row.integer(0), row.integer(1), !row.null(2)};
                      }));
  if (!note) return not_found("There is no such note.");
  if (note->user_id != actor_id && !may_delete_others) {
    return Error{ErrorKind::kForbidden, "Only its author or a lead may delete a note.", {}, "role", 0};
  }
  if (note->is_deleted) return {};
  TRY(tx.db().run("UPDATE notes SET text = '', deleted_at = $3 WHERE workspace_id = $1 AND id = $2",
                  {workspace_id, note_id, clock_.now_ms()}));
  return tell(log_, tx, "note.deleted", {workspace_id, note->case_id, actor_id, {}},
              {{"note_id", to_string(note_id)}});
}

Result<void> Cases::save_draft(const Change& change, std::string_view kind, std::string_view text,
                               const std::vector<Id>& attachment_ids) {
  return db_.writer().write(
      [&](store::Transaction& tx) { return save_draft(tx, change, kind, text, attachment_ids); });
}

Result<void> Cases::save_draft(store::Transaction& tx, const Change& change, std::string_view kind,
                               std::string_view text, const std::vector<Id>& attachment_ids) {
  if (!is_draft_kind(kind)) return invalid("must be reply or note", "/kind");
  if (text.size() > kDraftLimitBytes) return invalid("is too long", "/text");
  if (attachment_ids.size() > kDraftAttachmentsLimit)
    return invalid("too many attachments", "/attachment_ids");
  boost::json::array ids;
  for (const Id id : attachment_ids) ids.emplace_back(to_string(id));
  const auto attachments = boost::json::serialize(ids);
  TRY(require_case(tx.db(), change.workspace_id, change.case_id));
  TRY(tx.db().run(
      "INSERT INTO drafts (workspace_id, case_id, user_id, kind, text, attachment_ids, updated_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id, case_id, user_id, kind) DO UPDATE "
      "SET "
      "text = excluded.text, attachment_ids = excluded.attachment_ids, updated_at = excluded.updated_at",
      {change.workspace_id, change.case_id, change.actor_id, kind, text, attachments, clock_.now_ms()}));
  return tell(
      log_, tx, "draft.changed", change,
      {{"user_id", to_string(change.actor_id)}, {"kind", kind}, {"empty", text.empty() && ids.empty()}});
}

Result<void> Cases::delete_draft(const Change& change, std::string_view kind) {
  if (!is_draft_kind(kind)) return invalid("must be reply or note", "kind");
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(require_case(tx.db(), change.workspace_id, change.case_id));
    const auto deleted = TRY(tx.db().run(
        "DELETE FROM drafts WHERE workspace_id = $1 AND case_id = $2 AND user_id = $3 AND kind = $4",
        {change.workspace_id, change.case_id, change.actor_id, kind}));
    if (deleted == 0) return {};
    return tell(log_, tx, "draft.changed", change,
                {{"user_id", to_string(change.actor_id)}, {"kind", kind}, {"empty", true}});
  });
}

Result<std::vector<Draft>> read_drafts(store::Connection& db, Id workspace_id, Id case_id) {
  return db.all(
      "SELECT d.user_id, u.name, d.kind, d.text, d.attachment_ids, d.updated_at FROM drafts d "
      "LEFT JOIN users u ON u.id = d.user_id WHERE d.workspace_id = $1 AND d.case_id = $2 "
      "ORDER BY d.updated_at DESC, d.user_id, d.kind LIMIT 100",
      {workspace_id, case_id}, [](const store::Row& row) {
        return Draft{row.integer(0), row.string(1), row.string(2),
                     row.string(3),  row.string(4), row.integer(5)};
      });
}

boost::json::object to_json(const Draft& draft) {
  boost::json::object body;
  body["user_id"] = to_string(draft.user_id);
  body["user_name"] = draft.user_name;
  body["kind"] = draft.kind;
  body["text"] = draft.text;
  boost::system::error_code error;
  auto ids = boost::json::parse(draft.attachment_ids, error);
  body["attachment_ids"] = error ? boost::json::value(boost::json::array()) : std::move(ids);
  body["updated_at"] = to_rfc3339(draft.updated_at);
  return body;
}

}  // namespace kiki::cases
