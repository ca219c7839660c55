#include "reply/checks/rules.hpp"

#include <boost/json.hpp>

#include "reply/checks/word_lists.hpp"

namespace kiki::reply::checks {

namespace {

Result<std::int64_t> integer_between(JsonView value, std::int64_t otherwise, std::int64_t least,
                                     std::int64_t most) {
  if (value.is_null()) return otherwise;
  const auto number = TRY(value.integer());
  if (number >= least && number <= most) return number;
  return invalid("Expected a number from " + std::to_string(least) + " to " + std::to_string(most) + ".",
                 value.pointer());
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Result<std::vector<std::string>> read_words(JsonView value, const std::vector<std::string>& otherwise) {
  if (value.is_null()) return otherwise;
  if (!value.is_array()) return invalid("Expected an array.", value.pointer());
  if (value.size() > kWordsLimit) return invalid("At most 500 words.", value.pointer());
  std::vector<std::string> words;
  TRY(value.each([&](JsonView item) -> Result<void> {
    words.push_back(TRY(item.string(kWordLimitBytes)));
    if (is_blank(words.back())) return invalid("The word is empty.", item.pointer());
    return {};
  }));
  return words;
}

json::array words_json(const std::vector<std::string>& words) {
  json::array list;
  for (const auto& word : words) list.emplace_back(word);
  return list;
}

Result<void> only(JsonView object, std::initializer_list<std::string_view> names) {
  if (!object.is_object()) return invalid("Expected an object.", object.pointer());
  return object.each_member([&](std::string_view key, JsonView value) -> Result<void> {
    for (const auto known : names) {
      if (known == key) return {};
    }
    return invalid("There is no such member.", value.pointer());
  });
}

Result<Playbook> read_playbook(JsonView value, const Playbook& before) {
  TRY(only(value, {"personal_data", "order_complaint", "exchanges", "private_account_id", "link_hours"}));
  Playbook playbook = before;
  playbook.personal_data = TRY(value["personal_data"].boolean_or(before.personal_data));
  playbook.order_complaint = TRY(value["order_complaint"].boolean_or(before.order_complaint));
  playbook.exchanges = TRY(integer_between(value["exchanges"], before.exchanges, 0, 50));
  playbook.link_hours = TRY(integer_between(value["link_hours"], before.link_hours, 1, 24 * 90));
  if (!value["private_account_id"].is_null()) {
    const auto text = TRY(value["private_account_id"].string(32));
    const auto id = text.empty() ? std::optional<Id>(0) : parse_id(text);
    if (!id) return invalid("Expected an id.", value["private_account_id"].pointer());
    playbook.private_account_id = *id;
  }
  return playbook;
}

json::object to_json(const Playbook& playbook) {
  return {
      {"personal_data", playbook.personal_data},
      {"order_complaint", playbook.order_complaint},
      {"exchanges", playbook.exchanges},
      {"private_account_id", playbook.private_account_id == 0 ? "" : to_string(playbook.private_account_id)},
      {"link_hours", playbook.link_hours}};
}

}  // namespace

Rules::Rules() {
  for (int i = 0; i < kChecks; ++i) {
    severities[static_cast<std::size_t>(i)] = default_severity(static_cast<Check>(i));
  }
  for (const auto word : starting_promise_words()) promise_words.emplace_back(word);
}

Result<Rules> read_rules(JsonView value, const Rules& before) {
  TRY(only(value, {"severities", "promise_words", "competitors", "own_contacts", "order_patterns",
                   "allowed_hosts", "crisis_topic_ids", "exchanges_limit", "recent_days", "similar_percent",
                   "disaster_hours", "playbook"}));
  Rules rules = before;
  if (const auto severities = value["severities"]; !severities.is_null()) {
    if (!severities.is_object()) return invalid("Expected an object.", severities.pointer());
    TRY(severities.each_member([&](std::string_view key, JsonView wanted) -> Result<void> {
      const auto check = parse_check(key);
      if (!check) return invalid("There is no such check.", wanted.pointer());
      const auto severity = parse_severity(TRY(wanted.string(32)));
      if (!severity) return invalid("Expected off, hint, second_person or blocked.", wanted.pointer());
      // The network refuses it anyway.
      if (*check == Check::kLength && *severity != Severity::kBlocked) {
        return invalid("A text that is too long is always blocked.", wanted.pointer());
      }
      rules.severities[static_cast<std::size_t>(*check)] = *severity;
      return {};
    }));
  }
  rules.promise_words = TRY(read_words(value["promise_words"], before.promise_words));
  rules.competitors = TRY(read_words(value["competitors"], before.competitors));
  rules.own_contacts = TRY(read_words(value["own_contacts"], before.own_contacts));
  rules.allowed_hosts = TRY(read_words(value["allowed_hosts"], before.allowed_hosts));
  rules.order_patterns = TRY(read_words(value["order_patterns"], before.order_patterns));
  auto compiled = text::OrderNumbers::compile(rules.order_patterns);
  if (!compiled.ok()) {
    return invalid(compiled.error().message, value.pointer() + "/order_patterns" + compiled.error().where);
  }
  rules.order_numbers = std::make_shared<const text::OrderNumbers>(std::move(*compiled));
  if (const auto topics = value["crisis_topic_ids"]; !topics.is_null()) {
    if (!topics.is_array()) return invalid("Expected an array.", topics.pointer());
    if (topics.size() > kWordsLimit) return invalid("At most 500 topics.", topics.pointer());
    rules.crisis_topic_ids.clear();
    TRY(topics.each([&](JsonView item) -> Result<void> {
      const auto id = parse_id(TRY(item.string(32)));
      if (!id) return invalid("Expected an id.", item.pointer());
      rules.crisis_topic_ids.push_back(*id);
      return {};
    }));
  }
  rules.exchanges_limit = TRY(integer_between(value["exchanges_limit"], before.exchanges_limit, 1, 50));
  rules.recent_days = TRY(integer_between(value["recent_days"], before.recent_days, 1, 365));
  rules.similar_percent = TRY(integer_between(value["similar_percent"], before.similar_percent, 50, 100));
  rules.disaster_hours = TRY(integer_between(value["disaster_hours"], before.disaster_hours, 1, 72));
  if (const auto playbook = value["playbook"]; !playbook.is_null()) {
    rules.playbook = TRY(read_playbook(playbook, before.playbook));
  }
  return rules;
}

Rules parse_rules(std::string_view stored) {
  if (stored.empty()) return {};
  const auto document = JsonDocument::parse(stored);
  if (!document.ok()) return {};
  auto rules = read_rules(document->root(), Rules());
  return rules.ok() ? std::move(*rules) : Rules();
}

json::object to_json(const Rules& rules) {
  json::object severities;
  for (int i = 0; i < kChecks; ++i) {
    const auto check = static_cast<Check>(i);
    severities[name(check)] = name(rules.severity(check));
  }
  json::array topics;
  for (const Id id : rules.crisis_topic_ids) topics.emplace_back(to_string(id));
  return {{"severities", std::move(severities)},
          {"promise_words", words_json(rules.promise_words)},
          {"competitors", words_json(rules.competitors)},
          {"own_contacts", words_json(rules.own_contacts)},
          {"order_patterns", words_json(rules.order_patterns)},
          {"allowed_hosts", words_json(rules.allowed_hosts)},
          {"crisis_topic_ids", std::move(topics)},
          {"exchanges_limit", rules.exchanges_limit},
          {"recent_days", rules.recent_days},
          {"similar_percent", rules.similar_percent},
          {"disaster_hours", rules.disaster_hours},
          {"playbook", to_json(rules.playbook)}};
}

Result<Voice> read_voice(JsonView value, const Voice& before) {
  TRY(only(value, {"guide", "max_exclamations", "max_emoji", "no_casual", "polite", "we", "initials",
                   "word_choice"}));
  Voice voice = before;
  voice.guide = TRY(value["guide"].string_or(before.guide, kGuideLimitBytes));
  voice.max_exclamations = TRY(integer_between(value["max_exclamations"], before.max_exclamations, 0, 100));
  voice.max_emoji = TRY(integer_between(value["max_emoji"], before.max_emoji, 0, 100));
  voice.no_casual = TRY(value["no_casual"].boolean_or(before.no_casual));
  voice.polite = TRY(value["polite"].boolean_or(before.polite));
  voice.we = TRY(value["we"].boolean_or(before.we));
  voice.initials = TRY(value["initials"].boolean_or(before.initials));
  if (const auto choice = value["word_choice"]; !choice.is_null()) {
    if (!choice.is_array()) return invalid("Expected an array.", choice.pointer());
    if (choice.size() > kWordsLimit) return invalid("At most 500 words.", choice.pointer());
    voice.word_choice.clear();
    TRY(choice.each([&](JsonView item) -> Result<void> {
      TRY(only(item, {"word", "instead"}));
      WordChoice one;
      one.word = TRY(item["word"].string(kWordLimitBytes));
      one.instead = TRY(item["instead"].string_or("", kWordLimitBytes));
      if (is_blank(one.word)) return invalid("The word is empty.", item.pointer() + "/word");
      voice.word_choice.push_back(std::move(one));
      return {};
    }));
  }
  return voice;
}

Voice parse_voice(std::string_view stored) {
  if (stored.empty()) return {};
  const auto document = JsonDocument::parse(stored);
  if (!document.ok()) return {};
  auto voice = read_voice(document->root(), Voice());
  return voice.ok() ? std::move(*voice) : Voice();
}

json::object to_json(const Voice& voice) {
  json::array choice;
  for (const auto& one : voice.word_choice) {
    choice.push_back(json::object{{"word", one.word}, {"instead", one.instead}});
  }
  return {{"guide", voice.guide},         {"max_exclamations", voice.max_exclamations},
          {"max_emoji", voice.max_emoji}, {"no_casual", voice.no_casual},
          {"polite", voice.polite},       {"we", voice.we},
          {"initials", voice.initials},   {"word_choice", std::move(choice)}};
}

}  // namespace kiki::reply::checks
