// DAG-CBOR from strangers: no crash, and what is accepted becomes JSON that parses.

#include <cstdlib>

#include "base/json.hpp"
#include "channels/bluesky/dag_cbor.hpp"
#include "channels/bluesky/dag_json.hpp"
#include "channels/bluesky/firehose_frame.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiki;
  using namespace kiki::channels::bluesky;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const bool valid = check_dag_cbor(bytes).ok();
  std::string out;
  const bool converted = append_dag_json(out, bytes).ok();
  if (valid != converted) std::abort();
  if (valid && !JsonDocument::parse(out, JsonLimits{64 << 20, 1'000}).ok()) std::abort();
  (void)glance_at_post(bytes).ok();
  return 0;
}
