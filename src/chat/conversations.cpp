#include "chat/conversations.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "net/hmac.hpp"

namespace kiki::chat {

namespace {

constexpr std::string_view kVisitorColumns =
    "v.workspace_id, v.id, v.account_id, v.user_key, v.name, v.email, v.language, v.page, v.last_seq, "
    "v.read_seq";

Visitor read_visitor(const store::Row& row) {
  return {row.integer(0), row.integer(1), row.integer(2), row.string(3),  row.string(4), row.string(5),
          row.string(6),  row.string(7),  row.integer(8), row.integer(9), std::nullopt};
}

constexpr std::string_view kMessageColumns =
    "visitor_id, seq, change_seq, external_id, direction, text, author, files, at, deleted_at";

Message read_message(const store::Row& row) {
  Message message;
  message.visitor_id = row.integer(0);
  message.seq = row.integer(1);
  message.change_seq = row.integer(2);
  message.external_id = row.string(3);
  message.from_visitor = row.text(4) == "in";
  message.text = row.string(5);
  message.author = row.string(6);
  if (const auto files = JsonDocument::parse(row.text(7)); files.ok()) {
    (void)files->root().each([&](JsonView file) -> Result<void> {
      message.files.push_back({parse_id(file["id"].text()).value_or(0),
                               std::string(file["content_type"].text()), file["width"].number_or_zero(),
                               file["height"].number_or_zero(), std::string(file["alt"].text())});
      return {};
    });
  }
  message.at = row.integer(8);
  message.deleted = !row.null(9);
  return message;
}

json::array files_json(const std::vector<MessageFile>& files) {
  json::array list;
  for (const auto& file : files) {
    list.push_back(json::object{{"id", to_string(file.id)},
                                {"content_type", file.content_type},
                                {"width", file.width},
                                {"height", file.height},
                                {"alt", file.alt}});
  }
  return list;
}

std::string hash_of(std::string_view token) {
  return net::hex(net::sha256(token));
}

struct Known {  // a browser
  Visitor visitor;
  std::string proof_hash;
  TimeMs proven_until = 0;
};

Result<std::optional<Known>> find_known(store::Connection& db, std::string_view token_hash) {
  static const std::string sql =
      "SELECT " + std::string(kVisitorColumns) +
      ", t.proof_hash, t.proven_until FROM chat_tokens t JOIN chat_visitors v ON "
      "v.workspace_id = t.workspace_id AND v.id = t.visitor_id WHERE t.token_hash = $1";
  return db.one(sql, {token_hash}, [](const store::Row& row) {
    Known known{read_visitor(row), row.string(10), row.integer(11)};
    if (!known.visitor.user_key.empty()) known.visitor.known_until = known.proven_until;
    return known;
  });
}

Error unauthenticated(std::string message, std::string code) {
  return {ErrorKind::kUnauthenticated, std::move(message), {}, std::move(code), 0};
}

// May this browser be who it was? `caller.proof` is no part of it yet.
Result<void> check_known(const Known& known, const Caller& caller, TimeMs now_ms) {
  if (known.visitor.workspace_id != caller.account.workspace_id ||
      known.visitor.account_id != caller.account.id)
    return unauthenticated("This token belongs to another chat.", "wrong_chat");
  if (known.visitor.user_key.empty()) return {};
  if (caller.proof) {
    if (caller.proof->user != known.visitor.user_key)
      return unauthenticated("This browser belongs to another user.", "identity_other");
    return {};
  }
  if (known.proven_until <= now_ms)
    return unauthenticated("Who this is must be proven again.", "identity_needed");
  return {};
}

}  // namespace

json::object to_json(const Message& message) {
  const auto slash = message.external_id.rfind('/');
  return {{"id", message.external_id.substr(slash == std::string::npos ? 0 : slash + 1)},
          {"conversation", to_string(message.visitor_id)},
          {"seq", message.seq},
          {"change", message.change_seq},
          {"from", message.from_visitor ? "visitor" : "desk"},
          {"text", message.text},
          {"author", message.author},
          {"files", files_json(message.files)},
          {"at", to_rfc3339(message.at)},
          {"deleted", message.deleted}};
}

void Conversations::changed(store::Transaction& tx, Id workspace_id, Id visitor_id) {
  if (!on_change_) return;
  tx.after_commit([this, workspace_id, visitor_id] { on_change_(workspace_id, visitor_id); });
}

Result<std::int64_t> Conversations::next_seq(store::Transaction& tx, Id workspace_id, Id visitor_id) {
  const auto seq = TRY(tx.db().one(
      "UPDATE chat_visitors SET last_seq = last_seq + 1, seen_at = $3 WHERE workspace_id = $1 "
      "AND id = $2 RETURNING last_seq",
      {workspace_id, visitor_id, clock_.now_ms()}, [](const store::Row& row) { return row.integer(0); }));
  if (!seq) return Error{ErrorKind::kUnprocessable, "there is no such visitor", {}, "no_visitor", 0};
  return *seq;
}

Result<std::optional<Visitor>> Conversations::find(const Caller& caller) {
  std::optional<Known> known;
  {
    auto reader = TRY(db_.reader());
    known = TRY(find_known(*reader, hash_of(caller.token)));
  }
  // A new word of the brand is written down: who comes by it is decided there.
  if (caller.proof && (!known || known->proof_hash != caller.proof->hash || known->visitor.user_key.empty()))
    return std::optional(TRY(come(caller)));
  if (!known) return std::optional<Visitor>();
  TRY(check_known(*known, caller, clock_.now_ms()));
  return std::optional(std::move(known->visitor));
}

Result<Visitor> Conversations::come(const Caller& caller) {
  const auto token_hash = hash_of(caller.token);
  const auto now_ms = clock_.now_ms();
  const auto workspace_id = caller.account.workspace_id;
  const auto account_id = caller.account.id;
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<Visitor> {
    auto& db = tx.db();
    auto known = TRY(find_known(db, token_hash));
    if (known) TRY(check_known(*known, caller, now_ms));
    Id visitor_id = known ? known->visitor.id : 0;
    const std::string proof_hash = caller.proof ? caller.proof->hash : "";
    if (caller.proof) {
      const auto& proof = *caller.proof;
      TRY(db.run("DELETE FROM chat_proofs WHERE expires_at < $1", {now_ms}));
      TRY(db.run(
          "INSERT INTO chat_proofs (workspace_id, account_id, proof_hash, token_hash, expires_at) VALUES "
          "($1, $2, $3, $4, $5) ON CONFLICT (workspace_id, account_id, proof_hash) DO NOTHING",
          {workspace_id, account_id, proof_hash, token_hash, proof.expires_at}));
      const auto owner = TRY(db.one(
          "SELECT token_hash FROM chat_proofs WHERE workspace_id = $1 AND account_id = $2 AND proof_hash = "
          "$3",
          {workspace_id, account_id, proof_hash}, [](const store::Row& row) { return row.string(0); }));
      if (!owner || *owner != token_hash)
        return unauthenticated("This identity token was used in another browser.", "identity_used");
      const auto user_visitor = TRY(db.one(
          "SELECT id FROM chat_visitors WHERE workspace_id = $1 AND account_id = $2 AND user_key = $3",
          {workspace_id, account_id, proof.user}, [](const store::Row& row) { return row.integer(0); }));
      if (user_visitor) {
        visitor_id = *user_visitor;  // their conversation of another browser
      } else if (visitor_id != 0) {
        TRY(db.run("UPDATE chat_visitors SET user_key = $3 WHERE workspace_id = $1 AND id = $2",
                   {workspace_id, visitor_id, proof.user}));
      }
    }
    if (visitor_id == 0) {
      visitor_id = ids_.next();
      TRY(db.run(
          "INSERT INTO chat_visitors (workspace_id, id, account_id, user_key, created_at, seen_at) VALUES "
          "($1, $2, $3, $4, $5, $5)",
          {workspace_id, visitor_id, account_id, caller.proof ? caller.proof->user : "", now_ms}));
    }
    if (caller.proof) {
      TRY(db.run(
          "UPDATE chat_visitors SET name = CASE WHEN $3 = '' THEN name ELSE $3 END, email = CASE WHEN $4 "
          "= '' THEN email ELSE $4 END WHERE workspace_id = $1 AND id = $2",
          {workspace_id, visitor_id, caller.proof->name, caller.proof->email}));
    }
    TRY(db.run(
        "INSERT INTO chat_tokens (token_hash, workspace_id, account_id, visitor_id, proof_hash, "
        "proven_until, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (token_hash) DO UPDATE "
        "SET visitor_id = excluded.visitor_id, proof_hash = CASE WHEN excluded.proof_hash = '' THEN "
        "chat_tokens.proof_hash ELSE excluded.proof_hash END, proven_until = CASE WHEN "
        "excluded.proven_until = 0 THEN chat_tokens.proven_until ELSE excluded.proven_until END",
        {token_hash, workspace_id, account_id, visitor_id, proof_hash,
         caller.proof ? caller.proof->expires_at : 0, now_ms}));
    known = TRY(find_known(db, token_hash));
    if (!known) return internal_error("a visitor was not written");
    return std::move(known->visitor);
  });
}

Result<std::optional<Visitor>> Conversations::visitor(Id workspace_id, Id visitor_id) {
  static const std::string sql = "SELECT " + std::string(kVisitorColumns) +
                                 " FROM chat_visitors v WHERE v.workspace_id = $1 AND v.id = $2";
  auto reader = TRY(db_.reader());
  return reader->one(sql, {workspace_id, visitor_id}, read_visitor);
}

Result<Visitor> Conversations::tell(const Visitor& visitor, const channels::chat::VisitorMessage& message) {
  auto now = visitor;
  const bool is_proven = !visitor.user_key.empty();
  if (!message.name.empty() && (!is_proven || now.name.empty())) now.name = message.name;
  if (!message.email.empty() && (!is_proven || now.email.empty())) now.email = message.email;
  if (!message.language.empty()) now.language = message.language;
  if (!message.page.empty()) now.page = message.page;
  if (now.name == visitor.name && now.email == visitor.email && now.language == visitor.language &&
      now.page == visitor.page)
    return now;
  const auto now_ms = clock_.now_ms();
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run(
        "UPDATE chat_visitors SET name = $3, email = $4, language = $5, page = $6, seen_at = $7 WHERE "
        "workspace_id = $1 AND id = $2",
        {now.workspace_id, now.id, now.name, now.email, now.language, now.page, now_ms}));
    return {};
  }));
  return now;
}

Result<std::optional<Message>> Conversations::message(Id workspace_id, std::string_view external_id) {
  static const std::string sql = "SELECT " + std::string(kMessageColumns) +
                                 " FROM chat_messages WHERE workspace_id = $1 AND external_id = $2";
  auto reader = TRY(db_.reader());
  return reader->one(sql, {workspace_id, external_id}, read_message);
}

Result<Message> Conversations::add(const Visitor& visitor, const channels::chat::VisitorMessage& message,
                                   const std::vector<channels::chat::VisitorFile>& files) {
  const auto external_id = channels::chat::message_key(visitor.account_id, visitor.id, message.id);
  std::vector<MessageFile> shown;
  for (const auto& file : files) shown.push_back({file.id, file.content_type, file.width, file.height, ""});
  const auto files_text = json::serialize(files_json(shown));
  const auto now_ms = clock_.now_ms();
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto known =
        TRY(tx.db().one("SELECT 1 FROM chat_messages WHERE workspace_id = $1 AND external_id = $2",
                        {visitor.workspace_id, external_id}, [](const store::Row&) { return true; }));
    if (known) return {};
    const auto seq = TRY(next_seq(tx, visitor.workspace_id, visitor.id));
    TRY(tx.db().run(
        "INSERT INTO chat_messages (workspace_id, visitor_id, seq, change_seq, account_id, "
        "external_id, direction, text, files, at) VALUES ($1, $2, $3, $3, $4, $5, 'in', $6, $7, $8)",
        {visitor.workspace_id, visitor.id, seq, visitor.account_id, external_id, message.text, files_text,
         now_ms}));
    for (const auto& file : files) {
      TRY(tx.db().run("UPDATE chat_files SET sent = 1 WHERE workspace_id = $1 AND id = $2",
                      {visitor.workspace_id, file.id}));
    }
    changed(tx, visitor.workspace_id, visitor.id);
    return {};
  }));
  const auto added = TRY(this->message(visitor.workspace_id, external_id));
  if (!added) return internal_error("a message was not written");
  return *added;
}

Result<std::vector<Message>> Conversations::read(Id workspace_id, Id visitor_id, std::int64_t change_seq,
                                                 int limit) {
  static const std::string sql = "SELECT " + std::string(kMessageColumns) +
                                 " FROM chat_messages WHERE workspace_id = $1 AND visitor_id = $2 AND "
                                 "change_seq > $3 ORDER BY change_seq "
                                 "LIMIT $4";
  auto reader = TRY(db_.reader());
  return reader->all(sql, {workspace_id, visitor_id, change_seq, limit}, read_message);
}

Result<std::vector<std::string>> Conversations::seen(const Visitor& visitor, std::int64_t seq) {
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<std::vector<std::string>> {
    const auto before =
        TRY(tx.db().one("SELECT read_seq, last_seq FROM chat_visitors WHERE workspace_id = $1 AND id = $2",
                        {visitor.workspace_id, visitor.id},
                        [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
    if (!before) return std::vector<std::string>();
    const auto now_read = std::min(seq, before->second);
    if (now_read <= before->first) return std::vector<std::string>();
    TRY(tx.db().run(
        "UPDATE chat_visitors SET read_seq = $3, seen_at = $4 WHERE workspace_id = $1 AND id = $2",
        {visitor.workspace_id, visitor.id, now_read, clock_.now_ms()}));
    TRY(tx.db().run(
        "UPDATE chat_messages SET mail_state = 'seen', mail_next_at = NULL WHERE workspace_id = $1 AND "
        "visitor_id = $2 AND seq <= $3 AND mail_state = 'waiting'",
        {visitor.workspace_id, visitor.id, now_read}));
    return tx.db().all(
        "SELECT external_id FROM chat_messages WHERE workspace_id = $1 AND visitor_id = $2 AND seq > "
        "$3 AND seq <= $4 AND direction = 'out' AND deleted_at IS NULL ORDER BY seq LIMIT $5",
        {visitor.workspace_id, visitor.id, before->first, now_read, kPageMost},
        [](const store::Row& row) { return row.string(0); });
  });
}

Result<channels::chat::VisitorFile> Conversations::keep_file(const Visitor& visitor,
                                                             const channels::chat::VisitorFile& file,
                                                             std::string_view body) {
  auto kept = file;
  kept.id = ids_.next();
  kept.bytes = static_cast<std::int64_t>(body.size());
  const auto now_ms = clock_.now_ms();
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto had = TRY(tx.db().one(
        "SELECT COUNT(*) FROM chat_files WHERE workspace_id = $1 AND visitor_id = $2",
        {visitor.workspace_id, visitor.id}, [](const store::Row& row) { return row.integer(0); }));
    if (had.value_or(0) >= kFilesOfVisitorMost)
      return Error{
          ErrorKind::kRateLimited, "No more pictures in this conversation.", {}, "too_many_files", 0};
    TRY(tx.db().run(
        "INSERT INTO chat_files (workspace_id, id, visitor_id, content_type, bytes, width, height, "
        "body, created_at, sent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
        {visitor.workspace_id, kept.id, visitor.id, kept.content_type, kept.bytes, kept.width, kept.height,
         store::Blob{body}, now_ms}));
    return {};
  }));
  return kept;
}

Result<std::vector<channels::chat::VisitorFile>> Conversations::files_of(const Visitor& visitor,
                                                                         const std::vector<Id>& ids) {
  std::vector<channels::chat::VisitorFile> files;
  if (ids.empty()) return files;
  auto reader = TRY(db_.reader());
  for (const Id id : ids) {
    const auto file =
        TRY(reader->one("SELECT id, content_type, bytes, width, height FROM chat_files WHERE workspace_id = "
                        "$1 AND id = $2 AND "
                        "visitor_id = $3",
                        {visitor.workspace_id, id, visitor.id}, [](const store::Row& row) {
                          return channels::chat::VisitorFile{row.integer(0), row.string(1), row.integer(2),
                                                             row.integer(3), row.integer(4)};
                        }));
    if (!file) return invalid("there is no such file", "/files");
    files.push_back(*file);
  }
  return files;
}

Result<channels::Media> Conversations::file_for(const Visitor& visitor, Id file_id) {
  const auto to_media = [](const store::Row& row) {
    return channels::Media{row.string(0), "", std::string(row.blob(1))};
  };
  auto reader = TRY(db_.reader());
  auto own = TRY(reader->one(
      "SELECT content_type, body FROM chat_files WHERE workspace_id = $1 AND id = $2 AND visitor_id = $3",
      {visitor.workspace_id, file_id, visitor.id}, to_media));
  if (own) return std::move(*own);
  const auto needle = "%\"" + to_string(file_id) + "\"%";
  const auto answered = TRY(reader->one(
      "SELECT 1 FROM chat_messages WHERE workspace_id = $1 AND visitor_id = $2 AND direction = 'out' AND "
      "deleted_at IS NULL AND files LIKE $3 LIMIT 1",
      {visitor.workspace_id, visitor.id, needle}, [](const store::Row&) { return true; }));
  if (!answered) return not_found("There is no such file.");
  auto sent =
      TRY(reader->one("SELECT content_type, body FROM attachments WHERE workspace_id = $1 AND id = $2",
                      {visitor.workspace_id, file_id}, to_media));
  if (!sent) return not_found("There is no such file.");
  return std::move(*sent);
}

Result<void> Conversations::put(const channels::Account& account, Id visitor_id,
                                const channels::Outgoing& outgoing) {
  const auto external_id = channels::chat::answer_key(account.id, outgoing.outbox_id);
  std::vector<MessageFile> files;
  for (const auto& image : outgoing.images)
    files.push_back({image.id, image.content_type, image.width, image.height, image.alt});
  const auto files_text = json::serialize(files_json(files));
  const auto now_ms = clock_.now_ms();
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto known =
        TRY(tx.db().one("SELECT 1 FROM chat_messages WHERE workspace_id = $1 AND external_id = $2",
                        {account.workspace_id, external_id}, [](const store::Row&) { return true; }));
    if (known) return {};
    const auto email = TRY(tx.db().one(
        "SELECT email FROM chat_visitors WHERE workspace_id = $1 AND id = $2 AND account_id = $3",
        {account.workspace_id, visitor_id, account.id}, [](const store::Row& row) { return row.string(0); }));
    if (!email) return Error{ErrorKind::kUnprocessable, "there is no such conversation", {}, "no_visitor", 0};
    const auto seq = TRY(next_seq(tx, account.workspace_id, visitor_id));
    const auto mail_at = email->empty() ? std::nullopt : std::optional(now_ms + mail_after_ms_);
    TRY(tx.db().run(
        "INSERT INTO chat_messages (workspace_id, visitor_id, seq, change_seq, account_id, case_id, "
        "external_id, direction, text, author, files, at, mail_state, mail_next_at) VALUES ($1, $2, "
        "$3, $3, $4, $5, $6, 'out', $7, $8, $9, $10, $11, $12)",
        {account.workspace_id, visitor_id, seq, account.id, outgoing.case_id, external_id, outgoing.text,
         outgoing.author_name, files_text, now_ms, mail_at ? "waiting" : "", mail_at}));
    changed(tx, account.workspace_id, visitor_id);
    return {};
  });
}

Result<void> Conversations::take_back(const channels::Account& account, std::string_view external_id) {
  const auto now_ms = clock_.now_ms();
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto visitor_id = TRY(tx.db().one(
        "SELECT visitor_id FROM chat_messages WHERE workspace_id = $1 AND external_id = $2 AND direction = "
        "'out' "
        "AND deleted_at IS NULL",
        {account.workspace_id, external_id}, [](const store::Row& row) { return row.integer(0); }));
    if (!visitor_id) return {};
    const auto seq = TRY(next_seq(tx, account.workspace_id, *visitor_id));
    TRY(
        tx.db().run("UPDATE chat_messages SET text = '', files = '[]', deleted_at = $3, change_seq = $4, "
                    "mail_next_at = NULL WHERE workspace_id = $1 AND external_id = $2",
                    {account.workspace_id, external_id, now_ms, seq}));
    changed(tx, account.workspace_id, *visitor_id);
    return {};
  });
}

Result<bool> Conversations::forget(Id workspace_id, Id account_id, TimeMs before_ms) {
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<bool> {
    const auto old = TRY(tx.db().all(
        "SELECT id FROM chat_visitors WHERE workspace_id = $1 AND account_id = $2 AND seen_at < $3 ORDER BY "
        "seen_at LIMIT $4",
        {workspace_id, account_id, before_ms, kForgottenAtOnce},
        [](const store::Row& row) { return row.integer(0); }));
    for (const Id id : old) {
      for (const auto* sql : {"DELETE FROM chat_messages WHERE workspace_id = $1 AND visitor_id = $2",
                              "DELETE FROM chat_files WHERE workspace_id = $1 AND visitor_id = $2",
                              "DELETE FROM chat_tokens WHERE workspace_id = $1 AND visitor_id = $2",
                              "DELETE FROM chat_visitors WHERE workspace_id = $1 AND id = $2"})
        TRY(tx.db().run(sql, {workspace_id, id}));
    }
    return old.size() == static_cast<std::size_t>(kForgottenAtOnce);
  });
}

Result<bool> Conversations::forget_unsent(TimeMs before_ms) {
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<bool> {
    const auto old =
        TRY(tx.db().all("SELECT workspace_id, id FROM chat_files WHERE sent = 0 AND created_at < $1 ORDER BY "
                        "created_at LIMIT $2",
                        {before_ms, kForgottenAtOnce},
                        [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
    for (const auto& [workspace_id, id] : old)
      TRY(tx.db().run("DELETE FROM chat_files WHERE workspace_id = $1 AND id = $2", {workspace_id, id}));
    return old.size() == static_cast<std::size_t>(kForgottenAtOnce);
  });
}

Result<channels::Media> Conversations::file(const channels::Account& account, std::string_view reference) {
  const auto id = parse_id(reference);
  if (!id) return not_found("There is no such file.");
  auto reader = TRY(db_.reader());
  auto found =
      TRY(reader->one("SELECT f.content_type, f.body FROM chat_files f JOIN chat_visitors v ON "
                      "v.workspace_id = f.workspace_id AND "
                      "v.id = f.visitor_id WHERE f.workspace_id = $1 AND f.id = $2 AND v.account_id = $3",
                      {account.workspace_id, *id, account.id}, [](const store::Row& row) {
                        return channels::Media{row.string(0), "", std::string(row.blob(1))};
                      }));
  if (!found) return not_found("There is no such file.");
  return std::move(*found);
}

}  // namespace kiki::chat
