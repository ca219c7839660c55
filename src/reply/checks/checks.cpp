#include "reply/checks/checks.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <set>

#include "reply/checks/tone.hpp"
#include "reply/checks/word_lists.hpp"
#include "reply/checks/words.hpp"
#include "reply/saved/template.hpp"
#include "text/length.hpp"
#include "text/personal_data.hpp"
#include "text/script.hpp"
#include "text/utf8.hpp"

namespace kiki::reply::checks {

namespace {

using text::ByteRange;

// What all checks look at, made once.
struct Context {
  const Draft& draft;
  const Rules& rules;
  const Voice& voice;
  text::FoldedText folded;
  Findings findings;
};

std::string_view cut(std::string_view text, const ByteRange& range) {
  return text.substr(range.begin, range.end - range.begin);
}

void check_length(Context& context) {
  const auto& draft = context.draft;
  if (draft.text_limit <= 0) return;
  const auto length = static_cast<std::int64_t>(text::length_in(draft.text_unit, draft.text));
  if (length <= draft.text_limit) return;
  context.findings.add(Check::kLength, {},
                       {{"length", std::to_string(length)},
                        {"limit", std::to_string(draft.text_limit)},
                        {"over", std::to_string(length - draft.text_limit)}});
}

// Digits and letters only: 0120-111-222 and 0120 111 222 are one number.
std::string bare(std::string_view text) {
  std::string out;
  const auto folded = text::fold(text);
  for (const auto& c : text::code_points(folded)) {
    if (text::class_of(c.value) != text::CharacterClass::kSeparator && c.value != U'ー') {
      out += folded.substr(c.offset, c.bytes);
    }
  }
  return out;
}

void check_personal_data(Context& context) {
  const auto& draft = context.draft;
  if (!draft.is_public) return;
  static const text::OrderNumbers none;
  const auto& own = context.rules.order_numbers ? *context.rules.order_numbers : none;
  const auto found = text::find_personal_data(draft.text, own);
  if (found.empty()) return;
  std::set<std::string> ours;
  for (const auto& contact : context.rules.own_contacts) ours.insert(bare(contact));
  for (const auto& one : found) {
    const auto words = bare(cut(draft.text, one.range));
    const bool is_ours = std::any_of(ours.begin(), ours.end(), [&](const std::string& contact) {
      return contact == words || (contact.size() > words.size() && contact.find(words) != std::string::npos);
    });
    if (is_ours) continue;
    using Kind = text::PersonalDataKind;
    const bool number =
        one.kind == Kind::kCardNumber || one.kind == Kind::kNationalId || one.kind == Kind::kBankAccount;
    context.findings.add(number ? Check::kPersonalNumber : Check::kPersonalData, {one.range},
                         {{"kind", std::string(text::name(one.kind))}});
  }
}

void check_words(Context& context, Check check, std::string_view folded_word, std::string_view unless = {}) {
  auto places = find_word(context.folded.text(), folded_word, unless);
  if (places.empty()) return;
  for (auto& place : places) place = context.folded.original(place);
  const std::string word(cut(context.draft.text, places.front()));
  context.findings.add(check, std::move(places), {{"word", word}});
}

void check_listed_words(Context& context) {
  for (const auto& one : insulting_words()) {
    check_words(context, Check::kInsultingWords, one.word, one.unless);
  }
  for (const auto& one : insensitive_words()) {
    check_words(context, Check::kInsensitiveWords, one.word, one.unless);
  }
  for (const auto& word : context.rules.promise_words) {
    check_words(context, Check::kPromiseWords, text::fold(word));
  }
  for (const auto& word : context.rules.competitors) {
    check_words(context, Check::kCompetitors, text::fold(word));
  }
  for (const auto& one : context.voice.word_choice) {
    auto places = find_word(context.folded.text(), text::fold(one.word));
    if (places.empty()) continue;
    for (auto& place : places) place = context.folded.original(place);
    context.findings.add(Check::kWordChoice, std::move(places),
                         {{"word", one.word}, {"instead", one.instead}});
  }
}

// --- to whom

// "haruka.bsky.social" is also known as "haruka".
bool is_same_name(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return false;
  return a == b || a.find(b) != std::string_view::npos || b.find(a) != std::string_view::npos;
}

bool is_known(const Draft& draft, std::string_view folded_name) {
  const auto same = [&](const std::string& name) {
    const auto folded = text::fold(name);
    if (is_same_name(folded, folded_name)) return true;
    // "Haruka Tanaka" is addressed as Tanaka; 田中 はるか as 田中.
    std::size_t at = 0;
    while (at < folded.size()) {
      const auto space = std::min(folded.find(' ', at), folded.size());
      const auto part = std::string_view(folded).substr(at, space - at);
      if (part.size() > 2 && is_same_name(part, folded_name)) return true;
      at = space + 1;
    }
    return false;
  };
  return std::any_of(draft.customer_names.begin(), draft.customer_names.end(), same) ||
         std::any_of(draft.known_names.begin(), draft.known_names.end(), same);
}

const RE2& japanese_greeting() {
  static const RE2 pattern(
      R"((?:^|[\n。！!？?] *)(?:@[\w.@\-]+[ \x{3000}]*)*([^\s、。，,！!？?「」『』（）()@]{1,24}?)(?: ?)(様|さま|さん|ちゃん|君|くん))"
      R"((?:[\s、。，,！!]|$|へ))");
  return pattern;
}
const RE2& english_greeting() {
  static const RE2 pattern(
      R"((?:^|\n|[.!?] )(?:@[\w.@\-]+ )*(?:Hi|Hello|Hey|Dear|Thanks|Thank you|Sorry|Good morning),? )"
      R"((?:(?:Mr|Mrs|Ms|Mx|Dr)\.? )?([A-Z][\p{L}'\-]+)(?:[ ,.!:\n]|$))");
  return pattern;
}
const RE2& handle_pattern() {
  static const RE2 pattern(R"((?:^|[^\w.@/])@([A-Za-z0-9_][A-Za-z0-9_.\-]{1,80}(?:@[A-Za-z0-9.\-]+)?))");
  return pattern;
}

template <class F>
void each_name(const RE2& pattern, std::string_view text, F f) {
  std::array<re2::StringPiece, 3> groups;
  const re2::StringPiece whole(text.data(), text.size());
  const int wanted = std::min(3, pattern.NumberOfCapturingGroups() + 1);
  std::size_t from = 0;
  while (from <= text.size() &&
         pattern.Match(whole, from, text.size(), RE2::UNANCHORED, groups.data(), wanted)) {
    const auto begin = static_cast<std::size_t>(groups[1].data() - text.data());
    f(ByteRange{begin, begin + groups[1].size()});
    from = begin + std::max<std::size_t>(groups[1].size(), 1);
  }
}

constexpr std::array kNobodysNames = std::to_array<std::string_view>({
    "お客",
    "お客様",
    "皆",
    "みな",
    "みなみな",
    "各位",
    "ユーザー",
    "フォロワー",
    "会員",
    "担当者",
    "お子",
    "奥",
    "店員",
    "スタッフ",
    "ご担当者",
    "お母",
    "お父",
    "皆々",
    "ファン",
    "ご利用者",
    "ご購入者",
    "たく",
    "ご家族",
    "お二人",
    "ご主人",
    "お嬢",
    "殿",
    "神",
    "王",
    "仕",
    "同",
    "多",
    "模",
    "there",
    "all",
    "everyone",
    "team",
    "folks",
    "again",
    "for",
    "so",
    "you",
    "and",
    "to",
    "guys",
    "friend",
    "customer",
    "sir",
    "madam",
    "much",
    "about",
    "we",
    "that",
    "this",
    "the",
    "your",
    "i",
    "if",
    "unfortunately",
});

void check_person(Context& context) {
  const auto& draft = context.draft;
  if (draft.customer_names.empty()) return;
  const auto look = [&](const ByteRange& range) {
    const auto name = text::fold(cut(draft.text, range));
    if (std::find(kNobodysNames.begin(), kNobodysNames.end(), name) != kNobodysNames.end()) return;
    // 「ご確認いただいた山田」様: what holds a particle's worth of hiragana and kanji is a sentence.
    if (text::count_code_points(name) > 16 || is_known(draft, name)) return;
    context.findings.add(
        Check::kWrongPerson, {range},
        {{"name", std::string(cut(draft.text, range))}, {"customer", draft.customer_names.front()}});
  };
  each_name(japanese_greeting(), draft.text, look);
  each_name(english_greeting(), draft.text, look);
  each_name(handle_pattern(), draft.text, look);
}

// --- about the case

void check_case(Context& context) {
  const auto& draft = context.draft;
  auto& findings = context.findings;
  if (draft.is_public && draft.customer_wrote_privately) findings.add(Check::kWrongVisibility, {}, {});
  if (!draft.addressed_account.empty()) {
    findings.add(Check::kWrongAccount, {}, {{"account", draft.addressed_account}});
  }
  if (draft.is_public && draft.others_talk) findings.add(Check::kOthersTalk, {}, {});
  if (draft.is_public && draft.public_exchanges >= context.rules.exchanges_limit) {
    findings.add(Check::kManyExchanges, {}, {{"count", std::to_string(draft.public_exchanges)}});
  }
  if (!draft.crisis_topic.empty()) findings.add(Check::kCrisis, {}, {{"topic", draft.crisis_topic}});
  if (!draft.disaster_word.empty()) findings.add(Check::kDisaster, {}, {{"word", draft.disaster_word}});
  if (draft.similar) {
    findings.add(Check::kSameAsRecent, {},
                 {{"percent", std::to_string(draft.similar->percent)},
                  {"number", std::to_string(draft.similar->case_number)},
                  {"at", to_rfc3339(draft.similar->at)}});
  }
}

// A word for this customer: their name, or a word of their own matter.
void check_personal_word(Context& context) {
  const auto& draft = context.draft;
  const std::string_view folded = context.folded.text();
  if (folded.empty()) return;
  const auto theirs_folded = text::fold(draft.customer_text);
  const auto theirs = telling_words(theirs_folded);
  if (theirs.empty()) return;  // nothing they said could be taken up
  for (const auto& name : draft.customer_names) {
    const auto known = text::fold(name);
    std::size_t at = 0;
    while (at < known.size()) {
      const auto space = std::min(known.find_first_of(" .@", at), known.size());
      const auto part = std::string_view(known).substr(at, space - at);
      if (part.size() > 2 && folded.find(part) != std::string_view::npos) return;
      at = space + 1;
    }
  }
  for (const auto& word : theirs) {
    if (folded.find(word) != std::string_view::npos) return;
    // 注文番号 is taken up by 注文: any two neighbours of a run of kanji, any three of katakana.
    const auto script = text::script_of(text::code_point_at(word, 0).value);
    const std::size_t window = script == text::Script::kHan ? 2 : script == text::Script::kKatakana ? 3 : 0;
    if (window == 0) continue;
    std::vector<std::size_t> starts;
    for (const auto& c : text::code_points(word)) starts.push_back(c.offset);
    starts.push_back(word.size());
    for (std::size_t i = 0; i + window < starts.size(); ++i) {
      const auto part = std::string_view(word).substr(starts[i], starts[i + window] - starts[i]);
      if (folded.find(part) != std::string_view::npos) return;
    }
  }
  context.findings.add(Check::kNotPersonal, {}, {});
}

// What the writer added says something: a telling word that the saved text, filled for this case, has not.
void check_own_word(Context& context) {
  if (context.draft.saved_text.empty()) return;
  const auto saved = text::fold(context.draft.saved_text);
  for (const auto& word : telling_words(context.folded.text())) {
    if (saved.find(word) == std::string::npos) return;
  }
  context.findings.add(Check::kNoOwnWord, {}, {});
}

// A variable that has no value here must not reach anybody as braces.
void check_unfilled(Context& context) {
  for (const auto& variable : saved::variables_of(context.draft.text)) {
    if (saved::is_filled_on_sending(variable.name)) continue;
    context.findings.add(Check::kUnfilled, {variable.range}, {{"name", variable.name}});
  }
}

// --- links

const RE2& link_pattern() {
  static const RE2 pattern(R"((?i)(https?://[^\s<>"、。「」『』（）()]+))");
  return pattern;
}

std::vector<ByteRange> link_ranges(std::string_view text) {
  std::vector<ByteRange> ranges;
  each_name(link_pattern(), text, [&](ByteRange range) {
    while (range.end > range.begin &&
           std::string_view(".,!?;:'").find(text[range.end - 1]) != std::string_view::npos) {
      --range.end;
    }
    ranges.push_back(range);
  });
  return ranges;
}

std::string host_of(std::string_view link) {
  auto rest = link.substr(link.find("://") + 3);
  rest = rest.substr(0, rest.find_first_of("/?#\\"));  // browsers read \ as /
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) rest = rest.substr(at + 1);
  rest = rest.substr(0, rest.find(':'));
  return text::fold(rest);
}

bool is_below(std::string_view host, std::string_view domain) {
  if (domain.starts_with("*.")) domain.remove_prefix(2);
  return host == domain || (host.size() > domain.size() && host.ends_with(domain) &&
                            host[host.size() - domain.size() - 1] == '.');
}

bool is_allowed(std::string_view host, const Rules& rules) {
  const auto& allowed = rules.allowed_hosts;
  const bool listed = std::any_of(allowed.begin(), allowed.end(), [&](const std::string& domain) {
    return is_below(host, text::fold(domain));
  });
  const auto shorteners = link_shorteners();
  const bool hides = std::any_of(shorteners.begin(), shorteners.end(),
                                 [&](std::string_view domain) { return is_below(host, domain); });
  return listed || (allowed.empty() && !hides);
}

void check_links(Context& context) {
  const auto& draft = context.draft;
  for (const auto& range : link_ranges(draft.text)) {
    const auto link = cut(draft.text, range);
    const auto host = host_of(link);
    if (!is_allowed(host, context.rules)) {
      context.findings.add(Check::kLinkNotAllowed, {range}, {{"host", host}});
    }
    if (std::find(draft.dead_links.begin(), draft.dead_links.end(), link) != draft.dead_links.end()) {
      context.findings.add(Check::kDeadLink, {range}, {{"link", std::string(link)}});
    }
  }
}

}  // namespace

void Findings::add(Check check, std::vector<ByteRange> ranges,
                   std::vector<std::pair<std::string, std::string>> params) {
  const auto severity = rules_.severity(check);
  if (severity == Severity::kOff) return;
  auto& count = counts_[static_cast<std::size_t>(check)];
  if (count++ >= kFindingsPerCheck) return;
  if (ranges.size() > kFindingsPerCheck) ranges.resize(kFindingsPerCheck);
  list_.push_back({check, severity, std::move(ranges), std::move(params)});
}

std::vector<Finding> check(const Draft& draft, const Rules& rules, const Voice& voice) {
  if (const auto invalid_at = text::find_invalid_utf8(draft.text)) {
    // JSON cannot carry such a text; whoever calls from inside gets the same answer with U+FFFD for it.
    Draft cleaned = draft;
    cleaned.text = text::to_valid_utf8(draft.text);
    return check(cleaned, rules, voice);
  }
  Context context{draft, rules, voice, text::fold_with_origins(draft.text), Findings(rules)};
  check_length(context);
  check_unfilled(context);
  check_personal_data(context);
  check_person(context);
  check_listed_words(context);
  check_case(context);
  check_personal_word(context);
  check_own_word(context);
  check_links(context);
  check_tone(draft, voice, context.findings);
  auto list = std::move(context.findings).take();
  std::stable_sort(list.begin(), list.end(),
                   [](const Finding& a, const Finding& b) { return a.check < b.check; });
  return list;
}

std::vector<std::string> links_to_look_at(std::string_view text, const Rules& rules) {
  std::vector<std::string> links;
  for (const auto& range : link_ranges(text)) {
    const std::string link(cut(text, range));
    if (is_allowed(host_of(link), rules) && std::find(links.begin(), links.end(), link) == links.end())
      links.push_back(link);
  }
  return links;
}

std::string_view find_disaster_word(std::string_view text) {
  const auto folded = text::fold(text);
  for (const auto& one : disaster_words()) {
    if (!find_word(folded, one.word, one.unless).empty()) return one.word;
  }
  return {};
}

}  // namespace kiki::reply::checks
