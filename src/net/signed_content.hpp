#pragma once
// What was signed, out of a CMS structure of signed data (RFC 5652). Nothing is verified.

#include <optional>
#include <string>
#include <string_view>

namespace kiki::net {

// Nothing when it is no signed data, or its content is elsewhere.
std::optional<std::string> content_of_signed(std::string_view der);

}  // namespace kiki::net
