#include "net/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace kiki::net {
namespace {

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int length = 0;
  const auto* done =
      HMAC(digest, key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(), out.data(), &length);
  CHECK(done != nullptr);
  return {reinterpret_cast<const char*>(out.data()), length};
}

std::string encode64(std::string_view bytes, const char* alphabet, bool pad) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto left = bytes.size() - i;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (k < left ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    const auto digits = left >= 3 ? 4 : left + 1;
    for (std::size_t k = 0; k < digits; ++k) out += alphabet[group >> (18 - 6 * k) & 63U];
    if (pad) out.append(4 - digits, '=');
  }
  return out;
}

constexpr char kPlain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kUrl[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int digit64(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view message) {
  return hmac(EVP_sha256(), key, message);
}

std::string hmac_sha1(std::string_view key, std::string_view message) {
  return hmac(EVP_sha1(), key, message);
}

std::string sha256(std::string_view bytes) {
  // EVP_sha256() is looked up by its name at each use; one that was fetched is ready.
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int length = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), out.data(), &length,
                   fetched != nullptr ? fetched : EVP_sha256(), nullptr) == 1);
  return {reinterpret_cast<const char*>(out.data()), length};
}

std::string hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "0123456789abcdef"[byte >> 4U];
    out += "0123456789abcdef"[byte & 15U];
  }
  return out;
}

std::string base64(std::string_view bytes) {
  return encode64(bytes, kPlain, true);
}

std::string base64url(std::string_view bytes) {
  return encode64(bytes, kUrl, false);
}

Result<std::string> from_base64(std::string_view text) {
  const auto whole = text.size();
  for (int pads = 0; pads < 2 && !text.empty() && text.back() == '='; ++pads) text.remove_suffix(1);
  if (text.size() != whole && whole % 4 != 0)
    return invalid("base64 is padded wrongly", std::to_string(whole));
  if (text.size() % 4 == 1) return invalid("base64 ends in the middle", std::to_string(text.size()));
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int have = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int digit = digit64(text[i]);
    if (digit < 0) return invalid("this character is not base64", std::to_string(i));
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out += static_cast<char>(bits >> have & 0xffU);
  }
  // One spelling only: leftover bits must be zero, or two texts would mean the same key.
  if ((bits & ((1U << have) - 1)) != 0)
    return invalid("base64 has loose bits at its end", std::to_string(text.size()));
  return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                            c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += "0123456789ABCDEF"[byte >> 4U];
    out += "0123456789ABCDEF"[byte & 15U];
  }
  return out;
}

std::string standard_webhook_signature(std::string_view secret, std::string_view id, std::int64_t timestamp_s,
                                       std::string_view body) {
  constexpr std::string_view kPrefix = "whsec_";
  // A secret that is not base64 is used as it stands, as the reference libraries do with raw keys.
  std::string key(secret);
  if (secret.starts_with(kPrefix)) {
    auto decoded = from_base64(secret.substr(kPrefix.size()));
    key = decoded.ok() ? std::move(decoded).value() : std::string(secret.substr(kPrefix.size()));
  }
  std::string content(id);
  content += '.';
  content += std::to_string(timestamp_s);
  content += '.';
  content += body;
  return "v1," + base64(hmac_sha256(key, content));
}

}  // namespace kiki::net
