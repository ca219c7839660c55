#include "reply/approvals.hpp"

#include <boost/json.hpp>

#include "base/log.hpp"

namespace kiki::reply {

namespace {

const std::string kSelect =
    "SELECT a.id, a.case_id, a.account_id, a.target_post_id, a.text, a.language, a.attachment_ids, "
    "a.request_id, "
    "a.state, a.findings, a.note, a.answer, a.edited, a.seen_post_id, a.asked_by, a.asked_at, a.decided_by, "
    "a.decided_at, a.reply_id, COALESCE(u.name, ''), COALESCE(d.name, ''), k.number, COALESCE(i.name, ''), "
    "COALESCE(i.handle, ''), k.title, k.due_at, COALESCE(t.network, c.network), c.handle, "
    "COALESCE(v.visibility, ''), "
    "COALESCE(t.text, ''), COALESCE((SELECT p.id FROM posts p WHERE p.workspace_id = a.workspace_id AND "
    "p.case_id = a.case_id AND p.direction = 'in' ORDER BY p.posted_at DESC, p.id DESC LIMIT 1), 0), "
    "COALESCE((SELECT p.text FROM posts p WHERE p.workspace_id = a.workspace_id AND p.case_id = a.case_id "
    "AND "
    "p.direction = 'in' ORDER BY p.posted_at DESC, p.id DESC LIMIT 1), ''), a.saved_reply_id, a.copy_to "
    "FROM approvals a JOIN cases k ON k.workspace_id = a.workspace_id AND k.id = a.case_id "
    "JOIN accounts c ON c.workspace_id = a.workspace_id AND c.id = a.account_id "
    "LEFT JOIN posts t ON t.workspace_id = a.workspace_id AND t.id = a.target_post_id "
    "LEFT JOIN conversations v ON v.workspace_id = t.workspace_id AND v.id = t.conversation_id "
    "LEFT JOIN identities i ON i.workspace_id = k.workspace_id AND i.id = k.identity_id "
    "LEFT JOIN users u ON u.id = a.asked_by LEFT JOIN users d ON d.id = a.decided_by WHERE a.workspace_id = "
    "$1 ";

auto reader_of(Id workspace_id) {
  return [workspace_id](const store::Row& row) {
    Approval read;
    read.workspace_id = workspace_id;
    read.id = row.integer(0);
    read.case_id = row.integer(1);
    read.account_id = row.integer(2);
    read.target_post_id = row.integer(3);
    read.text = row.string(4);
    read.language = row.string(5);
    read.attachment_ids = row.string(6);
    read.request_id = row.string(7);
    read.state = row.string(8);
    read.findings = row.string(9);
    read.note = row.string(10);
    read.answer = row.string(11);
    read.edited = row.boolean(12);
    read.seen_post_id = row.integer(13);
    read.asked_by = row.integer(14);
    read.asked_at = row.integer(15);
    read.decided_by = row.integer(16);
    read.decided_at = row.maybe_integer(17);
    read.reply_id = row.integer(18);
    read.asked_by_name = row.string(19);
    read.decided_by_name = row.string(20);
    read.case_number = row.integer(21);
    read.customer_name = row.text(22).empty() ? row.string(23) : row.string(22);
    read.title = row.string(24);
    read.due_at = row.maybe_integer(25);
    read.account_network = row.string(26);
    read.account_handle = row.string(27);
    read.visibility = row.string(28);
    read.target_text = row.string(29);
    read.newest_post_id = row.integer(30);
    read.newest_text = row.string(31);
    read.saved_reply_id = row.integer(32);
    read.copy_to = row.string(33);
    return read;
  };
}

Result<Approval> read_one(store::Connection& db, Id workspace_id, Id approval_id) {
  static const std::string sql = kSelect + "AND a.id = $2";
  auto found = TRY(db.one(sql, {workspace_id, approval_id}, reader_of(workspace_id)));
  if (!found) return not_found("There is no such approval.");
  return std::move(*found);
}

Result<void> tell(store::Transaction& tx, events::EventLog& log, const Approval& approval,
                  std::string_view state, Id actor_id, std::string_view words = {}) {
  events::Event event;
  event.workspace_id = approval.workspace_id;
  event.kind = "approval.state";
  event.case_id = approval.case_id;
  event.actor_id = actor_id;
  json::object data{{"approval_id", to_string(approval.id)}, {"state", state}};
  if (approval.asked_by != 0) data["asked_by"] = to_string(approval.asked_by);
  if (approval.edited) data["edited"] = true;
  if (!words.empty()) data["note"] = words;
  event.data = json::serialize(data);
  return log.append(tx, std::move(event));
}

std::vector<Id> ids_of(std::string_view stored) {
  std::vector<Id> ids;
  const auto document = JsonDocument::parse(stored);
  if (!document.ok()) return ids;
  (void)document->root().each([&](JsonView value) -> Result<void> {
    if (const auto id = parse_id(value.text())) ids.push_back(*id);
    return {};
  });
  return ids;
}

std::vector<std::string> texts_of(std::string_view stored) {
  std::vector<std::string> texts;
  const auto document = JsonDocument::parse(stored);
  if (!document.ok()) return texts;
  (void)document->root().each([&](JsonView value) -> Result<void> {
    texts.emplace_back(value.text());
    return {};
  });
  return texts;
}

Error own_reply() {
  return {ErrorKind::kForbidden, "Nobody approves their own reply.", {}, "own_reply", 0};
}
Error decided(const Approval& approval) {
  return conflict("This was decided already: " + approval.state + ".", "decided");
}

// Moves it on if it still waits; false when somebody was faster.
Result<bool> decide(store::Connection& db, const Approval& approval, std::string_view state, Id user_id,
                    TimeMs now_ms, std::string_view answer, Id reply_id) {
  const auto changed = TRY(
      db.run("UPDATE approvals SET state = $1, decided_by = $2, decided_at = $3, answer = $4, reply_id = $5, "
             "text = $6, edited = $7 WHERE workspace_id = $8 AND id = $9 AND state = 'waiting'",
             {state, user_id, now_ms, answer, reply_id == 0 ? store::Param(nullptr) : store::Param(reply_id),
              approval.text, approval.edited ? 1 : 0, approval.workspace_id, approval.id}));
  return changed != 0;
}

}  // namespace

Result<std::variant<Approval, OutboxRow>> Approvals::ask(const NewReply& reply, std::string_view note,
                                                         std::vector<checks::Finding>* findings) {
  using Answer = std::variant<Approval, OutboxRow>;
  if (note.size() > kApprovalNoteLimitBytes) return invalid("is too long", "/note");
  TRY(Replies::check_shape(reply));
  const auto known = [&](store::Connection& db) -> Result<std::optional<Answer>> {
    if (auto sent = TRY(find_by_request(db, reply.workspace_id, reply.request_id)))
      return std::optional(Answer(std::move(*sent)));
    if (auto asked = TRY(find_approval_by_request(db, reply.workspace_id, reply.request_id)))
      return std::optional(Answer(std::move(*asked)));
    return std::optional<Answer>();
  };
  {
    auto reader = TRY(parts_.db.reader());
    if (auto found = TRY(known(*reader))) return std::move(*found);
  }
  const auto checked = TRY(replies_.check(reply, CheckRequest::Links::kWait));
  if (findings != nullptr) *findings = checked.findings;
  if (checks::worst(checked.findings) == checks::Severity::kBlocked) return blocked_error(checked.findings);
  auto answer = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<Answer> {
    auto& db = tx.db();
    if (auto found = TRY(known(db))) return std::move(*found);
    TRY(replies_.check_way(tx, reply));
    Approval made;
    made.workspace_id = reply.workspace_id;
    made.id = parts_.ids.next();
    made.case_id = reply.case_id;
    made.asked_by = reply.user_id;
    json::array attachments;
    for (const Id id : reply.attachment_ids) attachments.emplace_back(to_string(id));
    TRY(db.run(
        "INSERT INTO approvals (workspace_id, id, case_id, account_id, target_post_id, text, language, "
        "attachment_ids, request_id, state, findings, note, seen_post_id, asked_by, asked_at, "
        "saved_reply_id, copy_to) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', $10, $11, $12, $13, $14, $15, $16)",
        {reply.workspace_id, made.id, reply.case_id, reply.account_id, reply.target_post_id, reply.text,
         reply.language, json::serialize(attachments), reply.request_id,
         json::serialize(checks::to_json(checked.findings, reply.text)), note, checked.newest_post_id,
         reply.user_id, parts_.clock.now_ms(), reply.saved_reply_id,
         json::serialize(json::value_from(reply.copy_to))}));
    TRY(db.run(
        "DELETE FROM drafts WHERE workspace_id = $1 AND case_id = $2 AND user_id = $3 AND kind = 'reply'",
        {reply.workspace_id, reply.case_id, reply.user_id}));
    TRY(tell(tx, parts_.log, made, "waiting", reply.user_id, note));
    return Answer(TRY(read_one(db, reply.workspace_id, made.id)));
  }));
  return answer;
}

Result<OutboxRow> Approvals::approve(const Decision& decision, std::optional<std::string> text,
                                     Id seen_post_id, std::int64_t undo_send_ms,
                                     std::vector<checks::Finding>* findings) {
  const auto before = TRY(read(decision.workspace_id, decision.approval_id));
  NewReply reply;
  reply.workspace_id = before.workspace_id;
  reply.case_id = before.case_id;
  reply.user_id = before.asked_by;
  reply.account_id = before.account_id;
  reply.target_post_id = before.target_post_id;
  reply.text = text.value_or(before.text);
  reply.language = before.language;
  reply.attachment_ids = ids_of(before.attachment_ids);
  reply.copy_to = texts_of(before.copy_to);
  reply.undo_send_ms = undo_send_ms;
  reply.saved_reply_id = before.saved_reply_id;
  reply.public_chosen = true;  // said when it was asked for; whoever approves sees where it goes
  reply.base_url = decision.base_url;
  reply.request_id = before.request_id;
  // Taken back and approved again is another reply.
  if (before.reply_id != 0) reply.request_id = "approval:" + to_string(parts_.ids.next());
  TRY(Replies::check_shape(reply));
  const bool is_done = before.state == "approved" && before.decided_by == decision.user_id;
  if (!is_done) {
    if (before.asked_by == decision.user_id) return own_reply();
    const auto checked = TRY(replies_.check(reply, CheckRequest::Links::kWait));
    if (findings != nullptr) *findings = checked.findings;
    if (checks::worst(checked.findings) == checks::Severity::kBlocked) return blocked_error(checked.findings);
  }
  auto row = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<OutboxRow> {
    auto& db = tx.db();
    auto approval = TRY(read_one(db, decision.workspace_id, decision.approval_id));
    if (approval.state == "approved" && approval.decided_by == decision.user_id) {
      if (auto sent = TRY(find(db, approval.workspace_id, approval.reply_id))) return std::move(*sent);
    }
    if (approval.state != "waiting") return decided(approval);
    if (approval.newest_post_id != seen_post_id) {
      return conflict("The customer wrote again meanwhile.", "customer_wrote");
    }
    auto sent = TRY(replies_.create(tx, reply));
    approval.edited = reply.text != approval.text;
    approval.text = reply.text;
    CHECK(TRY(decide(db, approval, "approved", decision.user_id, parts_.clock.now_ms(), "", sent.id)));
    TRY(tell(tx, parts_.log, approval, "approved", decision.user_id));
    return sent;
  }));
  log::info("reply approved",
            {{"workspace_id", row.workspace_id}, {"case_id", row.case_id}, {"outbox_id", row.id}});
  parts_.wake();
  return row;
}

Result<Approval> Approvals::send_back(const Decision& decision, std::string_view note) {
  if (note.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return invalid("must not be empty", "/note");
  if (note.size() > kApprovalNoteLimitBytes) return invalid("is too long", "/note");
  return parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<Approval> {
    auto& db = tx.db();
    const auto approval = TRY(read_one(db, decision.workspace_id, decision.approval_id));
    if (approval.state == "returned" && approval.decided_by == decision.user_id) return approval;
    if (approval.asked_by == decision.user_id) return own_reply();
    if (approval.state != "waiting") return decided(approval);
    const auto now_ms = parts_.clock.now_ms();
    CHECK(TRY(decide(db, approval, "returned", decision.user_id, now_ms, note, 0)));
    TRY(
        db.run("INSERT INTO drafts (workspace_id, case_id, user_id, kind, text, attachment_ids, updated_at) "
               "VALUES ($1, $2, $3, 'reply', $4, $5, $6) ON CONFLICT (workspace_id, case_id, user_id, kind) "
               "DO UPDATE SET text = excluded.text, attachment_ids = excluded.attachment_ids, "
               "updated_at = excluded.updated_at WHERE drafts.text = ''",
               {approval.workspace_id, approval.case_id, approval.asked_by, approval.text,
                approval.attachment_ids, now_ms}));
    TRY(tell(tx, parts_.log, approval, "returned", decision.user_id, note));
    return read_one(db, decision.workspace_id, decision.approval_id);
  });
}

Result<Approval> Approvals::withdraw(const Decision& decision) {
  return parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<Approval> {
    auto& db = tx.db();
    const auto approval = TRY(read_one(db, decision.workspace_id, decision.approval_id));
    if (approval.asked_by != decision.user_id) {
      return Error{ErrorKind::kForbidden, "Only who asked may take it back.", {}, "not_own", 0};
    }
    if (approval.state == "withdrawn") return approval;
    if (approval.state != "waiting") return decided(approval);
    CHECK(TRY(decide(db, approval, "withdrawn", decision.user_id, parts_.clock.now_ms(), "", 0)));
    TRY(tell(tx, parts_.log, approval, "withdrawn", decision.user_id));
    return read_one(db, decision.workspace_id, decision.approval_id);
  });
}

Result<Approval> Approvals::read(Id workspace_id, Id approval_id) {
  auto reader = TRY(parts_.db.reader());
  return read_one(*reader, workspace_id, approval_id);
}

Result<std::vector<Approval>> list_approvals(store::Connection& db, Id workspace_id, std::string_view state,
                                             int limit) {
  static const std::string waiting =
      kSelect + "AND a.state = 'waiting' ORDER BY COALESCE(k.due_at, 9007199254740991), a.id LIMIT $2";
  static const std::string others = kSelect + "AND a.state = $2 ORDER BY a.id DESC LIMIT $3";
  if (state == "waiting") return db.all(waiting, {workspace_id, limit}, reader_of(workspace_id));
  return db.all(others, {workspace_id, state, limit}, reader_of(workspace_id));
}

Result<std::vector<Approval>> approvals_of_case(store::Connection& db, Id workspace_id, Id case_id) {
  static const std::string sql =
      kSelect + "AND a.case_id = $2 AND a.state = 'waiting' ORDER BY a.id LIMIT 20";
  return db.all(sql, {workspace_id, case_id}, reader_of(workspace_id));
}

Result<std::optional<Approval>> find_approval_by_request(store::Connection& db, Id workspace_id,
                                                         std::string_view request_id) {
  static const std::string sql = kSelect + "AND a.request_id = $2";
  return db.one(sql, {workspace_id, request_id}, reader_of(workspace_id));
}

Result<void> reopen_after_undo(store::Transaction& tx, events::EventLog& log, const OutboxRow& row,
                               Id actor_id) {
  const auto id =
      TRY(tx.db().one("SELECT id FROM approvals WHERE workspace_id = $1 AND reply_id = $2 AND "
                      "state = 'approved'",
                      {row.workspace_id, row.id}, [](const store::Row& found) { return found.integer(0); }));
  if (!id) return {};
  TRY(
      tx.db().run("UPDATE approvals SET state = 'waiting', decided_by = NULL, decided_at = NULL "
                  "WHERE workspace_id = $1 AND id = $2",
                  {row.workspace_id, *id}));
  return tell(tx, log, TRY(read_one(tx.db(), row.workspace_id, *id)), "waiting", actor_id);
}

json::object to_json(const Approval& approval) {
  const auto parsed = [](std::string_view text) {
    boost::system::error_code failed;
    auto value = json::parse(text, failed);
    return failed ? json::value(json::array()) : std::move(value);
  };
  const auto id = [](Id value) { return value == 0 ? json::value(nullptr) : json::value(to_string(value)); };
  const auto time = [](std::optional<TimeMs> at) {
    return at ? json::value(to_rfc3339(*at)) : json::value(nullptr);
  };
  return {{"id", to_string(approval.id)},
          {"case_id", to_string(approval.case_id)},
          {"case_number", approval.case_number},
          {"title", approval.title},
          {"customer_name", approval.customer_name},
          {"due_at", time(approval.due_at)},
          {"account_id", to_string(approval.account_id)},
          {"network", approval.account_network},
          {"account_handle", approval.account_handle},
          {"visibility", approval.visibility},
          {"target_post_id", to_string(approval.target_post_id)},
          {"target_text", approval.target_text},
          {"text", approval.text},
          {"attachment_ids", parsed(approval.attachment_ids)},
          {"copy_to", parsed(approval.copy_to)},
          {"state", approval.state},
          {"findings", parsed(approval.findings)},
          {"note", approval.note},
          {"answer", approval.answer},
          {"edited", approval.edited},
          {"newest_post_id", id(approval.newest_post_id)},
          {"newest_text", approval.newest_text},
          {"customer_wrote_again", approval.customer_wrote_again()},
          {"asked_by", to_string(approval.asked_by)},
          {"asked_by_name", approval.asked_by_name},
          {"asked_at", to_rfc3339(approval.asked_at)},
          {"decided_by", id(approval.decided_by)},
          {"decided_by_name", approval.decided_by_name},
          {"decided_at", time(approval.decided_at)},
          {"reply_id", id(approval.reply_id)}};
}

}  // namespace kiki::reply
