#pragma once
// Who a customer is, in the word of the brand's own site: a JSON Web Token signed with the account's secret
// (RFC 7519, HS256), made by the site's server for the person who is signed in there.

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace kiki::net {

inline constexpr std::size_t kIdentityMostBytes = 4'096;
inline constexpr TimeMs kIdentityLifeMostMs = 24 * 3'600'000;  // what is stolen must not live for ever
inline constexpr TimeMs kClockSkewMs = 60'000;

struct IdentityProof {
  std::string user;  // "sub"
  std::string name;
  std::string email;  // as it stands there: whoever writes to it looks at it first
  TimeMs expires_at = 0;
  std::string hash;  // of the token: the same token is brought by one browser only
};

// kUnauthenticated "identity_refused", whatever is wrong with it. `account_key` is what "aud" must say when
// the token has one.
Result<IdentityProof> verify_identity(std::string_view token, std::string_view secret,
                                      std::string_view account_key, TimeMs now_ms);

}  // namespace kiki::net
