#pragma once
// A topic's parts as JSON: the same form in the store and in the API.

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "listening/listening.hpp"

namespace kiki::listening {

boost::json::array to_json(const std::vector<Theme>& themes);
boost::json::object to_json(const Mutes& mutes);

// What the store has: ours, so that what cannot be read is as if it were not there.
text::SearchFold stored_folding(std::string_view text);
std::vector<Theme> stored_themes(std::string_view text);
Mutes stored_mutes(std::string_view text);
std::vector<std::string> stored_words(std::string_view text);

}  // namespace kiki::listening
