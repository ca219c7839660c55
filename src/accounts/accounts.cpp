#include "accounts/accounts.hpp"

#include <boost/json.hpp>

#include "base/log.hpp"
#include "ingest/account_problems.hpp"
#include "store/cursors.hpp"

namespace kiki::accounts {

namespace {

constexpr std::string_view kColumns =
    "SELECT workspace_id, id, network, kind, external_id, handle, name, avatar_url, settings, status, "
    "status_detail, "
    "status_at, created_at FROM accounts ";

AccountRow read_row(const store::Row& row) {
  AccountRow out;
  out.account.workspace_id = row.integer(0);
  out.account.id = row.integer(1);
  out.account.network = row.string(2);
  out.account.kind = row.string(3);
  out.account.external_id = row.string(4);
  out.account.handle = row.string(5);
  out.account.name = row.string(6);
  out.avatar_url = row.string(7);
  out.account.settings = row.string(8);
  out.status = row.string(9);
  out.status_detail = row.string(10);
  out.status_at = row.integer(11);
  out.created_at = row.integer(12);
  return out;
}

Result<void> tell(store::Transaction& tx, events::EventLog& log, Id workspace_id, Id account_id, Id actor_id,
                  std::string_view what) {
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "account.status";
  event.actor_id = actor_id;
  event.data =
      json::serialize(json::object{{"account_id", to_string(account_id)}, {"status", std::string(what)}});
  return log.append(tx, std::move(event));
}

}  // namespace

void Accounts::changed(Id workspace_id, Id account_id) {
  for (const auto& f : on_change_) f(workspace_id, account_id);
}

Result<std::vector<AccountRow>> Accounts::list(Id workspace_id) {
  static const std::string sql =
      std::string(kColumns) + "WHERE workspace_id = $1 AND removed_at IS NULL ORDER BY id";
  auto reader = TRY(parts_.db.reader());
  return reader->all(sql, {workspace_id}, read_row);
}

Result<std::vector<AccountRow>> Accounts::list_all() {
  static const std::string sql = std::string(kColumns) + "WHERE removed_at IS NULL ORDER BY workspace_id, id";
  auto reader = TRY(parts_.db.reader());
  return reader->all(sql, {}, read_row);
}

Result<AccountRow> Accounts::read(Id workspace_id, Id account_id) {
  static const std::string sql =
      std::string(kColumns) + "WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL";
  auto reader = TRY(parts_.db.reader());
  auto row = TRY(reader->one(sql, {workspace_id, account_id}, read_row));
  if (!row) return not_found("There is no such account.");
  return std::move(*row);
}

Result<Accounts::NewAccount> Accounts::connect(Id workspace_id, Id actor_id, std::string_view network,
                                               const Fields& fields, const Also& also, std::stop_token stop) {
  auto* channel = parts_.channel(network);
  if (channel == nullptr) return invalid("There is no such network.", "/network");
  return connect_as(workspace_id, actor_id, network, TRY(channel->connect(fields, stop)), also);
}

Result<Accounts::NewAccount> Accounts::connect_as(Id workspace_id, Id actor_id, std::string_view network,
                                                  channels::Connected connected, const Also& also) {
  const auto account_id = TRY(parts_.db.writer().write_result([&](store::Transaction& tx) -> Result<Id> {
    const auto known =
        TRY(tx.db().one("SELECT id, removed_at FROM accounts WHERE workspace_id = $1 AND network = $2 AND "
                        "kind = 'account' AND external_id = $3",
                        {workspace_id, network, connected.external_id},
                        [](const store::Row& row) { return std::pair(row.integer(0), row.null(1)); }));
    if (known && known->second) return conflict("This account is connected already.", "already_connected");
    const Id id = known ? known->first : parts_.ids.next();
    if (!known) {
      TRY(tx.db().run(
          "INSERT INTO accounts (workspace_id, id, network, kind, external_id, handle, created_at) "
          "VALUES ($1, $2, $3, 'account', $4, $5, $6)",
          {workspace_id, id, network, connected.external_id, connected.handle, parts_.clock.now_ms()}));
    }
    TRY(store(tx, workspace_id, id, actor_id, connected, network));
    if (also) TRY(also(tx, id, connected));
    return id;
  }));
  changed(workspace_id, account_id);
  return NewAccount{TRY(read(workspace_id, account_id)), std::move(connected.secrets)};
}

Result<AccountRow> Accounts::reconnect(Id workspace_id, Id actor_id, Id account_id, const Fields& fields,
                                       std::stop_token stop) {
  const auto row = TRY(read(workspace_id, account_id));
  auto* channel = parts_.channel(row.account.network);
  if (channel == nullptr || row.account.kind != "account") return invalid("This account has no credentials.");
  return reconnect_as(workspace_id, actor_id, account_id, TRY(channel->connect(fields, stop)));
}

Result<AccountRow> Accounts::reconnect_as(Id workspace_id, Id actor_id, Id account_id,
                                          const channels::Connected& connected) {
  const auto row = TRY(read(workspace_id, account_id));
  if (connected.external_id != row.account.external_id) {
    return conflict("These credentials belong to another account.", "other_account");
  }
  TRY(parts_.db.writer().write([&](store::Transaction& tx) {
    return store(tx, workspace_id, account_id, actor_id, connected, row.account.network);
  }));
  changed(workspace_id, account_id);
  return read(workspace_id, account_id);
}

Result<void> Accounts::store(store::Transaction& tx, Id workspace_id, Id account_id, Id actor_id,
                             const channels::Connected& connected, std::string_view network) {
  TRY(tx.db().run(
      "UPDATE accounts SET handle = $1, name = $2, avatar_url = $3, settings = $4, status = 'starting', "
      "status_detail = '', status_at = $5, removed_at = NULL WHERE workspace_id = $6 AND id = $7",
      {connected.handle, connected.name, connected.avatar_url, connected.settings, parts_.clock.now_ms(),
       workspace_id, account_id}));
  TRY(parts_.store_secrets(tx, workspace_id, account_id, connected.secrets));
  TRY(ingest::clear_problem(tx, parts_.log, workspace_id, account_id, ""));
  // The network is told anew where to call (webhook_door.hpp).
  TRY(store::set_cursor(tx, {workspace_id, account_id, kSubscribed}, "", parts_.clock.now_ms()));
  log::info("account connected",
            {{"workspace_id", workspace_id}, {"account_id", account_id}, {"network", network}});
  return tell(tx, parts_.log, workspace_id, account_id, actor_id, "starting");
}

Result<AccountRow> Accounts::patch(Id workspace_id, Id actor_id, Id account_id, const Patch& patch) {
  TRY(read(workspace_id, account_id));
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto now_ms = parts_.clock.now_ms();
    if (patch.name) {
      TRY(tx.db().run("UPDATE accounts SET name = $1 WHERE workspace_id = $2 AND id = $3",
                      {*patch.name, workspace_id, account_id}));
    }
    if (patch.settings) {
      TRY(tx.db().run("UPDATE accounts SET settings = $1 WHERE workspace_id = $2 AND id = $3",
                      {*patch.settings, workspace_id, account_id}));
    }
    if (patch.paused) {
      TRY(
          tx.db().run("UPDATE accounts SET status = $1, status_detail = '', status_at = $2 WHERE "
                      "workspace_id = $3 AND id = $4",
                      {*patch.paused ? "paused" : "starting", now_ms, workspace_id, account_id}));
    }
    return tell(tx, parts_.log, workspace_id, account_id, actor_id,
                patch.paused && *patch.paused ? "paused" : "changed");
  }));
  changed(workspace_id, account_id);
  return read(workspace_id, account_id);
}

Result<void> Accounts::remove(Id workspace_id, Id actor_id, Id account_id) {
  TRY(read(workspace_id, account_id));
  TRY(parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("UPDATE accounts SET removed_at = $1 WHERE workspace_id = $2 AND id = $3",
                    {parts_.clock.now_ms(), workspace_id, account_id}));
    // Credentials go at once; what was said stays.
    TRY(tx.db().run("DELETE FROM account_secrets WHERE workspace_id = $1 AND account_id = $2",
                    {workspace_id, account_id}));
    TRY(ingest::clear_problem(tx, parts_.log, workspace_id, account_id, ""));
    TRY(
        tx.db().run("UPDATE api_tokens SET revoked_at = $1 WHERE workspace_id = $2 AND account_id = $3 AND "
                    "revoked_at IS NULL",
                    {parts_.clock.now_ms(), workspace_id, account_id}));
    return tell(tx, parts_.log, workspace_id, account_id, actor_id, "removed");
  }));
  changed(workspace_id, account_id);
  return {};
}

Result<void> Accounts::tried(Id workspace_id, Id account_id, std::string_view status,
                             std::string_view detail) {
  TRY(set_status(workspace_id, account_id, status, detail));
  changed(workspace_id, account_id);
  return {};
}

Result<void> Accounts::set_status(Id workspace_id, Id account_id, std::string_view status,
                                  std::string_view detail) {
  return parts_.db.writer().write([&](store::Transaction& tx) -> Result<void> {
    // A person's pause is not undone by a reader that has not stopped yet.
    const auto changed =
        TRY(tx.db().run("UPDATE accounts SET status = $1, status_detail = $2, status_at = $3 WHERE "
                        "workspace_id = $4 AND id = $5 "
                        "AND status <> 'paused' AND (status <> $1 OR status_detail <> $2)",
                        {status, detail, parts_.clock.now_ms(), workspace_id, account_id}));
    if (changed == 0) return {};
    TRY(ingest::note_status(tx, parts_.log, workspace_id, account_id, status, detail, parts_.clock.now_ms()));
    return tell(tx, parts_.log, workspace_id, account_id, 0, status);
  });
}

json::object capabilities_json(const channels::Capabilities& can) {
  return {{"public_reply", can.public_reply},
          {"private_reply", can.private_reply},
          {"private_link", can.private_link},
          {"typing", can.typing},
          {"like", can.like},
          {"repost", can.repost},
          {"delete_own", can.delete_own},
          {"thread_context", can.thread_context},
          {"profile", can.profile},
          {"edits", can.edits},
          {"deletions", can.deletions},
          {"listens", can.listens},
          {"webhooks", can.webhooks},
          {"compose_page", can.compose_page},
          {"hide", can.hide},
          {"images", can.images},
          {"image_bytes", can.image_bytes},
          {"image_alt", can.image_alt},
          {"text_limit", can.text_limit},
          {"text_unit", can.text_unit},
          {"idempotent_send", can.idempotent_send},
          {"private_text_limit", can.private_text_limit},
          {"private_text_unit", can.private_text_unit},
          {"like_closed", can.like_closed}};
}

json::object to_json(const AccountRow& row, const channels::Capabilities& capabilities) {
  boost::system::error_code bad;
  auto settings = json::parse(row.account.settings, bad);
  return {{"id", to_string(row.account.id)},
          {"network", row.account.network},
          {"kind", row.account.kind},
          {"external_id", row.account.external_id},
          {"handle", row.account.handle},
          {"name", row.account.name},
          {"avatar_url", row.avatar_url},
          {"status", row.status},
          {"status_detail", row.status_detail},
          {"status_at", to_rfc3339(row.status_at)},
          {"capabilities", capabilities_json(capabilities)},
          {"settings", bad || !settings.is_object() ? json::value(json::object{}) : settings},
          {"created_at", to_rfc3339(row.created_at)}};
}

json::object to_json(const channels::Descriptor& descriptor) {
  json::array fields;
  for (const auto& field : descriptor.connect_fields) {
    fields.push_back(json::object{{"key", field.key},
                                  {"type", field.type},
                                  {"required", field.required},
                                  {"default_value", field.default_value},
                                  {"group", field.group}});
  }
  return {{"network", descriptor.network},
          {"mark", descriptor.mark},
          {"capabilities", capabilities_json(descriptor.capabilities)},
          {"connect_fields", std::move(fields)},
          {"oauth", descriptor.oauth}};
}

}  // namespace kiki::accounts
