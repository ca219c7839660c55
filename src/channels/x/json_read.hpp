#pragma once
// Lenient reading of what X sends.

#include <charconv>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::x {

template <class F>
void for_each(JsonView array, F f) {
  if (!array.is_array()) return;
  (void)array
      .each([&](JsonView one) -> Result<void> {
        f(one);
        return {};
      })
      .ok();
}

// The first of two names that is there: X renames tweet to post.
inline JsonView either(JsonView object, std::string_view name, std::string_view other) {
  auto found = object[name];
  return found.exists() && !found.is_null() ? found : object[other];
}

inline std::string clean(std::string_view text, std::size_t limit_bytes) {
  std::string out = text::to_valid_utf8(text::cut_at_code_point(text, limit_bytes));
  std::erase_if(out, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 32 && c != '\n' && c != '\t') || byte == 127;
  });
  return out;
}

// A line of a stream that is no event: an error when X ends the stream with it.
inline Result<void> still_open(JsonView root) {
  std::string why = clean(root["detail"].text(), 200);
  for_each(root["errors"], [&](JsonView one) {
    if (why.empty()) why = clean(one["detail"].text(), 200);
  });
  if (root["errors"].exists() || root["connection_issue"].exists())
    return unavailable("X ended the stream: " + why);
  return {};
}

// An address people may follow, or nothing.
inline std::string web_url(std::string_view url) {
  constexpr std::size_t kUrlLimitBytes = 2'000;
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  if (!web || url.size() > kUrlLimitBytes) return {};
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 32 || byte == 127 || c == '"' || c == '<' || c == '>') return {};
  }
  return clean(url, kUrlLimitBytes);
}

inline std::int64_t number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc() ? value : 0;
}

}  // namespace kiki::channels::x
