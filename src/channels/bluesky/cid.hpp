#pragma once
// Content ids: what AT Protocol names a block or a record's revision by (CIDv1; version 0 is not used there).
// https://atproto.com/specs/data-model#link-and-cid-formats

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace kiki::channels::bluesky {

struct Cid {
  static constexpr std::uint64_t kDagCbor = 0x71;  // records, commits, tree nodes
  static constexpr std::uint64_t kRaw = 0x55;      // pictures and other blobs
  static constexpr std::uint64_t kSha256 = 0x12;

  std::string_view bytes;  // the whole id, binary; a view into what was parsed
  std::uint64_t codec = 0;
  std::uint64_t hash = 0;  // multihash code
  std::string_view digest;

  // The only form the protocol blesses: DAG-CBOR or raw, SHA-256.
  bool blessed() const;
  // "bafyrei…": base32 without padding, multibase prefix b.
  std::string text() const;
  friend bool operator==(const Cid& a, const Cid& b) { return a.bytes == b.bytes; }
};

// The id at the start of `bytes`, which may go on after it. kInvalid when there is none.
Result<Cid> parse_cid(std::string_view bytes);
// Does `block` hash to this id? False also for hashes other than SHA-256.
bool matches(const Cid& cid, std::string_view block);

// Unsigned LEB128, at most 63 bits and in its shortest form; moves `bytes` on. False when there is none.
bool take_varint(std::string_view& bytes, std::uint64_t& value);

// RFC 4648 base32, lower case, no padding.
std::string base32(std::string_view bytes);

}  // namespace kiki::channels::bluesky
