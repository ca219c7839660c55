#pragma once
// What a person (or a program with a token) is in one workspace. Ordered: a greater role may all that a
// smaller one may.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kiki::auth {

enum class Role : std::uint8_t { kViewer, kAgent, kLead, kAdministrator, kOwner };

inline constexpr std::array kAllRoles = {Role::kViewer, Role::kAgent, Role::kLead, Role::kAdministrator,
                                         Role::kOwner};

std::string_view name(Role role);  // "viewer", as stored and in JSON
std::optional<Role> parse_role(std::string_view text);

}  // namespace kiki::auth
