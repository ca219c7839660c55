#include "channels/bluesky/dag_cbor.hpp"

#include <bit>
#include <cmath>
#include <string>

#include "channels/bluesky/utf8.hpp"

namespace kiki::channels::bluesky {

namespace {

// DAG-CBOR's order of map keys: the shorter first, equal lengths by bytes.
bool key_less(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

constexpr std::uint64_t kTagLink = 42;

}  // namespace

void CborReader::fail(const char* what) {
  if (fault_) return;
  fault_ = what;
  fault_at_ = position_;
}

Result<void> CborReader::status() const {
  if (fault_) return Error{ErrorKind::kCorrupt, fault_, "byte " + std::to_string(fault_at_), "dag_cbor", 0};
  if (!done()) {
    return Error{ErrorKind::kCorrupt, "the value was not read to its end",
                 "byte " + std::to_string(position_), "dag_cbor", 0};
  }
  return {};
}

bool CborReader::take(std::size_t count, std::string_view& out) {
  if (count > bytes_.size() - position_) {
    fail("the input ends too early");
    return false;
  }
  out = bytes_.substr(position_, count);
  position_ += count;
  return true;
}

bool CborReader::head(std::uint8_t& major, std::uint64_t& argument, std::uint8_t& info) {
  std::string_view first;
  if (!take(1, first)) return false;
  const auto byte = static_cast<std::uint8_t>(first[0]);
  major = byte >> 5;
  info = byte & 31;
  if (info < 24) {
    argument = info;
    return true;
  }
  if (info > 27) {
    fail(info == 31 ? "indefinite lengths are not allowed" : "a reserved length");
    return false;
  }
  const std::size_t width = std::size_t{1} << (info - 24);
  std::string_view raw;
  if (!take(width, raw)) return false;
  argument = 0;
  for (const char c : raw) argument = (argument << 8) | static_cast<std::uint8_t>(c);
  if (major == 7) return true;  // floats: the argument is their bits
  const std::uint64_t least = info == 24 ? 24 : std::uint64_t{1} << (4 << (info - 24));
  if (argument < least) {
    fail("an integer or a length is not in its shortest form");
    return false;
  }
  return true;
}

bool CborReader::next(CborItem& item) {
  if (fault_ || (started_ && depth_ == 0)) return false;
  item = CborItem{};
  Level* level = depth_ > 0 ? &levels_[depth_ - 1] : nullptr;
  if (level && level->left == 0) {
    --depth_;
    item.kind = last_ = CborKind::kEnd;
    return true;
  }
  const bool key = level && level->map && level->left % 2 == 0;
  if (level) --level->left;
  started_ = true;

  std::uint8_t major = 0, info = 0;
  std::uint64_t argument = 0;
  if (!head(major, argument, info)) return false;
  if (key && major != 3) return fail("a map key is not text"), false;

  switch (major) {
    case 0:
    case 1:
      if (argument > static_cast<std::uint64_t>(INT64_MAX)) return fail("an integer is over 64 bits"), false;
      item.kind = CborKind::kInteger;
      item.integer =
          major == 0 ? static_cast<std::int64_t>(argument) : -1 - static_cast<std::int64_t>(argument);
      break;
    case 2:
    case 3:
      if (argument > bytes_.size()) return fail("a string is longer than the input"), false;
      if (!take(argument, item.text)) return false;
      item.kind = major == 2 ? CborKind::kBytes : key ? CborKind::kKey : CborKind::kText;
      if (major == 3 && !is_utf8(item.text)) return fail("text is not UTF-8"), false;
      if (key) {
        const bool first = level->last_key.data() == nullptr;
        if (!first && !key_less(level->last_key, item.text)) {
          return fail(level->last_key == item.text ? "a map key comes twice" : "map keys are not sorted"),
                 false;
        }
        level->last_key = item.text;
      }
      break;
    case 4:
    case 5: {
      // Every element takes at least one byte: a count over what is left is a lie, told to make readers
      // reserve memory.
      const std::uint64_t left = bytes_.size() - position_;
      if (argument > left || (major == 5 && argument * 2 > left))
        return fail("a count is over the input"), false;
      if (depth_ == kDepthLimit) return fail("nested too deeply"), false;
      item.kind = major == 4 ? CborKind::kArray : CborKind::kMap;
      item.size = argument;
      levels_[depth_++] = Level{argument * (major == 5 ? 2 : 1), major == 5, {}};
      break;
    }
    case 6: {
      if (argument != kTagLink) return fail("a tag other than 42"), false;
      if (!head(major, argument, info)) return false;
      std::string_view raw;
      if (major != 2 || argument > bytes_.size()) return fail("a link is not a byte string"), false;
      if (!take(argument, raw)) return false;
      if (raw.empty() || raw[0] != '\0') return fail("a link without its zero byte"), false;
      auto cid = parse_cid(raw.substr(1));
      if (!cid.ok() || cid->bytes.size() + 1 != raw.size()) return fail("a link is not a CID"), false;
      item.kind = CborKind::kLink;
      item.link = *cid;
      break;
    }
    default:
      if (info == 20 || info == 21) {
        item.kind = CborKind::kBoolean;
        item.boolean = info == 21;
      } else if (info == 22) {
        item.kind = CborKind::kNull;
      } else if (info == 27) {
        item.kind = CborKind::kFloat;
        item.number = std::bit_cast<double>(argument);
        if (!std::isfinite(item.number)) return fail("a float that is no number"), false;
      } else {
        return fail("a simple value or a short float, which are not allowed"), false;
      }
  }
  last_ = item.kind;
  return true;
}

void CborReader::skip() {
  CborItem item;
  std::size_t until = 0;
  if (last_ == CborKind::kKey) {
    until = depth_;
    if (!next(item) || depth_ == until) return;
  } else if (last_ == CborKind::kArray || last_ == CborKind::kMap) {
    until = depth_ - 1;
  } else {
    return;
  }
  while (depth_ > until && next(item)) {
  }
}

Result<void> check_dag_cbor(std::string_view bytes) {
  CborReader reader(bytes);
  CborItem item;
  while (reader.next(item)) {
  }
  TRY(reader.status());
  if (reader.position() != bytes.size()) {
    return Error{ErrorKind::kCorrupt, "bytes follow the value", "byte " + std::to_string(reader.position()),
                 "dag_cbor", 0};
  }
  return {};
}

}  // namespace kiki::channels::bluesky
