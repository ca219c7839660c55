#pragma once
// The HTML of a mail, made safe, and the same as text. What goes out is written anew from a short list of
// elements and attributes, never copied: no script, style, form, frame, class or id; links only to the web,
// to mail and telephone; no picture is fetched from anywhere.

#include <functional>
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
// `picture_of`: which attachment of the mail a picture with this Content-ID is, from 0; -1: none. Such a one
// becomes <img data-file="N" alt="…">, without any address; every other picture is only named.
CleanHtml clean_html(std::string_view utf8, const std::function<int(std::string_view)>& picture_of = {});

}  // namespace kiki::channels::mail
