#include "channels/bluesky/cid.hpp"

#include "net/hmac.hpp"

namespace kiki::channels::bluesky {

namespace {
constexpr std::size_t kDigestLimitBytes = 64;
}

bool take_varint(std::string_view& bytes, std::uint64_t& value) {
  value = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 9; ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte & 0x80) continue;
    if (byte == 0 && i > 0) return false;  // a longer form than needed: two ids for one block
    bytes.remove_prefix(i + 1);
    return true;
  }
  return false;
}

bool Cid::blessed() const {
  return (codec == kDagCbor || codec == kRaw) && hash == kSha256 && digest.size() == 32;
}

std::string Cid::text() const {
  return "b" + base32(bytes);
}

Result<Cid> parse_cid(std::string_view bytes) {
  Cid cid;
  std::string_view rest = bytes;
  std::uint64_t version = 0, digest_bytes = 0;
  if (!take_varint(rest, version) || version != 1) return invalid("not a CID of version 1");
  if (!take_varint(rest, cid.codec) || !take_varint(rest, cid.hash) || !take_varint(rest, digest_bytes)) {
    return invalid("a CID ends too early");
  }
  if (digest_bytes == 0 || digest_bytes > kDigestLimitBytes || digest_bytes > rest.size()) {
    return invalid("a CID's digest has a wrong length");
  }
  cid.digest = rest.substr(0, digest_bytes);
  cid.bytes = bytes.substr(0, bytes.size() - rest.size() + digest_bytes);
  return cid;
}

bool matches(const Cid& cid, std::string_view block) {
  return cid.hash == Cid::kSha256 && net::sha256(block) == cid.digest;
}

std::string base32(std::string_view bytes) {
  static constexpr char kDigits[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  out.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8) | static_cast<std::uint8_t>(c);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out.push_back(kDigits[(buffer >> bits) & 31]);
    }
  }
  if (bits > 0) out.push_back(kDigits[(buffer << (5 - bits)) & 31]);
  return out;
}

}  // namespace kiki::channels::bluesky
