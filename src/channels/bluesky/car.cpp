#include "channels/bluesky/car.hpp"

#include "channels/bluesky/dag_cbor.hpp"

namespace kiki::channels::bluesky {

namespace {

Error corrupt(const char* what) {
  return {ErrorKind::kCorrupt, what, {}, "car", 0};
}

Result<std::optional<CarBlock>> take_block(std::string_view& rest) {
  if (rest.empty()) return std::optional<CarBlock>();
  std::uint64_t size = 0;
  if (!take_varint(rest, size)) return corrupt("a block's length is wrong");
  if (size > CarReader::kBlockLimitBytes)
    return Error{ErrorKind::kTooLarge, "a block is too large", {}, "car", 0};
  if (size > rest.size()) return corrupt("the file ends within a block");
  const std::string_view section = rest.substr(0, size);
  auto cid = parse_cid(section);
  if (!cid.ok()) return corrupt("a block has no CID");
  rest.remove_prefix(size);
  return std::optional<CarBlock>(CarBlock{*cid, section.substr(cid->bytes.size())});
}

}  // namespace

Result<CarReader> CarReader::open(std::string_view bytes) {
  std::uint64_t size = 0;
  if (!take_varint(bytes, size) || size == 0 || size > bytes.size())
    return corrupt("the header's length is wrong");
  if (size > kHeaderLimitBytes) return Error{ErrorKind::kTooLarge, "the header is too large", {}, "car", 0};
  CarReader car;
  CborReader reader(bytes.substr(0, size));
  CborItem item;
  bool version = false, roots = false;
  if (!reader.next(item) || item.kind != CborKind::kMap) return corrupt("the header is not a map");
  while (reader.next(item) && item.kind == CborKind::kKey) {
    if (item.text == "version") {
      if (!reader.next(item) || item.kind != CborKind::kInteger || item.integer != 1) {
        return corrupt("not a CAR file of version 1");
      }
      version = true;
    } else if (item.text == "roots") {
      if (!reader.next(item) || item.kind != CborKind::kArray) return corrupt("roots is not a list");
      if (item.size > kRootsLimit) return Error{ErrorKind::kTooLarge, "too many roots", {}, "car", 0};
      while (reader.next(item) && item.kind == CborKind::kLink) car.roots_.push_back(item.link);
      if (item.kind != CborKind::kEnd) return corrupt("a root is not a link");
      roots = true;
    } else {
      reader.skip();
    }
  }
  TRY(reader.status());
  if (!version || !roots || reader.position() != size) return corrupt("the header is incomplete");
  car.blocks_ = car.rest_ = bytes.substr(size);
  return car;
}

Result<std::optional<CarBlock>> CarReader::next() {
  return take_block(rest_);
}

Result<std::optional<CarBlock>> CarReader::find(const Cid& cid, bool verify) const {
  std::string_view rest = blocks_;
  for (;;) {
    auto block = TRY(take_block(rest));
    if (!block) return block;
    if (!(block->cid == cid)) continue;
    if (verify && !matches(cid, block->bytes)) return corrupt("a block does not hash to its CID");
    return block;
  }
}

}  // namespace kiki::channels::bluesky
