#pragma once
// Subcommands that work on the data directory while no server runs on it (SQLite), or beside one
// (PostgreSQL).

#include <cstdint>
#include <string_view>

#include "base/config.hpp"
#include "base/error.hpp"

namespace kiki {

Result<void> migrate(const Config& config);

// login-link: prints a link that signs this person in once; reset-password: prints a new one; disable,
// enable.
Result<void> administer(const Config& config, std::string_view action, std::string_view email);

struct SeedOptions {
  std::int64_t cases = 10'000;
  std::int64_t posts = 50'000;
  std::uint64_t seed = 1;
};
// Fills a desk with made-up cases: same options, same data. Prints progress and a sign-in link.
Result<void> seed(const Config& config, const SeedOptions& options);

}  // namespace kiki
