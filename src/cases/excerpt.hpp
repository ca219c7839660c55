#pragma once
// The first line of a post, as titles and list rows show it, with the marks that still lie in it.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/mark.hpp"

namespace kiki::cases {

inline constexpr std::size_t kTitleCharacters = 80;
inline constexpr std::size_t kPreviewCharacters = 160;

struct Excerpt {
  std::string text;
  std::vector<model::Mark> marks;
};
// The first line that is not blank, without surrounding spaces, at most `limit_characters` code points and
// then "…".
Excerpt first_line(std::string_view text, std::size_t limit_characters,
                   std::span<const model::Mark> marks = {});

// "[[0,3],[7,9]]"
std::string to_json_text(std::span<const model::Mark> marks);

}  // namespace kiki::cases
