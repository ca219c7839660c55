// Frames of the firehose from strangers, with everything the listener does to them before anybody wants the
// post.

#include "channels/bluesky/car.hpp"
#include "channels/bluesky/firehose_frame.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiki::channels::bluesky;
  static FirehoseFrame frame;
  if (!decode_firehose_frame({reinterpret_cast<const char*>(data), size}, frame).ok()) return 0;
  const auto car = CarReader::open(frame.blocks);
  if (!car.ok()) return 0;
  for (const auto& op : frame.ops) {
    const auto block = car->find(op.cid, true);
    if (block.ok() && block->has_value()) (void)glance_at_post((*block)->bytes).ok();
  }
  return 0;
}
