#pragma once
// The English words of mistakes, for the command line, the log and problem+json. They stand in i18n/en.json,
// which is in the program; the console fills in the same words of its own language.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiki::listening::query {

// i18n/en.json's text of `key` with its {places} filled. The key itself when there is no such text.
std::string english(std::string_view key, const std::vector<std::pair<std::string, std::string>>& values);

}  // namespace kiki::listening::query
