// The text is folded first, so that one set of patterns reads every width; a range goes back to the original
// by FoldedText. Only English addresses are looked for in the original: their capitals tell them from
// "2 or 3 easy ways".

#include "text/personal_data.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "text/utf8.hpp"

namespace kiki::text {

namespace {

using Kind = PersonalDataKind;

// Between groups of digits: the dashes people type, ー and − among them, a space, a dot.
#define KIKI_DASH R"([\-‐‑‒–—―−ー])"
#define KIKI_JOINT R"((?:[\-‐‑‒–—―−ー. ]))"
// The letters of a Japanese place name.
#define KIKI_PLACE R"([^\s0-9、。「」!?,.])"

RE2::Options options() {
  RE2::Options chosen;
  chosen.set_log_errors(false);
  chosen.set_max_mem(8 << 20);
  return chosen;
}

const RE2& link_pattern() {
  static const RE2 pattern(R"(((?:https?://|www\.)[^\s<>"、。「」（）()]+))", options());
  return pattern;
}
const RE2& email_pattern() {
  static const RE2 pattern(
      R"((?:^|[^a-z0-9._%+\-@])([a-z0-9][a-z0-9._%+\-]{0,63}@(?:[a-z0-9](?:[a-z0-9\-]{0,62})\.)+[a-z]{2,24}))",
      options());
  return pattern;
}
// Digits and what stands between them, from the first digit to the last.
const RE2& number_pattern() {
  static const RE2 pattern(R"((\+?\(?[0-9](?:[0-9]|\)? ?)" KIKI_JOINT R"(? ?\(?[0-9])*))", options());
  return pattern;
}
const RE2& iban_pattern() {
  static const RE2 pattern(R"((?:^|[^a-z0-9])([a-z]{2}[0-9]{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?))",
                           options());
  return pattern;
}
const RE2& bank_pattern() {
  static const RE2 pattern(
      R"((?:口座番号|普通預金|普通口座|普通|当座預金|当座|口座)[^0-9\n]{0,8}([0-9]{7})(?:[^0-9]|$))"
      R"(|記号[^0-9\n]{0,4}([0-9]{5}[^0-9\n]{0,8}[0-9]{2,8}))"
      R"(|(?:account|acct\.?|a/c) ?(?:number|no\.?|#)?(?: is)?[:# ]{0,3}([0-9]{6,12})(?:[^0-9]|$))"
      R"(|sort code[^0-9\n]{0,5}([0-9]{2}-?[0-9]{2}-?[0-9]{2})(?:[^0-9]|$))",
      options());
  return pattern;
}
const RE2& post_code_pattern() {
  // The code and the address behind it, up to the end of the line or sentence.
  static const RE2 pattern(R"((〒 ?[0-9]{3}(?:)" KIKI_DASH
                           R"()?[0-9]{4}(?:[^\n。]{0,80}[0-9〇一-十](?:丁目|番地?|号室?|階|f)?)?))",
                           options());
  return pattern;
}
const RE2& japanese_address_pattern() {
  static const RE2 pattern(
      R"(((?:(?:北海道|東京都|京都府|大阪府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟)"
      R"(|富山|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川)"
      R"(|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県)\p{Han}{0,6}|\p{Han}{1,6}[市区町村郡]))" KIKI_PLACE
      R"({1,20}[0-9一二三四五六七八九十]{1,4})"
      R"((?:丁目 ?[0-9一二三四五六七八九十]{0,4}|番地?[0-9]{0,4}|)" KIKI_DASH R"([0-9]{1,4}))"
      R"((?:(?:)" KIKI_DASH R"(|番地?|の)[0-9]{1,4}){0,3}(?:号室?)?))",
      options());
  return pattern;
}
const RE2& english_address_pattern() {
  static const RE2 pattern(
      R"((?:^|[^0-9A-Za-z])([0-9]{1,6}[A-Za-z]?,? (?:[A-Z][^\s0-9,]{0,20} ){1,4})"
      R"((?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Square|Sq|Terrace|Place|Pl)"
      R"(|Highway|Hwy|Parkway|Pkwy|Crescent|Close|Way)\b\.?(?:,? (?:Apt|Suite|Unit|#)\.? ?[0-9A-Za-z]{1,6})?))",
      options());
  return pattern;
}
const RE2& phone_word_pattern() {
  static const RE2 pattern(
      R"((?:電話|携帯|tel|phone|mobile|call (?:me|us|him|her|them)|reach (?:me|us)|☎|📞|📱)[^0-9\n]{0,24}$)",
      options());
  return pattern;
}

struct Hit {
  Kind kind;
  ByteRange range;  // of the folded text
};

bool overlaps(const ByteRange& a, const ByteRange& b) {
  return a.begin < b.end && b.begin < a.end;
}

// Calls f with the place of the first group that took part, for every match.
template <class F>
void each_match(const RE2& pattern, std::string_view text, F f) {
  if (!pattern.ok()) fprintf(stderr, "%s %s\n", pattern.error().c_str(), pattern.pattern().c_str());
  std::array<re2::StringPiece, 6> groups;
  const int wanted = std::min(static_cast<int>(groups.size()), pattern.NumberOfCapturingGroups() + 1);
  const re2::StringPiece whole(text.data(), text.size());
  std::size_t from = 0;
  while (from <= text.size() &&
         pattern.Match(whole, from, text.size(), RE2::UNANCHORED, groups.data(), wanted)) {
    re2::StringPiece found = groups[0];
    for (int i = 1; i < wanted; ++i) {
      if (groups[static_cast<std::size_t>(i)].data() != nullptr) {
        found = groups[static_cast<std::size_t>(i)];
        break;
      }
    }
    const auto begin = static_cast<std::size_t>(found.data() - text.data());
    const auto end = begin + found.size();
    if (end > begin) f(ByteRange{begin, end});
    from = std::max(end, from + 1);
    while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
  }
}

std::string digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

// Lengths of the groups of digits: "03-1234-5678" is 2, 4, 4.
std::vector<std::size_t> groups_of(std::string_view text) {
  std::vector<std::size_t> groups;
  bool inside = false;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !inside) groups.push_back(0);
    if (digit) ++groups.back();
    inside = digit;
  }
  return groups;
}

bool is_card(std::string_view digits, const std::vector<std::size_t>& groups) {
  if (digits.size() < 13 || digits.size() > 19) return false;
  const bool known_issuer =
      digits[0] == '4' || (digits[0] == '5' && digits[1] >= '0') || digits[0] == '6' ||
      (digits[0] == '2' && digits[1] >= '1' && digits[1] <= '7') ||
      (digits[0] == '3' && (digits[1] == '0' || digits[1] == '4' || digits[1] == '5' || digits[1] == '6' ||
                            digits[1] == '7' || digits[1] == '8')) ||
      digits.starts_with("1800");
  const bool grouped = std::all_of(groups.begin(), groups.end(), [](std::size_t n) { return n >= 3; });
  return known_issuer && grouped && is_luhn(digits);
}

bool is_iban(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != ' ') plain += c;
  }
  if (plain.size() < 15 || plain.size() > 34) return false;
  std::rotate(plain.begin(), plain.begin() + 4, plain.end());
  unsigned remainder = 0;
  for (const char c : plain) {
    if (c >= '0' && c <= '9') {
      remainder = (remainder * 10 + static_cast<unsigned>(c - '0')) % 97;
    } else {
      remainder = (remainder * 100 + static_cast<unsigned>(c - 'a') + 10) % 97;
    }
  }
  return remainder == 1;
}

bool is_social_security(std::string_view digits, const std::vector<std::size_t>& groups) {
  return groups == std::vector<std::size_t>{3, 2, 4} && digits.size() == 9 && digits.substr(0, 3) != "000" &&
         digits.substr(0, 3) != "666" && digits[0] != '9' && digits.substr(3, 2) != "00";
}

// Free and shared numbers are of companies, in any form.
bool is_company_line(std::string_view digits) {
  return digits.starts_with("0120") || digits.starts_with("0800") || digits.starts_with("0570") ||
         digits.starts_with("1800") || digits.starts_with("1888");
}

bool is_phone(std::string_view written, std::string_view digits, const std::vector<std::size_t>& groups) {
  const auto count = digits.size();
  if (written.starts_with('+')) return count >= 8 && count <= 15;
  if (is_company_line(digits)) return false;
  const bool area_in_brackets = written.find('(') != std::string_view::npos;
  if (digits[0] == '0' && digits[1] != '0') {
    const bool mobile =
        digits[1] == '5' || digits[1] == '6' || digits[1] == '7' || digits[1] == '8' || digits[1] == '9';
    if (count == 11 && digits[2] == '0' && mobile) return true;            // 090-1234-5678
    if (count == 11 && groups.size() >= 2 && groups[0] >= 3) return true;  // 07700 900123, 020 7946 0958
    if (count == 10 && groups.size() <= 5) return groups.size() > 1 || digits[1] != '1';
  }
  // North America: (905) 674-3793, 905-674-3793, 1-905-674-3793.
  const bool three = groups.size() >= 3 && groups[groups.size() - 1] == 4 && groups[groups.size() - 2] == 3 &&
                     groups[groups.size() - 3] == 3;
  if (three && (groups.size() == 3 || (groups.size() == 4 && groups[0] == 1))) {
    return digits[digits.size() - 10] >= '2' || area_in_brackets;
  }
  return false;
}

bool has_phone_word_before(std::string_view text, std::size_t at) {
  const auto begin = at > 60 ? at - 60 : 0;
  const re2::StringPiece before(text.data() + begin, at - begin);
  return RE2::PartialMatch(before, phone_word_pattern());
}

// A dash or a letter glued to the number makes it part of something longer: a product number, a version.
bool is_glued(std::string_view text, const ByteRange& range) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (range.begin > 0 && letter(text[range.begin - 1])) return true;
  if (range.begin > 1 && text[range.begin - 1] == '-' && letter(text[range.begin - 2])) return true;
  return range.end < text.size() && letter(text[range.end]);
}

// A run of digits, or a part of one between spaces; what it is, if it is anything.
std::optional<Kind> kind_of_number(std::string_view text, const ByteRange& range) {
  const auto written = text.substr(range.begin, range.end - range.begin);
  const auto digits = digits_of(written);
  if (digits.size() < 6) return std::nullopt;
  const auto groups = groups_of(written);
  if (is_card(digits, groups)) return Kind::kCardNumber;
  if (is_glued(text, range)) return std::nullopt;
  const bool fours = groups.size() == 1 || groups == std::vector<std::size_t>{4, 4, 4};
  if (digits.size() == 12 && fours && is_my_number(digits)) return Kind::kNationalId;
  if (is_social_security(digits, groups)) return Kind::kNationalId;
  if (is_phone(written, digits, groups)) return Kind::kPhone;
  if (digits.size() <= 15 && !is_company_line(digits) && has_phone_word_before(text, range.begin)) {
    return Kind::kPhone;
  }
  return std::nullopt;
}

// "2 090-1234-5678" is a two and a telephone number: the longest part between spaces that is something, then
// what is left of it and right of it.
constexpr std::size_t kMostPieces = 12;
template <class F>
void read_numbers(std::string_view text, const ByteRange& run, F found) {
  std::vector<ByteRange> pieces;
  for (std::size_t at = run.begin; at < run.end && pieces.size() < kMostPieces;) {
    const auto space = std::min(text.find(' ', at), run.end);
    if (space > at) pieces.push_back({at, space});
    at = space + 1;
  }
  std::size_t first = 0;
  while (first < pieces.size()) {
    std::size_t next = first + 1;
    for (std::size_t last = pieces.size(); last > first; --last) {
      const ByteRange range{pieces[first].begin, pieces[last - 1].end};
      const auto kind = kind_of_number(text, range);
      // Twelve of sixteen digits are no My Number.
      const bool torn = kind == Kind::kNationalId && last - first > 1 && last - first < pieces.size();
      if (kind && !torn) {
        found(*kind, range);
        next = last;
        break;
      }
    }
    first = next;
  }
}

}  // namespace

std::string_view name(PersonalDataKind kind) {
  switch (kind) {
    case Kind::kCardNumber:
      return "card_number";
    case Kind::kNationalId:
      return "national_id";
    case Kind::kBankAccount:
      return "bank_account";
    case Kind::kEmail:
      return "email";
    case Kind::kPhone:
      return "phone";
    case Kind::kPostalAddress:
      return "postal_address";
    case Kind::kOrderNumber:
      return "order_number";
  }
  return "";
}

bool is_luhn(std::string_view digits) {
  int sum = 0;
  bool doubled = false;
  bool all_zero = true;
  for (auto at = digits.rbegin(); at != digits.rend(); ++at, doubled = !doubled) {
    int value = *at - '0';
    all_zero = all_zero && value == 0;
    if (doubled) value = value * 2 > 9 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return !digits.empty() && !all_zero && sum % 10 == 0;
}

// 番号法施行令 (Cabinet Order 155 of 2014): Q is n + 1 for the six digits before the check digit, n - 5 for
// the others.
bool is_my_number(std::string_view digits) {
  if (digits.size() != 12) return false;
  int sum = 0;
  for (int n = 1; n <= 11; ++n) {
    sum += (digits[static_cast<std::size_t>(11 - n)] - '0') * (n <= 6 ? n + 1 : n - 5);
  }
  const int rest = sum % 11;
  const bool all_same = digits.find_first_not_of(digits[0]) == std::string_view::npos;
  return !all_same && digits[11] - '0' == (rest <= 1 ? 0 : 11 - rest);
}

struct OrderNumbers::Patterns {
  std::vector<std::unique_ptr<RE2>> all;
};

OrderNumbers::OrderNumbers() = default;
OrderNumbers::OrderNumbers(OrderNumbers&&) noexcept = default;
OrderNumbers& OrderNumbers::operator=(OrderNumbers&&) noexcept = default;
OrderNumbers::~OrderNumbers() = default;

Result<OrderNumbers> OrderNumbers::compile(const std::vector<std::string>& patterns) {
  if (patterns.size() > kOrderPatternsLimit) return invalid("At most 20 patterns.");
  OrderNumbers made;
  made.patterns_ = std::make_unique<Patterns>();
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const auto place = "/" + std::to_string(i);
    if (patterns[i].empty() || patterns[i].size() > kOrderPatternLimitBytes) {
      return invalid("A pattern has 1 to 200 bytes.", place);
    }
    auto chosen = options();
    chosen.set_case_sensitive(false);
    auto pattern = std::make_unique<RE2>(patterns[i], chosen);
    if (!pattern->ok()) return invalid("This is no pattern: " + pattern->error() + ".", place);
    if (RE2::FullMatch("", *pattern)) return invalid("This pattern matches an empty text.", place);
    made.patterns_->all.push_back(std::move(pattern));
  }
  return made;
}

std::vector<PersonalData> find_personal_data(std::string_view given, const OrderNumbers& own) {
  const auto folded = fold_with_origins(given);
  const std::string_view text = folded.text();
  std::vector<Hit> hits;
  const auto free = [&](const ByteRange& range) {
    return std::none_of(hits.begin(), hits.end(), [&](const Hit& hit) { return overlaps(hit.range, range); });
  };
  const auto add = [&](Kind kind, const ByteRange& range) {
    if (free(range)) hits.push_back({kind, range});
  };
  // The surest first: what comes later takes only what is left.
  each_match(email_pattern(), text, [&](ByteRange range) { add(Kind::kEmail, range); });
  std::vector<ByteRange> links;
  each_match(link_pattern(), text, [&](ByteRange range) { links.push_back(range); });
  const auto in_link = [&](const ByteRange& range) {
    return std::any_of(links.begin(), links.end(), [&](const ByteRange& l) { return overlaps(l, range); });
  };
  if (own.patterns_) {
    for (const auto& pattern : own.patterns_->all) {
      each_match(*pattern, text, [&](ByteRange range) { add(Kind::kOrderNumber, range); });
    }
  }
  each_match(iban_pattern(), text, [&](ByteRange range) {
    // What follows may have been taken for a last group: the longest front that is an IBAN counts.
    for (auto end = range.end; end >= range.begin + 15; --end) {
      if (text[end - 1] != ' ' && is_iban(text.substr(range.begin, end - range.begin))) {
        add(Kind::kBankAccount, {range.begin, end});
        break;
      }
    }
  });
  each_match(bank_pattern(), text, [&](ByteRange range) { add(Kind::kBankAccount, range); });
  if (text.find("〒") != std::string_view::npos) {
    each_match(post_code_pattern(), text, [&](ByteRange range) { add(Kind::kPostalAddress, range); });
  }
  each_match(japanese_address_pattern(), text, [&](ByteRange range) { add(Kind::kPostalAddress, range); });
  each_match(number_pattern(), text, [&](ByteRange range) {
    if (in_link(range)) return;
    read_numbers(text, range, add);
  });

  std::vector<PersonalData> found;
  found.reserve(hits.size());
  for (const auto& hit : hits) found.push_back({hit.kind, folded.original(hit.range)});
  if (!find_invalid_utf8(given)) {
    each_match(english_address_pattern(), given, [&](ByteRange range) {
      const bool taken = std::any_of(found.begin(), found.end(),
                                     [&](const PersonalData& one) { return overlaps(one.range, range); });
      if (!taken) found.push_back({Kind::kPostalAddress, range});
    });
  }
  std::sort(found.begin(), found.end(),
            [](const PersonalData& a, const PersonalData& b) { return a.range.begin < b.range.begin; });
  return found;
}

}  // namespace kiki::text
