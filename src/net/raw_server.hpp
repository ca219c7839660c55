#pragma once
// For tests: a server that follows a script, one connection after the other, plain or with a self-signed
// certificate for "localhost". It can be as rude as the test wants.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace kiki::net {

struct TestCertificate {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();

  TestCertificate() {
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    auto* const name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1,
                               -1, 0);
    X509_set_issuer_name(certificate, name);
    add(NID_basic_constraints, "critical,CA:TRUE");
    add(NID_subject_alt_name, "DNS:localhost");
    X509_sign(certificate, key, EVP_sha256());
  }
  ~TestCertificate() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  void save(const std::string& path) const {
    auto* const file = fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate);
    fclose(file);
  }

 private:
  void add(int nid, const char* value) {
    auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
};

// One accepted connection, in the hands of the script.
class Peer {
 public:
  Peer(int fd, SSL* tls) : fd_(fd), tls_(tls) {}
  ~Peer() {
    if (tls_ != nullptr) SSL_free(tls_);
    ::close(fd_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = tls_ != nullptr ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                     : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  // Everything up to and with `text`; what there was when the client ended.
  std::string read_until(std::string_view text) {
    while (in_.find(text) == std::string::npos && receive()) {
    }
    const auto at = in_.find(text);
    return take(at == std::string::npos ? in_.size() : at + text.size());
  }
  std::string read_bytes(std::size_t count) {
    while (in_.size() < count && receive()) {
    }
    return take(std::min(count, in_.size()));
  }
  // Returns when the client has gone.
  void wait_end() {
    while (receive()) {
    }
  }

 private:
  bool receive() {
    char buffer[16 * 1024];
    const auto n =
        tls_ != nullptr ? SSL_read(tls_, buffer, sizeof buffer) : ::recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    in_.append(buffer, static_cast<std::size_t>(n));
    return true;
  }
  std::string take(std::size_t bytes) {
    std::string out = in_.substr(0, bytes);
    in_.erase(0, bytes);
    return out;
  }

  int fd_;
  SSL* tls_;
  std::string in_;
};

class RawServer {
 public:
  explicit RawServer(std::function<void(Peer&)> script, const TestCertificate* certificate = nullptr)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::listen(listener_, 16);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    if (certificate != nullptr) {
      signal(SIGPIPE, SIG_IGN);  // OpenSSL's own socket writes raise it
      context_ = SSL_CTX_new(TLS_server_method());
      SSL_CTX_use_certificate(context_, certificate->certificate);
      SSL_CTX_use_PrivateKey(context_, certificate->key);
    }
    thread_ = std::thread([this, run = std::move(script)] {
      while (true) {
        const int fd = ::accept(listener_, nullptr, nullptr);
        if (fd < 0) return;
        ++accepted_;
        SSL* tls = nullptr;
        if (context_ != nullptr) {
          tls = SSL_new(context_);
          SSL_set_fd(tls, fd);
        }
        Peer peer(fd, tls);
        if (tls == nullptr || SSL_accept(tls) == 1) run(peer);
      }
    });
  }
  ~RawServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    if (context_ != nullptr) SSL_CTX_free(context_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }
  int accepted() const { return accepted_; }

 private:
  int listener_;
  int port_ = 0;
  std::atomic<int> accepted_ = 0;
  SSL_CTX* context_ = nullptr;
  std::thread thread_;
};

}  // namespace kiki::net
