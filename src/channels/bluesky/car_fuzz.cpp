// CAR files from strangers: every block lies inside the input, and is found again under its id.

#include <cstdlib>

#include "channels/bluesky/car.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiki::channels::bluesky;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto car = CarReader::open(bytes);
  if (!car.ok()) return 0;
  for (int i = 0; i < 100; ++i) {
    const auto block = car->next();
    if (!block.ok() || !block->has_value()) break;
    const auto& found = **block;
    if (found.bytes.data() < bytes.data() ||
        found.bytes.data() + found.bytes.size() > bytes.data() + bytes.size())
      std::abort();
    const auto again = car->find(found.cid);
    if (!again.ok() || !again->has_value()) std::abort();
    (void)matches(found.cid, found.bytes);
  }
  return 0;
}
