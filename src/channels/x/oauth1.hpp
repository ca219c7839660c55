#pragma once
// Signing requests after OAuth 1.0a with HMAC-SHA1 (RFC 5849).
// https://docs.x.com/resources/fundamentals/authentication/oauth-1-0a/creating-a-signature

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiki::channels::x {

struct OAuth1Keys {
  std::string consumer_key;
  std::string consumer_secret;
  std::string token;  // empty while one is being asked for
  std::string token_secret;
};

using Params = std::vector<std::pair<std::string, std::string>>;

struct SignedCall {
  std::string_view method;
  std::string_view url;  // as it is called: the host is part of the signature
  Params form;           // of a form body; JSON and multipart bodies are not signed
  Params extra;          // further oauth_… parameters (oauth_callback, oauth_verifier)
};

std::string oauth1_signature(const OAuth1Keys& keys, const SignedCall& call, std::string_view nonce,
                             std::int64_t timestamp_s);
// The value of the Authorization header.
std::string oauth1_header(const OAuth1Keys& keys, const SignedCall& call, std::string_view nonce,
                          std::int64_t timestamp_s);

// "a=b&c=d" decoded; also what X answers to requests for tokens.
Params read_form(std::string_view text);
std::string write_form(const Params& params);
std::string_view value_of(const Params& params, std::string_view key);

}  // namespace kiki::channels::x
