// Names of roles, as the database and the API know them.

#include "auth/role.hpp"

namespace kiki::auth {

std::string_view name(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kAgent:
      return "agent";
    case Role::kLead:
      return "lead";
    case Role::kAdministrator:
      return "administrator";
    case Role::kOwner:
      return "owner";
  }
  return "";
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : kAllRoles) {
    if (name(role) == text) return role;
  }
  return std::nullopt;
}

}  // namespace kiki::auth
