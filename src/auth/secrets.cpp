// One function, so that everything that stores a secret stores it the same way.

#include "auth/secrets.hpp"

#include "net/hmac.hpp"

namespace kiki::auth {

std::string secret_hash(std::string_view secret) {
  return net::hex(net::sha256(secret));
}

}  // namespace kiki::auth
