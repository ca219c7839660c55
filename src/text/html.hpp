#pragma once
// Text as a part of HTML: what is written stays words, also inside a quoted attribute.

#include <string>
#include <string_view>

namespace kiki::text {

std::string html(std::string_view text);  // & < > " ' as references
void append_html(std::string& out, std::string_view text);

}  // namespace kiki::text
