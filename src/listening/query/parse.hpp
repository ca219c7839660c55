#pragma once
// Text to query. Never throws, never crashes, whatever it is given; says all mistakes it can see, each with
// its place, and what to write instead.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "listening/query/query.hpp"

namespace kiki::listening::query {

struct Mistake {
  // i18n: query.mistake.<code> says what is wrong, query.hint.<code> what to do; `values` fill their
  // {places}.
  std::string code;
  SourceRange bytes;
  SourceRange utf16;  // the same place as browsers count
  std::vector<std::pair<std::string, std::string>> values;
  // The text that would be right in place of `bytes`, when there is one to offer.
  std::optional<std::string> instead;
};

struct Parsed {
  std::optional<Query> query;  // when there is no mistake
  std::vector<Mistake> mistakes;
};

Parsed parse(std::string_view text);

// The same words in English, for the command line and logs: "there is no closing quote (add \" at the end)".
std::string message_of(const Mistake& mistake);

inline constexpr std::size_t kMistakesLimit = 50;

}  // namespace kiki::listening::query
