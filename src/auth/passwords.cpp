// 64 MiB and three passes take about 0.1 s: libsodium's "moderate" 256 MiB would let four logins fill the
// memory of the small machines this runs on.

#include "auth/passwords.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <future>
#include <memory>

#include "base/check.hpp"

namespace kiki::auth {

namespace {

Result<std::string> hash_now(std::string_view password, const PasswordCost& cost) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost.operations, cost.memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return unavailable("There is not enough memory to check passwords now.");
  }
  return std::string(text.data());
}

// Runs f on the pool and waits: the caller is a request that has nothing else to do.
template <class F>
auto on_pool(WorkerPool& pool, F f) -> std::invoke_result_t<F> {
  auto task = std::make_shared<std::packaged_task<std::invoke_result_t<F>()>>(std::move(f));
  auto outcome = task->get_future();
  if (!pool.submit([task] { (*task)(); })) {
    Error busy = unavailable("Too many people are signing in at once.");
    busy.retry_after_ms = 2'000;
    return busy;
  }
  return outcome.get();
}

}  // namespace

Passwords::Passwords(PasswordCost cost)
    : cost_(cost), pool_("passwords", cost.threads, cost.queue_limit_jobs) {
  CHECK(sodium_init() >= 0);
  // A well-formed hash that no password has: 16 bytes of salt and 32 of hash, all zero. Checking it costs the
  // same.
  nobody_hash_ = "$argon2id$v=19$m=" + std::to_string(cost_.memory_bytes / 1'024) +
                 ",t=" + std::to_string(cost_.operations) + ",p=1$" + std::string(22, 'A') + "$" +
                 std::string(43, 'A');
}

Passwords::~Passwords() = default;

Result<void> Passwords::check_strength(std::string_view password, std::string_view where) {
  if (password.size() > kPasswordMostBytes) return invalid("The password is too long.", std::string(where));
  const auto chars =
      std::count_if(password.begin(), password.end(), [](char c) { return (c & 0xc0) != 0x80; });
  if (static_cast<std::size_t>(chars) < kPasswordLeastChars) {
    Error error = invalid("The password needs at least 10 characters.", std::string(where));
    error.code = "password_too_short";
    return error;
  }
  return {};
}

Result<std::string> Passwords::hash(std::string_view password) {
  return on_pool(pool_, [this, text = std::string(password)] { return hash_now(text, cost_); });
}

Result<bool> Passwords::verify(std::string_view hash, std::string_view password) {
  if (password.size() > kPasswordMostBytes) return false;
  return on_pool(pool_, [stored = std::string(hash), text = std::string(password)]() -> Result<bool> {
    return crypto_pwhash_str_verify(stored.c_str(), text.data(), text.size()) == 0;
  });
}

Result<void> Passwords::verify_nobody(std::string_view password) {
  TRY(verify(nobody_hash_, password));
  return {};
}

bool Passwords::needs_rehash(std::string_view hash) const {
  return crypto_pwhash_str_needs_rehash(std::string(hash).c_str(), cost_.operations, cost_.memory_bytes) == 1;
}

}  // namespace kiki::auth
