#pragma once
// Pull decoder for DAG-CBOR, the one binary form of everything on the firehose. It allocates nothing: strings
// are views into the input, nesting is a fixed stack, the first fault stays. Strict, because two readings of
// one block are an attack: shortest integers, definite lengths, map keys that are text, sorted (length, then
// bytes) and unique, tag 42 only, 64-bit finite floats only, UTF-8 checked.
// https://ipld.io/specs/codecs/dag-cbor/spec/ and https://atproto.com/specs/data-model (integers are signed
// 64-bit)

#include <array>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "channels/bluesky/cid.hpp"

namespace kiki::channels::bluesky {

enum class CborKind : std::uint8_t {
  kInteger,
  kText,
  kBytes,
  kArray,
  kMap,
  kLink,
  kBoolean,
  kNull,
  kFloat,
  kKey,  // of a map: comes before each of its values
  kEnd,  // of an array or a map
};

struct CborItem {
  CborKind kind = CborKind::kNull;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::size_t size = 0;   // kArray: elements, kMap: pairs
  std::string_view text;  // kText, kKey; kBytes
  Cid link;
};

class CborReader {
 public:
  static constexpr std::size_t kDepthLimit = 32;

  explicit CborReader(std::string_view bytes) : bytes_(bytes) {}

  // The next item of the one value at the start of the bytes. False when that value is complete, or at a
  // fault.
  bool next(CborItem& item);
  // After a kKey: skips its value. After a kArray or kMap: skips up to and with its end. Otherwise nothing.
  void skip();

  bool done() const { return started_ && depth_ == 0 && fault_ == nullptr; }
  // Where the value ends, once done(): a frame is two values one after the other.
  std::size_t position() const { return position_; }
  std::size_t depth() const { return depth_; }
  bool ok() const { return fault_ == nullptr; }
  // kCorrupt with the byte offset as its place; ok when the value was read to its end.
  Result<void> status() const;
  // For readers that find a wrong type or a missing member.
  void fail(const char* what);

 private:
  struct Level {
    std::size_t left = 0;  // items still to come (a pair counts two)
    bool map = false;
    std::string_view last_key;
  };
  bool take(std::size_t count, std::string_view& out);
  bool head(std::uint8_t& major, std::uint64_t& argument, std::uint8_t& info);

  std::string_view bytes_;
  std::size_t position_ = 0;
  std::size_t depth_ = 0;
  bool started_ = false;
  CborKind last_ = CborKind::kNull;
  const char* fault_ = nullptr;
  std::size_t fault_at_ = 0;
  std::array<Level, kDepthLimit> levels_;
};

// Is the whole of `bytes` exactly one valid value?
Result<void> check_dag_cbor(std::string_view bytes);

}  // namespace kiki::channels::bluesky
