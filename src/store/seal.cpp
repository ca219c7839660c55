// The key file is written beside its name and renamed: it is complete or not there.

#include "store/seal.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace kiki::store {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// The ids come first and hold no separator, so no two contexts have the same text.
std::string associated(const SealContext& context) {
  return "kikimimi/" + std::to_string(context.workspace_id) + "/" + std::to_string(context.account_id) + "/" +
         std::string(context.name);
}

Error corrupt(std::string message, std::string code = {}) {
  return {ErrorKind::kCorrupt, std::move(message), {}, std::move(code), 0};
}

Result<std::string> read_all(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return not_found(path);
  if (fd < 0) return unavailable("cannot read " + path + ": " + std::strerror(errno));
  std::string text(256, '\0');
  const auto count = ::read(fd, text.data(), text.size());
  ::close(fd);
  if (count < 0) return unavailable("cannot read " + path + ": " + std::strerror(errno));
  text.resize(static_cast<std::size_t>(count));
  return text;
}

}  // namespace

Sealer::Sealer(const Key& key) : key_(key), fingerprint_(kFingerprintBytes, '\0') {
  static constexpr std::string_view kPurpose = "kikimimi key fingerprint";
  std::array<unsigned char, crypto_generichash_BYTES> hash{};
  crypto_generichash(hash.data(), hash.size(), bytes_of(kPurpose), kPurpose.size(), key_.data(), key_.size());
  std::memcpy(fingerprint_.data(), hash.data(), fingerprint_.size());
}

Sealer::~Sealer() {
  sodium_memzero(key_.data(), key_.size());
}

Result<Sealer::Key> Sealer::parse_key(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  Key key{};
  std::size_t length = 0;
  const char* end = nullptr;
  const int code = sodium_hex2bin(key.data(), key.size(), text.data(), text.size(), nullptr, &length, &end);
  if (code != 0 || length != key.size() || end != text.data() + text.size()) {
    return invalid("the secret key is not 64 hexadecimal digits", "KIKIMIMI_SECRET_KEY");
  }
  return key;
}

Result<Sealer::Key> Sealer::read_or_make(const std::filesystem::path& file) {
  const auto path = file.string();
  auto text = read_all(path);
  if (text.ok()) {
    auto key = parse_key(text.value());
    sodium_memzero(text.value().data(), text.value().size());
    if (!key.ok()) return corrupt(path + " does not hold a key (64 hexadecimal digits)");
    return key;
  }
  if (text.error().kind != ErrorKind::kNotFound) return std::move(text).error();

  Key key{};
  randombytes_buf(key.data(), key.size());
  std::array<char, kKeyBytes * 2 + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), key.data(), key.size());
  hex.back() = '\n';
  // Complete under its name or not there at all: a half-written key would lock every secret up.
  const auto making = path + ".new";
  ::unlink(making.c_str());
  const int fd = ::open(making.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return unavailable("cannot make " + making + ": " + std::strerror(errno));
  const bool written =
      ::write(fd, hex.data(), hex.size()) == static_cast<ssize_t>(hex.size()) && ::fsync(fd) == 0;
  ::close(fd);
  sodium_memzero(hex.data(), hex.size());
  if (!written || ::rename(making.c_str(), path.c_str()) != 0) {
    return unavailable("cannot make " + path + ": " + std::strerror(errno));
  }
  const int directory = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    ::fsync(directory);
    ::close(directory);
  }
  return key;
}

Result<std::unique_ptr<Sealer>> Sealer::open(const std::filesystem::path& directory,
                                             std::string_view configured_key) {
  if (sodium_init() < 0) return internal_error("libsodium does not start");
  if (configured_key.empty()) {
    const char* from_environment = std::getenv("KIKIMIMI_SECRET_KEY");
    if (from_environment != nullptr) configured_key = from_environment;
  }
  auto key = configured_key.empty() ? read_or_make(directory / "secret.key") : parse_key(configured_key);
  if (!key.ok()) return std::move(key).error();
  std::unique_ptr<Sealer> sealer(new Sealer(key.value()));
  sodium_memzero(key.value().data(), key.value().size());
  return sealer;
}

std::string Sealer::key_for(std::string_view purpose) const {
  const std::string named = "kikimimi key for " + std::string(purpose);
  std::array<unsigned char, kKeyBytes> key{};
  crypto_generichash(key.data(), key.size(), bytes_of(named), named.size(), key_.data(), key_.size());
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::string Sealer::seal(std::string_view secret, const SealContext& context) const {
  std::string sealed(1, kVersion);
  sealed += fingerprint_;
  const auto nonce_at = sealed.size();
  sealed.resize(nonce_at + kNonceBytes + secret.size() + kTagBytes);
  auto* nonce = reinterpret_cast<unsigned char*>(sealed.data()) + nonce_at;
  randombytes_buf(nonce, kNonceBytes);
  const auto context_text = associated(context);
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonceBytes, nullptr, bytes_of(secret), secret.size(),
                                             bytes_of(context_text), context_text.size(), nullptr, nonce,
                                             key_.data());
  return sealed;
}

Result<std::string> Sealer::unseal(std::string_view sealed, const SealContext& context) const {
  const auto head = 1 + kFingerprintBytes + kNonceBytes;
  if (sealed.size() < head + kTagBytes || sealed[0] != kVersion) return corrupt("not a sealed secret");
  if (sealed.substr(1, kFingerprintBytes) != fingerprint_) {
    return corrupt(
        "this secret was sealed with another key: is it the right secret.key or KIKIMIMI_SECRET_KEY?",
        "wrong_key");
  }
  std::string secret(sealed.size() - head - kTagBytes, '\0');
  const auto context_text = associated(context);
  const auto* nonce = bytes_of(sealed) + 1 + kFingerprintBytes;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<unsigned char*>(secret.data()), nullptr, nullptr, nonce + kNonceBytes,
          sealed.size() - head, bytes_of(context_text), context_text.size(), nonce, key_.data()) != 0) {
    return corrupt("a sealed secret was damaged, or belongs to another account");
  }
  return secret;
}

}  // namespace kiki::store
