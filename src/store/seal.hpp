#pragma once
// Sealing of account secrets (app passwords, tokens): XChaCha20-Poly1305 with one key for the whole data
// directory. Where a secret belongs (workspace, account, name) is authenticated with it: a sealed value
// copied into another row does not open there. Sealed form: version, fingerprint of the key, nonce,
// ciphertext.

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/ids.hpp"

namespace kiki::store {

struct SealContext {
  Id workspace_id = 0;
  Id account_id = 0;
  std::string_view name;
};

class Sealer {
 public:
  // The key is `configured_key` or else the environment's KIKIMIMI_SECRET_KEY (64 hexadecimal digits), or
  // else the file secret.key in the directory, which is made at the first start (0600). kInvalid for a key of
  // another form, kCorrupt for a damaged file, kUnavailable when it cannot be read or made.
  static Result<std::unique_ptr<Sealer>> open(const std::filesystem::path& directory,
                                              std::string_view configured_key = {});
  ~Sealer();
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  // A key for something else (signed links …), always the same for the same purpose. 32 bytes.
  std::string key_for(std::string_view purpose) const;
  // Thread-safe.
  std::string seal(std::string_view secret, const SealContext& context) const;
  // kCorrupt, with code "wrong_key" when it was sealed with another key.
  Result<std::string> unseal(std::string_view sealed, const SealContext& context) const;

 private:
  static constexpr std::size_t kKeyBytes = 32;
  static constexpr std::size_t kFingerprintBytes = 8;
  using Key = std::array<unsigned char, kKeyBytes>;
  explicit Sealer(const Key& key);
  static Result<Key> parse_key(std::string_view text);
  static Result<Key> read_or_make(const std::filesystem::path& file);

  Key key_;
  std::string fingerprint_;
};

}  // namespace kiki::store
