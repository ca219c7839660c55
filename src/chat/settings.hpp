#pragma once
// How a chat looks and on whose pages it may stand: the settings of its account.

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

namespace kiki::chat {

inline constexpr std::size_t kOriginsMost = 50;
inline constexpr std::size_t kChatTextMostBytes = 2'000;
inline constexpr TimeMs kDayMs = 24 * 3'600'000;
inline constexpr std::int64_t kKeepDaysMost = 3'650;

// What the brand says in its own words; empty: the desk's words.
struct Texts {
  std::string title;
  std::string greeting;
  std::string away;  // after hours
};

struct Settings {
  std::vector<std::string>
      origins;            // "https://shop.example", "https://*.shop.example"; the hosted page needs none
  std::string place_url;  // the brand's page that carries the chat, for private links; empty: ours
  std::string calendar;   // key in the book of promises; empty: that of the account's policy
  std::string color = "#1f5fbf";
  std::string side = "right";  // of the window: right, left
  Texts ja;
  Texts en;
  // How long a conversation stands on the visitor's page after its last message. The desk's own copy is
  // another.
  std::int64_t keep_days = 365;

  const Texts& texts(std::string_view language) const { return language == "ja" ? ja : en; }
};

// From an account's row; what cannot be read is as if it were not there.
Settings settings_of(std::string_view account_settings);
// From an administrator: strict. kInvalid with the place.
Result<Settings> read_settings(JsonView document);
json::object to_json(const Settings& settings);

// "https://Shop.example:8443/" → "https://shop.example:8443"; kInvalid for what is no origin.
Result<std::string> read_origin(std::string_view text, std::string where);
bool allows(const std::vector<std::string>& origins, std::string_view origin);
// Black or white, whichever can be read on the colour.
std::string_view text_color_on(std::string_view color);

}  // namespace kiki::chat
