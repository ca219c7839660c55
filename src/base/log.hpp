#pragma once
// Structured log: one JSON object a line on standard error: time, level, message, fields. spdlog is behind
// it. Fields that name a thing on the path keep their names everywhere: workspace_id, account_id, journal_id,
// post_id, case_id, outbox_id, user_id. Never log a secret, a token, a password, a cookie, or the text of a
// post.

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "base/error.hpp"

namespace kiki::log {

enum class Level : std::uint8_t { kDebug, kInfo, kWarning, kError };

struct Field {
  std::string_view key;
  std::variant<std::int64_t, double, bool, std::string_view> value;
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  Field(std::string_view k, std::int64_t v) : key(k), value(v) {}
  Field(std::string_view k, int v) : key(k), value(static_cast<std::int64_t>(v)) {}
  Field(std::string_view k, unsigned v) : key(k), value(static_cast<std::int64_t>(v)) {}
  Field(std::string_view k, std::size_t v) : key(k), value(static_cast<std::int64_t>(v)) {}
};
using Fields = std::initializer_list<Field>;

void set_level(Level level);
Result<Level> parse_level(std::string_view name);  // debug, info, warning, error
void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warning(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});
// With error's kind, code, message and place as fields.
void warning(std::string_view message, const Error& cause, Fields fields = {});
void error(std::string_view message, const Error& cause, Fields fields = {});

// For tests: collects lines instead of printing them until destroyed.
class Capture {
 public:
  Capture();
  ~Capture();
  std::string text() const;
};

}  // namespace kiki::log
