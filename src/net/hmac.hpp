#pragma once
// Message authentication and encodings for signatures (OpenSSL, libsodium).

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace kiki::net {

std::string hmac_sha256(std::string_view key, std::string_view message);  // 32 raw bytes
std::string hmac_sha1(std::string_view key, std::string_view message);    // 20 raw bytes
std::string sha256(std::string_view bytes);                               // 32 raw bytes
std::string hex(std::string_view bytes);
std::string base64(std::string_view bytes);     // with padding
std::string base64url(std::string_view bytes);  // without padding
Result<std::string> from_base64(
    std::string_view text);  // either alphabet, padding optional; kInvalid otherwise
bool equal_constant_time(std::string_view a, std::string_view b);

// Percent-encoding of RFC 3986: everything but unreserved characters.
std::string percent_encode(std::string_view text);

// Standard Webhooks (https://www.standardwebhooks.com): signed content is "id.timestamp.body", the header
// value is "v1,<base64 of HMAC-SHA256>". Secrets look like "whsec_<base64>"; the key is the decoded part.
std::string standard_webhook_signature(std::string_view secret, std::string_view id, std::int64_t timestamp_s,
                                       std::string_view body);

}  // namespace kiki::net
