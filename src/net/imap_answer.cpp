#include "net/imap_answer.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>

namespace kiki::net {
namespace {

constexpr std::size_t kWordsLimit = 2'000'000;

Error no_imap(std::string_view what) {
  return {ErrorKind::kCorrupt, "the IMAP server's answer cannot be read: " + std::string(what), {}, {}, 0};
}

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    if (upper(a[i]) != upper(b[i])) return false;
  }
  return true;
}

}  // namespace

std::optional<std::uint64_t> announced_literal(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  const auto open = line.rfind('{');
  if (open == std::string_view::npos) return std::nullopt;
  auto digits = line.substr(open + 1, line.size() - open - 2);
  if (digits.ends_with('+')) digits.remove_suffix(1);
  return number<std::uint64_t>(digits);
}

Result<std::vector<ImapWord>> imap_words(const ImapLine& line) {
  std::vector<ImapWord> words;
  std::size_t literal = 0;
  const std::string_view text = line.text;
  for (std::size_t i = 0; i < text.size();) {
    if (words.size() > kWordsLimit) return no_imap("too many words");
    const char c = text[i];
    if (c == ' ') {
      ++i;
    } else if (c == '(' || c == ')') {
      words.push_back({c == '(' ? ImapWord::Kind::kOpen : ImapWord::Kind::kClose, {}});
      ++i;
    } else if (c == '"') {
      std::string value;
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        value += text[i];
      }
      if (i >= text.size()) return no_imap("a string without end");
      ++i;
      words.push_back({ImapWord::Kind::kString, std::move(value)});
    } else if (c == '{' || (c == '~' && i + 1 < text.size() && text[i + 1] == '{')) {
      const auto close = text.find('}', i);
      if (close == std::string_view::npos || literal >= line.literals.size())
        return no_imap("a literal that is not there");
      words.push_back({ImapWord::Kind::kString, line.literals[literal++]});
      i = close + 1;
    } else {
      const auto start = i;
      int brackets = 0;
      for (; i < text.size(); ++i) {
        if (text[i] == '[') ++brackets;
        if (text[i] == ']' && brackets > 0) --brackets;
        if (brackets == 0 && (text[i] == ' ' || text[i] == '(' || text[i] == ')' || text[i] == '"')) break;
      }
      words.push_back({ImapWord::Kind::kAtom, std::string(text.substr(start, i - start))});
    }
  }
  return words;
}

Result<std::optional<ImapFetched>> read_fetched(const ImapLine& line) {
  if (!line.text.starts_with("* ")) return std::optional<ImapFetched>{};
  const auto behind = line.text.find(' ', 2);
  if (behind == std::string::npos || !same(std::string_view(line.text).substr(behind + 1, 6), "FETCH "))
    return std::optional<ImapFetched>{};
  const auto words = TRY(imap_words(line));
  using Kind = ImapWord::Kind;
  if (words.size() < 5 || words[3].kind != Kind::kOpen) return no_imap("FETCH without a list");
  ImapFetched out;
  int depth = 1;
  for (std::size_t i = 4; i + 1 < words.size(); ++i) {
    if (words[i].kind == Kind::kOpen) ++depth;
    if (words[i].kind == Kind::kClose) --depth;
    if (words[i].kind != Kind::kAtom || depth != 1) continue;
    const auto& name = words[i].text;
    const auto& value = words[i + 1].text;
    if (same(name, "UID")) {
      out.uid = number<std::uint32_t>(value).value_or(0);
    } else if (same(name, "RFC822.SIZE")) {
      out.size_bytes = number<std::uint64_t>(value).value_or(0);
    } else if (same(name, "INTERNALDATE")) {
      out.received_at = read_imap_date(value);
    } else if (name.size() >= 5 && same(std::string_view(name).substr(0, 5), "BODY[")) {
      out.has_body = true;
      if (words[i + 1].kind == Kind::kString) out.body = value;  // else NIL
    } else {
      continue;
    }
    ++i;
  }
  return std::optional(std::move(out));
}

TimeMs read_imap_date(std::string_view text) {
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text.find('-') == 1) return text.size() == 25 ? read_imap_date("0" + std::string(text)) : 0;
  if (text.size() != 26) return 0;
  unsigned month = 0;
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (same(text.substr(3, 3), kMonths.at(i))) month = i + 1;
  }
  const auto at = [&](std::size_t from, std::size_t size) {
    return number<unsigned>(text.substr(from, size)).value_or(100'000);
  };
  const auto day = at(0, 2);
  const auto year = at(7, 4);
  const auto hour = at(12, 2);
  const auto minute = at(15, 2);
  const auto second = at(18, 2);
  const auto zone = at(22, 4);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || year > 9'999 || hour > 23 || minute > 59 || second > 60 || zone > 2'400) return 0;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const auto offset =
      (static_cast<std::int64_t>(zone / 100) * 60 + zone % 100) * (text[21] == '-' ? -60 : 60);
  return (days * 86'400 + hour * 3'600 + minute * 60 + second - offset) * 1'000;
}

}  // namespace kiki::net
