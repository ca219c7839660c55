#pragma once
// Errors as values: every fallible call returns Result<T>, and TRY() shows it at the call.
// The list of kinds is closed; each kind means one HTTP status and one decision about trying again.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.hpp"

namespace kiki {

enum class ErrorKind : std::uint8_t {
  kInvalid,          // 400: the input is wrong; trying again cannot help
  kUnauthenticated,  // 401: no or expired credentials
  kForbidden,        // 403: known, but may not
  kNotFound,         // 404
  kConflict,         // 409: the state has moved on, or it exists already
  kGone,             // 410: was here, is deleted
  kTooLarge,         // 413: over a limit of ours
  kUnprocessable,    // 422: well-formed, but a rule forbids it
  kRateLimited,      // 429: try again after retry_after_ms
  kUnavailable,      // 503: the other side (network, store) is away; try again later
  kUnclear,          // 504: it may or may not have happened; look before trying again
  kCancelled,        // 503: we are stopping
  kCorrupt,          // 500: stored or received data that cannot be read
  kInternal,         // 500: our own fault
};

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;              // for people, in English, without secrets
  std::string where;                // place of the fault: JSON pointer, file:line, byte offset; may be empty
  std::string code;                 // machine-readable reason, for example "handle_taken"; may be empty
  std::int64_t retry_after_ms = 0;  // kRateLimited, kUnavailable: 0 = not told
};

// The one HTTP status of a kind.
int http_status(ErrorKind kind);
// snake_case name, for logs and problem+json ("rate_limited").
std::string_view name(ErrorKind kind);
// May the same call, unchanged, succeed later?
bool is_retryable(ErrorKind kind);

inline Error invalid(std::string message, std::string where = {}) {
  return {ErrorKind::kInvalid, std::move(message), std::move(where), {}, 0};
}
inline Error not_found(std::string message) {
  return {ErrorKind::kNotFound, std::move(message), {}, {}, 0};
}
inline Error conflict(std::string message, std::string code = {}) {
  return {ErrorKind::kConflict, std::move(message), {}, std::move(code), 0};
}
inline Error unavailable(std::string message) {
  return {ErrorKind::kUnavailable, std::move(message), {}, {}, 0};
}
inline Error internal_error(std::string message) {
  return {ErrorKind::kInternal, std::move(message), {}, {}, 0};
}

struct [[nodiscard]] Unit {};

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by intent
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & {
    CHECK(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    CHECK(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  Error& error() & {
    CHECK(!ok());
    return std::get<1>(state_);
  }
  const Error& error() const& {
    CHECK(!ok());
    return std::get<1>(state_);
  }
  Error&& error() && {
    CHECK(!ok());
    return std::get<1>(std::move(state_));
  }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by intent
  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const { CHECK(ok()); }
  Error& error() & {
    CHECK(!ok());
    return *error_;
  }
  const Error& error() const& {
    CHECK(!ok());
    return *error_;
  }
  Error&& error() && {
    CHECK(!ok());
    return *std::move(error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace kiki

// Unwraps a Result, or returns its error from the enclosing function. Never inside a coroutine (g++ 12
// crashes).
#define TRY(expression) KIKI_TRY_EXPAND(expression, __COUNTER__)
#define KIKI_TRY_EXPAND(expression, n) KIKI_TRY_NUMBERED(expression, n)
#define KIKI_TRY_NUMBERED(expression, n) KIKI_TRY_NAMED(expression, try_result_##n)
#define KIKI_TRY_NAMED(expression, name)            \
  __extension__({                                   \
    auto name = (expression);                       \
    if (!name.ok()) return std::move(name).error(); \
    std::move(name).value();                        \
  })
