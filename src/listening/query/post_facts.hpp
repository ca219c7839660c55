#pragma once
// Tags, mentions and links that stand in a post's text, and how their names are compared. Used by the
// reference evaluator and by the engine; each is work of its own, so ask only for what a query needs.

#include <string>
#include <string_view>
#include <vector>

#include "listening/query/post.hpp"
#include "text/search_fold.hpp"

namespace kiki::listening::query {

struct TextRange {  // of a SearchText
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const TextRange&, const TextRange&) = default;
};

// Ranges with the # in front.
std::vector<TextRange> tags_in(const text::SearchText& text);

struct MentionInText {
  std::string handle;     // folded, without @
  text::ByteRange bytes;  // of the original, with @
};
std::vector<MentionInText> mentions_in(std::string_view text);

std::vector<std::string_view> links_in(std::string_view text);
// Host and path, folded, for the ends rule of terms: "shop.example.com/help".
std::string host_and_path(std::string_view link);
// Those of post.links and those in the text, through host_and_path().
std::vector<std::string> links_of(const Post& post);

bool asks_a_question(std::string_view text);

// `wanted` and `handle` both through text::fold(): equal, or `wanted` is the first label of `handle` (brand,
// and brand.bsky.social or brand@host); or with its beginning, when `open_right`.
bool is_handle(std::string_view wanted, std::string_view handle, bool open_right);
// pt is pt-BR, pt-BR is not pt-PT; both in small letters with `-`.
bool is_language(std::string_view wanted, std::string_view language);

}  // namespace kiki::listening::query
