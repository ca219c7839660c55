// What may stand in a webhook, as bytes.
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "channels/line/parse.hpp"
#include "text/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiki;
  using namespace kiki::channels;
  const Account account{1, 42, "line", "account", "U0", "", "", "{}"};
  const RawItem item{"line.event", {reinterpret_cast<const char*>(data), size}};
  const auto facts = line::parse_event(account, item, 1'700'000'000'000);
  if (!facts.ok()) return 0;
  for (const auto& fact : *facts) {
    const auto* post = std::get_if<IncomingPost>(&fact);
    if (post == nullptr) continue;
    CHECK(!text::find_invalid_utf8(post->text));
    CHECK(post->text.find('\0') == std::string::npos);
    const auto length = static_cast<std::int32_t>(text::utf16_length(post->text));
    std::int32_t from = 0;
    for (const auto& piece : post->inlines) {
      CHECK(piece.place.start >= from && piece.place.start < piece.place.end && piece.place.end <= length);
      from = piece.place.end;
    }
    CHECK(post->external_id.starts_with("42/") && post->thread_external_id.starts_with("42/"));
  }
  return 0;
}
