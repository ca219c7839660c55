#pragma once
// Subcommands. migrate and seed work on the data directory while no server runs on it (SQLite), or beside one
// (PostgreSQL); admin works in any case.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/config.hpp"
#include "base/error.hpp"
#include "base/random.hpp"

namespace kiki {

namespace auth {
class OneTimeLinks;
class Users;
}  // namespace auth

Result<void> migrate(const Config& config);

// What the commands below need of a desk; references outlive the call.
struct AdminParts {
  auth::Users& users;
  auth::OneTimeLinks& links;
  Random& random;
  std::string base_url;
};
// login-link: answers with a link that signs this person in once; reset-password: with a new one; disable,
// enable.
Result<std::string> administer(AdminParts parts, std::string_view action, std::string_view email);

// The same from the command line: over the running server's socket, or on the store itself when no server
// runs on this data directory. Prints the answer.
Result<void> administer(const Config& config, std::string_view action, std::string_view email);
// The server's side of the socket.
inline constexpr const char* kAdminSocket = "admin.sock";
std::string answer_admin(AdminParts parts, std::string_view request);

struct SeedOptions {
  std::int64_t cases = 10'000;
  std::int64_t posts = 50'000;
  std::uint64_t seed = 1;
};
// Fills a desk with made-up cases: same options, same data. Prints progress and a sign-in link.
Result<void> seed(const Config& config, const SeedOptions& options);

}  // namespace kiki
