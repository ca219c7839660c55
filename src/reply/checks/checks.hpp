#pragma once
// All checks of a reply as one pure function: no clock, no store, no network. What it must know of the case
// stands in the Draft; the reply stage fills it (reply_checks.hpp).

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "reply/checks/finding.hpp"
#include "reply/checks/rules.hpp"

namespace kiki::reply::checks {

// More findings of one check, or places of one finding, are not told.
inline constexpr std::size_t kFindingsPerCheck = 8;

// A reply of the last days that says nearly the same.
struct SimilarReply {
  std::int64_t percent = 0;
  std::int64_t case_number = 0;
  TimeMs at = 0;
};

struct Draft {
  std::string text;
  bool is_public = true;
  std::string text_unit = "grapheme";
  std::int64_t text_limit = 0;  // 0 = none

  std::vector<std::string> customer_names;  // names and handles, on every network
  std::vector<std::string> known_names;     // our own accounts and the others in the thread
  std::string customer_text;                // what they wrote last
  bool customer_wrote_privately = false;    // last, though this goes out in public
  std::string addressed_account;            // the account they wrote to, when this goes out from another
  std::int64_t public_exchanges = 0;        // our public answers in this case so far
  bool others_talk = false;                 // they speak with somebody else, not with us

  std::string crisis_topic;   // a topic in crisis that this case belongs to
  std::string disaster_word;  // said by several customers in the last hours, or by this one
  std::optional<SimilarReply> similar;
  std::vector<std::string> dead_links;
  std::string saved_text;  // of the saved reply it is taken from, when that asks for a word of one's own
  std::string initials;    // of the agent
};

// Ordered by check, then by place.
std::vector<Finding> check(const Draft& draft, const Rules& rules, const Voice& voice);

// The links of a text whose hosts may be asked whether they are dead, each once, in order, as written. A host
// that the brand does not allow is never asked: its link does not go out as it is, dead or not.
std::vector<std::string> links_to_look_at(std::string_view text, const Rules& rules);
// The first disaster word of a text, or "".
std::string_view find_disaster_word(std::string_view text);

}  // namespace kiki::reply::checks
