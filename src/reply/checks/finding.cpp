#include "reply/checks/finding.hpp"

#include <array>
#include <boost/json.hpp>

#include "text/utf8.hpp"

namespace kiki::reply::checks {

namespace {

struct Row {
  Check check;
  std::string_view name;
  Severity severity;
};

constexpr std::array<Row, kChecks> kRows = {{
    {Check::kLength, "length", Severity::kBlocked},
    {Check::kUnfilled, "unfilled", Severity::kBlocked},
    {Check::kPersonalNumber, "personal_number", Severity::kBlocked},
    {Check::kPersonalData, "personal_data", Severity::kSecondPerson},
    {Check::kWrongVisibility, "wrong_visibility", Severity::kSecondPerson},
    {Check::kWrongPerson, "wrong_person", Severity::kSecondPerson},
    {Check::kWrongAccount, "wrong_account", Severity::kHint},
    {Check::kInsultingWords, "insulting_words", Severity::kSecondPerson},
    {Check::kInsensitiveWords, "insensitive_words", Severity::kHint},
    {Check::kPromiseWords, "promise_words", Severity::kSecondPerson},
    {Check::kCompetitors, "competitors", Severity::kSecondPerson},
    {Check::kCrisis, "crisis", Severity::kSecondPerson},
    {Check::kDisaster, "disaster", Severity::kHint},
    {Check::kLinkNotAllowed, "link_not_allowed", Severity::kSecondPerson},
    {Check::kDeadLink, "dead_link", Severity::kSecondPerson},
    {Check::kOthersTalk, "others_talk", Severity::kHint},
    {Check::kSameAsRecent, "same_as_recent", Severity::kHint},
    {Check::kNotPersonal, "not_personal", Severity::kHint},
    {Check::kNoOwnWord, "no_own_word", Severity::kBlocked},
    {Check::kManyExchanges, "many_exchanges", Severity::kHint},
    {Check::kExclamations, "exclamations", Severity::kHint},
    {Check::kEmoji, "emoji", Severity::kHint},
    {Check::kCasual, "casual", Severity::kHint},
    {Check::kNotPolite, "not_polite", Severity::kHint},
    {Check::kFirstPerson, "first_person", Severity::kHint},
    {Check::kInitials, "initials", Severity::kHint},
    {Check::kWordChoice, "word_choice", Severity::kHint},
}};

constexpr bool rows_stand_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].check) != i) return false;
  }
  return true;
}
static_assert(rows_stand_in_order());

constexpr std::array<std::string_view, 4> kSeverityNames = {"off", "hint", "second_person", "blocked"};

}  // namespace

std::string_view name(Severity severity) {
  return kSeverityNames[static_cast<std::size_t>(severity)];
}

std::optional<Severity> parse_severity(std::string_view wanted) {
  for (std::size_t i = 0; i < kSeverityNames.size(); ++i) {
    if (kSeverityNames[i] == wanted) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

std::string_view name(Check check) {
  return kRows[static_cast<std::size_t>(check)].name;
}

std::optional<Check> parse_check(std::string_view wanted) {
  for (const Row& row : kRows) {
    if (row.name == wanted) return row.check;
  }
  return std::nullopt;
}

Severity default_severity(Check check) {
  return kRows[static_cast<std::size_t>(check)].severity;
}

Severity worst(std::span<const Finding> findings) {
  auto greatest = Severity::kOff;
  for (const Finding& finding : findings) greatest = std::max(greatest, finding.severity);
  return greatest;
}

json::array to_json(std::span<const Finding> findings, std::string_view text) {
  json::array list;
  for (const Finding& finding : findings) {
    json::array ranges;
    for (const auto& range : finding.ranges) {
      ranges.push_back(
          json::array{text::utf16_offset(text, range.begin), text::utf16_offset(text, range.end)});
    }
    json::object params;
    for (const auto& [key, value] : finding.params) params[key] = value;
    list.push_back(json::object{{"check", name(finding.check)},
                                {"severity", name(finding.severity)},
                                {"ranges", std::move(ranges)},
                                {"params", std::move(params)}});
  }
  return list;
}

}  // namespace kiki::reply::checks
