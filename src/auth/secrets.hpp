#pragma once
// Secrets that somebody holds and the desk must recognise (session cookies, tokens, links). They have 256
// random bits, so a plain SHA-256 is enough to store: there is nothing to guess.

#include <string>
#include <string_view>

namespace kiki::auth {

std::string secret_hash(std::string_view secret);  // SHA-256, hex, as the token_hash columns hold it

}  // namespace kiki::auth
