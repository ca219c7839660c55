#pragma once
// From the text X stores to the text people see: entities of HTML decoded, short links written out, links
// that only stand for the post's own pictures dropped, the names that a reply merely inherits left away.

#include <string>
#include <string_view>
#include <vector>

#include "channels/contract/incoming.hpp"

namespace kiki::channels::x {

struct Entity {
  enum class Kind : std::uint8_t { kLink, kOwnMedia, kMention };
  Kind kind = Kind::kLink;
  std::size_t start = 0;  // code points of the stored text
  std::size_t end = 0;
  std::string target;  // the link written out
  bool of_us = false;
};

struct ShownText {
  std::string text;
  std::vector<Inline> inlines;
};

// `hidden_until`: names before this code point are hidden (display_text_range).
ShownText show_text(std::string_view stored, std::vector<Entity> entities, std::size_t hidden_until,
                    std::size_t limit_bytes);
// &amp; &lt; &gt; &quot; &#39;
std::string decode_html(std::string_view text);

}  // namespace kiki::channels::x
