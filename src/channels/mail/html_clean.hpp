#pragma once
// The HTML of a mail, made safe, and the same as text. What goes out is written anew from a short list of
// elements and attributes, never copied: no script, style, form, frame, class or id; links only to the web,
// to mail and telephone; no picture is fetched from anywhere.

#include <string>
#include <string_view>

namespace kiki::channels::mail {

inline constexpr std::size_t kHtmlBytes = 1 << 20;  // longer ones are shown as text alone

struct CleanHtml {
  std::string html;
  std::string text;       // quoted blocks have "> " before their lines
  bool has_form = false;  // it says more than its text: worth to be offered
  bool was_cut = false;
};
CleanHtml clean_html(std::string_view utf8);

}  // namespace kiki::channels::mail
