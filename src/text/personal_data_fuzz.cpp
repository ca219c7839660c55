// Any bytes: every place found lies inside of the text, in order, and none over another; finding is
// repeatable.

#include "text/personal_data.hpp"

#include <cstdint>

#include "text/utf8.hpp"

using namespace kiki::text;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const OrderNumbers own = OrderNumbers::compile({R"(MH-\d{6})", R"(注文[0-9]{5})"}).value();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto found = find_personal_data(text, own);
  std::size_t before = 0;
  for (const auto& one : found) {
    CHECK(one.range.begin >= before && one.range.begin < one.range.end && one.range.end <= text.size());
    CHECK(!name(one.kind).empty());
    if (!find_invalid_utf8(text)) {
      CHECK(!find_invalid_utf8(text.substr(one.range.begin, one.range.end - one.range.begin)));
    }
    before = one.range.end;
  }
  CHECK(found == find_personal_data(text, own));
  return 0;
}
