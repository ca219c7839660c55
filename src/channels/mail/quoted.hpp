#pragma once
// What a mail says anew, and what it repeats of earlier ones. In doubt everything is shown.

#include <string>
#include <string_view>

namespace kiki::channels::mail {

struct SplitText {
  std::string text;
  std::string quoted;
};
SplitText split_quoted(std::string_view text);

}  // namespace kiki::channels::mail
