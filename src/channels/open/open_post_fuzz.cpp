// What comes over the open channel's door, as bytes.
#include <cstddef>
#include <cstdint>

#include "channels/open/open_channel.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto checked = kiki::channels::open::check_open_post({reinterpret_cast<const char*>(data), size});
  (void)checked.ok();
  return 0;
}
