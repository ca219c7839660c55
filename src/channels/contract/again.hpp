#pragma once
// A raw item that the network brings again, because it did not reach us when it first came: its source ends
// so. What is new of it
// closes a gap and is told so; parse() reads it as the first one.

#include <string_view>

namespace kiki::channels {

inline constexpr std::string_view kAgain = "+again";

inline bool is_again(std::string_view source) {
  return source.ends_with(kAgain);
}

inline std::string_view without_again(std::string_view source) {
  if (is_again(source)) source.remove_suffix(kAgain.size());
  return source;
}

}  // namespace kiki::channels
