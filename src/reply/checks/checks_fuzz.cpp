// Any draft: every place lies inside of the text, in whole code points, and checking is repeatable.

#include "reply/checks/checks.hpp"

#include <boost/json.hpp>
#include <cstdint>

#include "text/utf8.hpp"

using namespace kiki::reply::checks;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Draft draft;
  const auto half = bytes.find('|');
  draft.text = kiki::text::to_valid_utf8(bytes.substr(0, half));
  if (half != std::string_view::npos) draft.customer_text = bytes.substr(half + 1);
  draft.customer_names = {"Haruka Tanaka", "haruka.example"};
  draft.text_limit = 280;
  draft.text_unit = size % 2 == 0 ? "weighted" : "grapheme";
  draft.dead_links = links_to_look_at(draft.text, Rules());
  Voice voice;
  voice.we = voice.initials = true;
  const auto findings = check(draft, Rules(), voice);
  for (const auto& finding : findings) {
    for (const auto& range : finding.ranges) {
      CHECK(range.begin < range.end && range.end <= draft.text.size());
      CHECK(!kiki::text::find_invalid_utf8(
          std::string_view(draft.text).substr(range.begin, range.end - range.begin)));
    }
  }
  CHECK(to_json(findings, draft.text) == to_json(check(draft, Rules(), voice), draft.text));
  return 0;
}
