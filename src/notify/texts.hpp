#pragma once
// The words of i18n/, for what the server writes to people.

#include <map>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace kiki::notify {

// The message of a key with its {names} filled from `data`'s members; the key itself when there is no such
// message. An unknown language is English.
std::string words(std::string_view language, std::string_view key, const json::object& data);

// All messages whose key begins with `prefix`, under the rest of the key, with their gaps.
json::object words_below(std::string_view language, std::string_view prefix);

}  // namespace kiki::notify
