#pragma once
// What a saved reply and an asset are, and how both are read from JSON: by the API and by an import alike.

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"

namespace kiki::reply::saved {

inline constexpr std::size_t kSavedRepliesLimit = 2'000;  // of a workspace
inline constexpr std::size_t kAssetsLimit = 2'000;
inline constexpr std::size_t kVariantsLimit = 10;
inline constexpr std::size_t kTextLimitBytes = 10'000;
inline constexpr std::size_t kNameLimitBytes = 300;
inline constexpr std::size_t kKeyLimitBytes = 120;
inline constexpr std::size_t kLinkLimitBytes = 2'000;

struct Variant {
  std::string language;  // "ja", "en" …; "": for every language
  std::string text;
  friend bool operator==(const Variant&, const Variant&) = default;
};

struct SavedReply {
  Id id = 0;
  std::string folder;  // "Delivery/Late"; may be empty
  std::string name;
  std::string code;  // folded, without the slash
  std::vector<Variant> variants;
  bool needs_word = false;
  bool is_thanks = false;
  std::int64_t uses = 0;
  std::int64_t edited_uses = 0;
  std::int64_t version = 0;
  TimeMs updated_at = 0;
};

struct Asset {
  Id id = 0;
  std::string key;  // folded
  std::string name;
  std::string kind;  // link, text, image
  std::vector<Variant> variants;
  Id attachment_id = 0;
  std::int64_t version = 0;
  TimeMs updated_at = 0;
};

// Folded; kInvalid for what cannot be typed after a slash or between braces.
Result<std::string> read_key(JsonView value);
// kInvalid with the member's pointer. Starts from `before`: members that are absent stay. Variables that do
// not exist are refused here; whether an asset exists is for the store to say.
Result<SavedReply> read_saved_reply(JsonView value, const SavedReply& before);
Result<Asset> read_asset(JsonView value, const Asset& before);

std::vector<Variant> parse_variants(std::string_view stored);
json::array variants_json(const std::vector<Variant>& variants);
json::object to_json(const SavedReply& reply);
json::object to_json(const Asset& asset);

// The one for this language, else for every language, else in the workspace's language, else the first.
const Variant& choose(const std::vector<Variant>& variants, std::string_view language,
                      std::string_view workspace_language);
// The folded keys of all assets its texts point to.
std::vector<std::string> assets_of(const std::vector<Variant>& variants);
// Is it a variable a reply may have?
bool is_known_variable(std::string_view name);

}  // namespace kiki::reply::saved
