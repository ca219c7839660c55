#pragma once
// Passwords: argon2id by libsodium, on a small pool of its own, so that many logins at once can take neither
// all cores nor all memory.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/worker_pool.hpp"

namespace kiki::auth {

struct PasswordCost {
  unsigned long long operations = 3;
  std::size_t memory_bytes = 64u << 20;
  std::size_t threads = 2;  // at most threads * memory_bytes are in use
  std::size_t queue_limit_jobs = 64;

  static PasswordCost for_tests() { return {1, 8'192, 1, 64}; }  // the least that libsodium takes
};

inline constexpr std::size_t kPasswordLeastChars = 10;
inline constexpr std::size_t kPasswordMostBytes = 512;

class Passwords {
 public:
  explicit Passwords(PasswordCost cost = {});
  ~Passwords();

  // kInvalid when it is too short or too long; `where` is the JSON pointer given.
  static Result<void> check_strength(std::string_view password, std::string_view where);
  // kUnavailable when too many wait already.
  Result<std::string> hash(std::string_view password);
  Result<bool> verify(std::string_view hash, std::string_view password);
  // The work of a verify that fails, for people who do not exist.
  Result<void> verify_nobody(std::string_view password);
  bool needs_rehash(std::string_view hash) const;

 private:
  PasswordCost cost_;
  std::string nobody_hash_;
  WorkerPool pool_;
};

}  // namespace kiki::auth
