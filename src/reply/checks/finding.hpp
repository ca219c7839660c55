#pragma once
// What a check says about a draft: which check, how severe, about which words, and why. The sentence for
// people is i18n "check.<name>", filled with the parameters.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "text/normalize.hpp"

namespace kiki::reply::checks {

enum class Severity : std::uint8_t { kOff, kHint, kSecondPerson, kBlocked };
std::string_view name(Severity severity);  // off, hint, second_person, blocked
std::optional<Severity> parse_severity(std::string_view name);

// A closed list, in the order in which people read it.
enum class Check : std::uint8_t {
  kLength,
  kUnfilled,        // a variable of a saved reply without its value
  kPersonalNumber,  // card, My Number, bank account in public
  kPersonalData,    // telephone, e-mail, postal address, order number in public
  kWrongVisibility,
  kWrongPerson,
  kWrongAccount,
  kInsultingWords,
  kInsensitiveWords,
  kPromiseWords,
  kCompetitors,
  kCrisis,
  kDisaster,
  kLinkNotAllowed,
  kDeadLink,
  kOthersTalk,
  kSameAsRecent,
  kNotPersonal,
  kNoOwnWord,  // taken from a saved reply that asks for a word of one's own
  kManyExchanges,
  kExclamations,
  kEmoji,
  kCasual,
  kNotPolite,
  kFirstPerson,
  kInitials,
  kWordChoice,
};
inline constexpr int kChecks = static_cast<int>(Check::kWordChoice) + 1;
std::string_view name(Check check);  // "personal_data"
std::optional<Check> parse_check(std::string_view name);
// What a workspace has that changed nothing.
Severity default_severity(Check check);

struct Finding {
  Check check = Check::kLength;
  Severity severity = Severity::kHint;
  std::vector<text::ByteRange> ranges;  // of the draft's text, ascending; empty: about the whole
  std::vector<std::pair<std::string, std::string>> params;
};

// The greatest severity among them; kOff when there are none.
Severity worst(std::span<const Finding> findings);
// [{"check":…,"severity":…,"ranges":[[begin,end],…] in UTF-16 units of the text,"params":{…}}]
json::array to_json(std::span<const Finding> findings, std::string_view text);

}  // namespace kiki::reply::checks
