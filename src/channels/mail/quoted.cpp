#include "channels/mail/quoted.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "channels/mail/header_words.hpp"

namespace kiki::channels::mail {
namespace {

constexpr std::size_t kLinesLimit = 20'000;
constexpr std::size_t kAttributionBytes = 400;

using Lines = std::vector<std::string_view>;

const RE2& pattern(const char* text) {
  return *new RE2(text, RE2::Quiet);  // one for each caller's static, kept for ever
}

bool is_blank(std::string_view line) {
  return trimmed(line).empty() || trimmed(line) == "\xE3\x80\x80";
}
bool is_quote(std::string_view line) {
  return line.starts_with('>') || line.starts_with("\xEF\xBC\x9E");
}

// "On …, Hana wrote:", "2026年3月3日(火) 18:30 山田花子 <hana@example.com>:", "… さんは書きました:". A long
// one is broken over lines by some programs, so up to three are read as one.
bool is_attribution(std::string_view joined) {
  static const RE2& wrote =
      pattern(R"((?i)^(on|am|le|el|il)\b.{4,}(wrote|schrieb|a écrit|escribió|ha scritto)\s*[:：]$)");
  static const RE2& japanese_date = pattern(R"(^\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日.*[:：]$)");
  static const RE2& number_date = pattern(R"(^(On\s+)?\d{2,4}[/.-]\d{1,2}[/.-]\d{1,4}\b.*[:：]$)");
  static const RE2& japanese_words =
      pattern(R"((さん|様|さま)?(は|が)(書きました|書いた|writes?)\s*[:：]$|のメール\s*[:：]$)");
  static const RE2& somebody = pattern(R"([@＠<＞>]|さん|様|のメール|wrote|書き)");
  if (joined.size() > kAttributionBytes || !(joined.ends_with(':') || joined.ends_with("："))) return false;
  const re2::StringPiece text(joined.data(), joined.size());
  if (RE2::PartialMatch(text, wrote) || RE2::PartialMatch(text, japanese_words)) return true;
  return (RE2::PartialMatch(text, japanese_date) || RE2::PartialMatch(text, number_date)) &&
         RE2::PartialMatch(text, somebody);
}

// "-----Original Message-----", "-----元のメッセージ-----". A forwarded mail is not that: it is what is said.
bool is_divider(std::string_view line) {
  static const RE2& divider = pattern(
      R"((?i)^[-_=\s]*-{2,}\s*(original (message|appointment)|ursprüngliche nachricht|message d'origine|)"
      R"(元のメッセージ|オリジナルメッセージ|元のメール)\s*-{2,}\s*$)");
  const auto clean = trimmed(line);
  if (clean.find("--") == std::string_view::npos) return false;
  return RE2::FullMatch(re2::StringPiece(clean.data(), clean.size()), divider);
}

// Outlook puts the header of the mail it answers: From, then Sent, To or Subject within the next lines.
bool is_header_block(const Lines& lines, std::size_t at) {
  static const RE2& from = pattern(R"((?i)^\*?(from|差出人|送信者|von|de)\*?\s*[:：].+)");
  static const RE2& others =
      pattern(R"((?i)^\*?(sent|date|to|subject|送信日時|日時|日付|宛先|件名|cc)\*?\s*[:：])");
  const auto line = trimmed(lines[at]);
  if (line.find(':') == std::string_view::npos && line.find("：") == std::string_view::npos) return false;
  if (!RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), from)) return false;
  int found = 0;
  for (auto i = at + 1; i < std::min(lines.size(), at + 8); ++i) {
    const auto next = trimmed(lines[i]);
    if (RE2::PartialMatch(re2::StringPiece(next.data(), next.size()), others)) ++found;
  }
  return found >= 2;
}

bool is_forward(std::string_view line) {
  const auto lower = lower_ascii(line.substr(0, 200));
  return lower.find("forwarded message") != std::string::npos ||
         lower.find("begin forwarded") != std::string::npos ||
         line.find("転送メッセージ") != std::string_view::npos ||
         line.find("転送された") != std::string_view::npos;
}

std::string join(const Lines& lines, std::size_t from, std::size_t to) {
  std::string out;
  for (auto i = from; i < to; ++i) {
    out += lines[i];
    out += '\n';
  }
  return out;
}

std::string tidy(std::string text) {
  std::size_t start = 0;
  while (start < text.size()) {
    const auto end = text.find('\n', start);
    if (end == std::string::npos || !is_blank(std::string_view(text).substr(start, end - start))) break;
    start = end + 1;
  }
  text.erase(0, start);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ' || text.back() == '\t')) text.pop_back();
  return text;
}

struct Start {
  std::size_t line = 0;     // where the repeated part begins
  std::size_t behind = 0;   // first line after the words that introduce it
  bool to_the_end = false;  // everything after it is repeated, marked or not
};

std::optional<Start> find_start(const Lines& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_forward(lines[i])) return std::nullopt;
    if (is_blank(lines[i])) continue;
    if (is_quote(lines[i])) return Start{i, i, false};
    if (is_divider(lines[i])) return Start{i, i + 1, true};
    if (is_header_block(lines, i)) {
      auto from = i;  // with the ruler before it
      if (from > 0 && trimmed(lines[from - 1]).size() >= 10 &&
          trimmed(lines[from - 1]).find_first_not_of("_-=") == std::string_view::npos)
        --from;
      return Start{from, i + 1, true};
    }
    std::string joined;
    for (std::size_t n = 0; n < 3 && i + n < lines.size() && !is_blank(lines[i + n]); ++n) {
      if (n > 0) joined += ' ';
      joined += trimmed(lines[i + n]);
      if (!is_attribution(joined)) continue;
      // What it introduces is marked, or it is the last thing before the end.
      auto next = i + n + 1;
      while (next < lines.size() && is_blank(lines[next])) ++next;
      if (next >= lines.size()) return Start{i, next, true};
      if (is_quote(lines[next])) return Start{i, next, false};
      return Start{i, next, true};
    }
  }
  return std::nullopt;
}

}  // namespace

SplitText split_quoted(std::string_view text) {
  Lines lines;
  for (std::size_t at = 0; at <= text.size() && lines.size() < kLinesLimit;) {
    const auto end = std::min(text.find('\n', at), text.size());
    if (lines.size() + 1 == kLinesLimit) {
      lines.push_back(text.substr(at));
      break;
    }
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  const SplitText whole{tidy(std::string(text)), {}};
  const auto start = find_start(lines);
  if (!start) return whole;
  auto end = lines.size();
  if (!start->to_the_end) {
    end = start->behind;
    while (end < lines.size() && (is_quote(lines[end]) || is_blank(lines[end]))) ++end;
    // Answers between the quoted lines are read with them.
    if (std::any_of(lines.begin() + static_cast<std::ptrdiff_t>(end), lines.end(), is_quote)) return whole;
  }
  SplitText out;
  out.text = tidy(join(lines, 0, start->line) + join(lines, end, lines.size()));
  out.quoted = tidy(join(lines, start->line, end));
  if (is_blank(out.text) || out.quoted.empty()) return whole;
  return out;
}

}  // namespace kiki::channels::mail
