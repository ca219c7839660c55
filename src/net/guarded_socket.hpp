#pragma once
// The SSRF guard for transfers of libcurl that are not HTTP: mail servers that a person of some workspace
// typed in. The very address that is about to be connected to is checked.

#include <optional>

#include "net/ssrf_guard.hpp"

namespace kiki::net {

struct SocketGuard {
  SsrfPolicy policy;
  CheckedUrl url;
  bool tls_required = false;     // a plain scheme must be upgraded (STARTTLS) before anything secret is said
  std::optional<Error> refused;  // why the last transfer got no connection
};

// Reads "plain://host" or "encrypted://host"; ports as the URL says, else the scheme's own. A plain scheme is
// fine, because mail servers upgrade it; without TLS at all only where plain HTTP may be spoken as well.
Result<SocketGuard> guard_url(std::string_view url, const SsrfPolicy& policy, std::string_view plain_scheme,
                              std::string_view encrypted_scheme);

// `easy` is a CURL*. `guard` must outlive its connection.
void set_guard(void* easy, SocketGuard& guard);

}  // namespace kiki::net
