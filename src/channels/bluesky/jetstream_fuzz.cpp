// Jetstream messages from strangers.

#include "channels/bluesky/jetstream_event.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiki;
  using namespace kiki::channels::bluesky;
  const auto document = JsonDocument::parse({reinterpret_cast<const char*>(data), size});
  if (!document.ok()) return 0;
  const auto event = decode_jetstream_event(*document);
  if (event.ok()) (void)event->record["text"].text();
  return 0;
}
