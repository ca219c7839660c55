// A link is used inside one transaction: person, membership, session and the mark "used" come together or not
// at all.

#include "auth/invitations.hpp"

#include "auth/secrets.hpp"

namespace kiki::auth {

namespace {

constexpr std::string_view kColumns =
    "i.id, i.workspace_id, i.role, i.email, i.created_at, i.expires_at, i.used_at";

Invitation read_invitation(const store::Row& row) {
  Invitation invitation;
  invitation.id = row.integer(0);
  invitation.workspace_id = row.integer(1);
  invitation.role = parse_role(row.text(2)).value_or(Role::kViewer);
  invitation.email = row.string(3);
  invitation.created_at = row.integer(4);
  invitation.expires_at = row.integer(5);
  invitation.used_at = row.maybe_integer(6);
  return invitation;
}

}  // namespace

Result<std::vector<Invitation>> Invitations::list(Id workspace_id, Id after_id, int limit) {
  auto reader = TRY(database_.reader());
  return reader->all("SELECT " + std::string(kColumns) +
                         " FROM invitations i WHERE i.workspace_id = $1 AND i.id > $2 ORDER BY i.id LIMIT $3",
                     {workspace_id, after_id, limit}, read_invitation);
}

Result<std::optional<Invitation>> Invitations::find(Id workspace_id, Id invitation_id) {
  auto reader = TRY(database_.reader());
  return reader->one(
      "SELECT " + std::string(kColumns) + " FROM invitations i WHERE i.workspace_id = $1 AND i.id = $2",
      {workspace_id, invitation_id}, read_invitation);
}

Result<MadeInvitation> Invitations::create(Id workspace_id, Role role, std::string_view email,
                                           Id created_by) {
  MadeInvitation made;
  made.secret = random_.token(32);
  made.invitation.id = ids_.next();
  made.invitation.workspace_id = workspace_id;
  made.invitation.role = role;
  if (!email.empty()) made.invitation.email = TRY(fold_email(email));
  made.invitation.created_at = clock_.now_ms();
  made.invitation.expires_at = made.invitation.created_at + kInvitationLifeMs;
  const std::string hash = secret_hash(made.secret);
  TRY(database_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const Invitation& i = made.invitation;
    TRY(tx.db().run(
        "INSERT INTO invitations (workspace_id, id, role, email, token_hash, created_by, created_at, "
        "expires_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {i.workspace_id, i.id, name(i.role), i.email, hash, created_by, i.created_at, i.expires_at}));
    return {};
  }));
  return made;
}

Result<void> Invitations::remove(Id workspace_id, Id invitation_id) {
  return database_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto removed = TRY(tx.db().run("DELETE FROM invitations WHERE workspace_id = $1 AND id = $2",
                                         {workspace_id, invitation_id}));
    if (removed == 0) return not_found("There is no such invitation.");
    return {};
  });
}

Result<InvitationPreview> Invitations::read(store::Connection& db, std::string_view secret) {
  const std::string hash = secret_hash(secret);
  const auto found =
      TRY(db.one("SELECT " + std::string(kColumns) +
                     ", w.name, COALESCE(u.name, '') FROM invitations i "
                     "JOIN workspaces w ON w.id = i.workspace_id LEFT JOIN users u ON u.id = i.created_by "
                     "WHERE i.token_hash = $1 AND w.archived_at IS NULL",
                 {hash}, [](const store::Row& row) {
                   return InvitationPreview{read_invitation(row), row.string(7), row.string(8)};
                 }));
  if (!found) return not_found("There is no such invitation.");
  if (found->invitation.used_at) {
    return Error{ErrorKind::kGone, "This invitation has been used.", {}, "invitation_used", 0};
  }
  if (found->invitation.expires_at <= clock_.now_ms()) {
    return Error{
        ErrorKind::kGone, "This invitation has expired. Ask for a new one.", {}, "invitation_expired", 0};
  }
  return *found;
}

Result<InvitationPreview> Invitations::preview(std::string_view secret) {
  auto reader = TRY(database_.reader());
  return read(*reader, secret);
}

Result<void> Invitations::use(store::Transaction& tx, std::string_view secret, Id user_id,
                              std::string_view email) {
  const auto preview = TRY(read(tx.db(), secret));
  const Invitation& invitation = preview.invitation;
  if (!invitation.email.empty() && invitation.email != email) {
    return Error{ErrorKind::kForbidden, "This invitation is for another e-mail address.", "/email",
                 "other_email", 0};
  }
  TRY(tx.db().run("UPDATE invitations SET used_at = $1, used_by = $2 WHERE workspace_id = $3 AND id = $4",
                  {clock_.now_ms(), user_id, invitation.workspace_id, invitation.id}));
  return workspaces_.add_member(tx, invitation.workspace_id, user_id, invitation.role, user_id);
}

Result<Invitations::Accepted> Invitations::accept_as_new(std::string_view secret, NewUser wanted,
                                                         std::string_view remote_ip,
                                                         std::string_view user_agent) {
  TRY(preview(secret));  // before the slow work
  const auto prepared = TRY(users_.prepare(wanted));
  return database_.writer().write_result([&](store::Transaction& tx) -> Result<Accepted> {
    TRY(users_.insert(tx, prepared));
    TRY(use(tx, secret, prepared.id, prepared.email));
    return Accepted{prepared.id, TRY(sessions_.start(tx, prepared.id, remote_ip, user_agent))};
  });
}

Result<void> Invitations::accept(std::string_view secret, Id user_id, std::string_view email) {
  return database_.writer().write(
      [&](store::Transaction& tx) -> Result<void> { return use(tx, secret, user_id, email); });
}

}  // namespace kiki::auth
