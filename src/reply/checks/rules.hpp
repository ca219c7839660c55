#pragma once
// How a workspace wants its replies checked, and how an account speaks. Both are stored as JSON; what is
// missing there has its default, so that a new check works in old workspaces.

#include <array>
#include <boost/json/fwd.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "reply/checks/finding.hpp"
#include "text/personal_data.hpp"

namespace kiki::reply::checks {

inline constexpr std::size_t kWordsLimit = 500;  // of each list
inline constexpr std::size_t kWordLimitBytes = 200;
inline constexpr std::size_t kGuideLimitBytes = 10'000;

// When the composer offers to go on in private: the brand's playbook.
struct Playbook {
  bool personal_data = true;     // the customer showed some in public
  bool order_complaint = true;   // a complaint that names an order number
  std::int64_t exchanges = 2;    // public answers so far; 0: never for that
  Id private_account_id = 0;     // where links lead; 0: the first account that has a private place
  std::int64_t link_hours = 72;  // how long a link opens its case
};

struct Rules {
  Rules();
  std::array<Severity, kChecks> severities;
  std::vector<std::string> promise_words;  // what we may not promise; words that have legal weight
  std::vector<std::string> competitors;
  std::vector<std::string> own_contacts;                    // our own numbers, addresses: no personal data
  std::vector<std::string> order_patterns;                  // RE2
  std::shared_ptr<const text::OrderNumbers> order_numbers;  // the same, compiled
  std::vector<std::string> allowed_hosts;                   // empty: every host that hides nothing
  std::vector<Id> crisis_topic_ids;                         // topics in crisis now
  std::int64_t exchanges_limit = 3;                         // public answers before "many"
  std::int64_t recent_days = 14;                            // how long a reply counts as recent
  std::int64_t similar_percent = 80;                        // from how alike on a reply is the same
  std::int64_t disaster_hours = 6;
  Playbook playbook;

  Severity severity(Check check) const { return severities[static_cast<std::size_t>(check)]; }
};

// kInvalid with the member's pointer. Starts from `before`: members that are absent stay.
Result<Rules> read_rules(JsonView value, const Rules& before);
Rules parse_rules(std::string_view stored);  // "" or broken: the defaults
json::object to_json(const Rules& rules);

struct WordChoice {
  std::string word;
  std::string instead;
};

struct Voice {
  std::string guide;  // in words, for people
  std::int64_t max_exclamations = 2;
  std::int64_t max_emoji = 3;
  bool no_casual = true;  // だよ, じゃん, gonna …
  bool polite = true;     // です・ます
  bool we = false;        // speaks as "we", never as "I"
  bool initials = false;  // signs with the agent's initials
  std::vector<WordChoice> word_choice;
};

Result<Voice> read_voice(JsonView value, const Voice& before);
Voice parse_voice(std::string_view stored);
json::object to_json(const Voice& voice);

}  // namespace kiki::reply::checks
