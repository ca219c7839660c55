#include "net/guarded_socket.hpp"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiki::net {
namespace {

curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& guard = *static_cast<SocketGuard*>(user);
  const auto ip = ip_of(&address->addr);
  if (!ip) return CURL_SOCKET_BAD;
  if (auto allowed = check_address(*ip, guard.url, guard.policy); !allowed.ok()) {
    guard.refused = std::move(allowed).error();
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace

Result<SocketGuard> guard_url(std::string_view url, const SsrfPolicy& policy, std::string_view plain_scheme,
                              std::string_view encrypted_scheme) {
  SocketGuard guard;
  guard.policy = policy;
  guard.policy.allow_plain_http = true;
  guard.url = TRY(read_url(url, guard.policy, plain_scheme, encrypted_scheme));
  guard.tls_required = !guard.url.encrypted && !policy.allow_plain_http && !guard.url.host_is_allowed;
  return guard;
}

void set_guard(void* easy, SocketGuard& guard) {
  curl_easy_setopt(static_cast<CURL*>(easy), CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(static_cast<CURL*>(easy), CURLOPT_OPENSOCKETDATA, &guard);
}

}  // namespace kiki::net
