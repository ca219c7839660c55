#pragma once
// CAR version 1: a list of blocks, each with its content id. A commit on the firehose carries the records it
// changed in one. Read in place, nothing is copied. https://ipld.io/specs/transport/car/carv1/

#include <optional>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "channels/bluesky/cid.hpp"

namespace kiki::channels::bluesky {

struct CarBlock {
  Cid cid;
  std::string_view bytes;
};

class CarReader {
 public:
  static constexpr std::size_t kHeaderLimitBytes = 64 * 1024;
  static constexpr std::size_t kRootsLimit = 64;
  static constexpr std::size_t kBlockLimitBytes = 4 << 20;

  // Reads the header. The bytes must outlive the reader and every block.
  static Result<CarReader> open(std::string_view bytes);

  const std::vector<Cid>& roots() const { return roots_; }
  // The next block in order; nothing at the end.
  Result<std::optional<CarBlock>> next();
  // From the start again: next() goes on behind the header.
  void rewind() { rest_ = blocks_; }
  // The block of this id, wherever it stands. Does not move next(). With `verify`, one whose content does not
  // hash to its id is kCorrupt: worth its price only for the few records somebody wants.
  Result<std::optional<CarBlock>> find(const Cid& cid, bool verify = false) const;

 private:
  std::vector<Cid> roots_;
  std::string_view blocks_;
  std::string_view rest_;
};

}  // namespace kiki::channels::bluesky
