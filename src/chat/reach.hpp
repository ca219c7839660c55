#pragma once
// "How to reach us": all ways to a brand and their hours, from the same data as the desk's own.

#include <boost/json/fwd.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "store/database.hpp"

namespace kiki::chat {

inline constexpr std::size_t kWaysMost = 30;

struct ReachTexts {
  std::string title;
  std::string about;
};
// A way that is no account of the desk: a telephone, a shop.
struct OwnWay {
  std::string name_ja;
  std::string name_en;
  std::string value;  // what is shown: a number, an address
  std::string url;    // https:, tel:, mailto:; may be empty
};
struct ShownAccount {
  Id account_id = 0;
  std::string url;  // where people go; empty: the account's own place, if it has one
};
struct Reach {
  Id workspace_id = 0;
  std::string key;  // names the page in its address; empty: there is none yet
  bool enabled = false;
  std::vector<std::string> origins;  // pages that may show the piece
  std::string calendar;
  ReachTexts ja;
  ReachTexts en;
  std::vector<ShownAccount> accounts;
  std::vector<OwnWay> ways;
};

Result<Reach> read_reach(store::Connection& db, Id workspace_id);
Result<std::optional<Reach>> find_reach(store::Connection& db, std::string_view key);
// kInvalid with the place. The key stays.
Result<Reach> parse_reach(JsonView document);
Result<void> save_reach(store::Transaction& tx, const Reach& reach, std::string_view new_key);
json::object to_json(const Reach& reach);

}  // namespace kiki::chat
