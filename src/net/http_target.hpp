#pragma once
// The request target, decoded and made unambiguous. What two parsers could read in two ways is refused, not
// repaired: dot segments, encoded slashes and backslashes, NUL and other control characters, bad escapes,
// bytes that are not UTF-8. Repeated slashes become one.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace kiki::net {

struct HttpTarget {
  std::string path;  // begins with "/"
  std::vector<std::pair<std::string, std::string>> query;
};

// Origin form ("/a?b=c") or absolute form ("http://host/a?b=c", as sent to proxies). kInvalid otherwise;
// `where` is the byte offset of the fault.
Result<HttpTarget> parse_target(std::string_view target);

// %XX and, when asked, "+" for a space; kInvalid for bad escapes, NUL, or a result that is not UTF-8.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space);

bool is_utf8(std::string_view bytes);

}  // namespace kiki::net
