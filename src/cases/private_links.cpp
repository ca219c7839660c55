#include "cases/private_links.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace kiki::cases {

namespace {

std::string hash_of(std::string_view token) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(token.data()), token.size());
  std::string hex(hash.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  hex.pop_back();
  return hex;
}

std::string new_token() {
  std::array<unsigned char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();
  return text;
}

Result<void> tell(store::Transaction& tx, events::EventLog& log, const PrivateLink& link,
                  std::string_view kind, Id actor_id, std::string_view data, TimeMs at = 0) {
  events::Event event;
  event.at = at;
  event.workspace_id = link.workspace_id;
  event.kind = kind;
  event.case_id = link.case_id;
  event.actor_id = actor_id;
  event.data = data;
  return log.append(tx, std::move(event));
}

constexpr std::string_view kFields =
    "workspace_id, id, case_id, account_id, outbox_id, was_public, created_by, expires_at, identity_id, "
    "offered_at";

PrivateLink read(const store::Row& row) {
  PrivateLink link;
  link.workspace_id = row.integer(0);
  link.id = row.integer(1);
  link.case_id = row.integer(2);
  link.account_id = row.integer(3);
  link.outbox_id = row.integer(4);
  link.was_public = row.boolean(5);
  link.created_by = row.integer(6);
  link.expires_at = row.integer(7);
  link.identity_id = row.integer(8);
  link.offered_at = row.integer(9);
  return link;
}

}  // namespace

Result<std::string> make_private_link(store::Transaction& tx, IdGenerator& ids, const PrivateLink& link,
                                      TimeMs now_ms) {
  auto token = new_token();
  const auto hash = hash_of(token);
  TRY(
      tx.db().run("INSERT INTO private_links (workspace_id, id, token_hash, case_id, account_id, outbox_id, "
                  "was_public, created_by, "
                  "created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                  {link.workspace_id, ids.next(), hash, link.case_id, link.account_id, link.outbox_id,
                   link.was_public ? 1 : 0, link.created_by, now_ms, link.expires_at}));
  return token;
}

Result<void> offer_private_links(store::Transaction& tx, events::EventLog& log, Id workspace_id, Id outbox_id,
                                 TimeMs now_ms) {
  static const std::string sql =
      "UPDATE private_links SET offered_at = $3 WHERE workspace_id = $1 AND outbox_id = $2 AND offered_at IS "
      "NULL RETURNING " +
      std::string(kFields);
  for (const auto& link : TRY(tx.db().all(sql, {workspace_id, outbox_id, now_ms}, read))) {
    TRY(tell(tx, log, link, "private.offered", link.created_by,
             R"({"until":")" + to_rfc3339(link.expires_at) + "\"}", now_ms));
  }
  return {};
}

Result<void> drop_private_links(store::Transaction& tx, events::EventLog& log, Id workspace_id, Id outbox_id,
                                Id actor_id) {
  static const std::string sql =
      "DELETE FROM private_links WHERE workspace_id = $1 AND outbox_id = $2 AND identity_id IS NULL "
      "RETURNING " +
      std::string(kFields);
  for (const auto& link : TRY(tx.db().all(sql, {workspace_id, outbox_id}, read))) {
    if (link.offered_at != 0) TRY(tell(tx, log, link, "private.withdrawn", actor_id, "{}"));
  }
  return {};
}

Result<std::optional<PrivateLink>> find_private_link(store::Connection& db, std::string_view token) {
  if (token.empty() || token.size() > kLinkTokenLimitBytes) return std::optional<PrivateLink>();
  const auto hash = hash_of(token);
  static const std::string sql =
      "SELECT " + std::string(kFields) + " FROM private_links WHERE token_hash = $1";
  return db.one(sql, {hash}, read);
}

Result<TakenLink> take_private_link(store::Transaction& tx, events::EventLog& log, Id workspace_id,
                                    Id account_id, std::string_view token, Id identity_id, TimeMs wrote_at,
                                    TimeMs now_ms) {
  const auto link = TRY(find_private_link(tx.db(), token));
  // A word of another workspace is as good as none: not even refusing may be told there.
  if (!link || link->workspace_id != workspace_id) return TakenLink{};
  TakenLink taken{link->case_id, {}};
  if (link->identity_id == identity_id) return taken;  // a second page of the same person
  taken.refused = link->account_id != account_id ? "account"
                  : link->identity_id != 0       ? "used"
                  : link->expires_at <= now_ms   ? "expired"
                                                 : "";
  if (!taken.refused.empty()) {
    TRY(tell(tx, log, *link, "private.refused", 0, R"({"why":")" + std::string(taken.refused) + "\"}"));
    return taken;
  }
  const auto ours =
      TRY(tx.db().run("UPDATE private_links SET identity_id = $3, used_at = $4 WHERE workspace_id = $1 AND "
                      "id = $2 AND identity_id IS NULL",
                      {workspace_id, link->id, identity_id, now_ms}));
  if (ours == 0) return TakenLink{link->case_id, "used"};  // another node was first
  // Whoever came by it was offered it, though nobody pressed "done there" yet.
  TRY(offer_private_links(tx, log, workspace_id, link->outbox_id, std::min(wrote_at - 1, now_ms)));
  TRY(tell(tx, log, *link, "private.came", 0, "{}", std::min(wrote_at - 1, now_ms)));
  return taken;
}

Result<void> note_conversation(store::Transaction& tx, Id workspace_id, std::string_view token,
                               Id conversation_id) {
  const auto hash = hash_of(token);
  TRY(tx.db().run("UPDATE private_links SET conversation_id = $3 WHERE workspace_id = $1 AND token_hash = $2",
                  {workspace_id, hash, conversation_id}));
  return {};
}

}  // namespace kiki::cases
