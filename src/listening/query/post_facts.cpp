#include "listening/query/post_facts.hpp"

#include <algorithm>
#include <array>

#include "text/normalize.hpp"
#include "text/script.hpp"
#include "text/utf8.hpp"

namespace kiki::listening::query {
namespace {

using text::CharKind;

bool is_ascii_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_handle_character(char c) {
  return is_ascii_word(c) || c == '_' || c == '.' || c == '@' || c == '-';
}

// May a mention begin behind these folded bytes? Not in an e-mail address, nor in a path.
bool begins_mention(std::string_view before) {
  if (before.empty()) return true;
  std::size_t at = before.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(before[at]) & 0xC0) == 0x80) --at;
  const char32_t c = text::code_point_at(before, at).value;
  if (c == '.' || c == '_' || c == '-' || c == '/') return false;
  return text::class_of(c) != text::CharacterClass::kWord;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Case-blind search for an ASCII needle in small letters.
std::size_t find_small(std::string_view text, std::string_view needle, std::size_t from) {
  for (std::size_t i = from; i + needle.size() <= text.size(); ++i) {
    const bool here = std::equal(needle.begin(), needle.end(), text.begin() + static_cast<std::ptrdiff_t>(i),
                                 [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
    if (here) return i;
  }
  return std::string_view::npos;
}

}  // namespace

std::vector<TextRange> tags_in(const text::SearchText& text) {
  std::vector<TextRange> tags;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.code_points[i] != '#') continue;
    if (i > 0) {
      const char32_t before = text.code_points[i - 1];
      if (text.kinds[i - 1] == CharKind::kWord || before == '&' || before == '/') continue;
    }
    std::size_t end = i + 1;
    while (end < text.size()) {
      const bool letter = text::is_searchable(text.kinds[end]) && text.kinds[end] != CharKind::kPictograph;
      const char32_t c = text.code_points[end];
      if (!letter && c != '_' && c != U'・') break;
      ++end;
    }
    if (end > i + 1) tags.push_back({i, end});
  }
  return tags;
}

std::vector<MentionInText> mentions_in(std::string_view text) {
  std::vector<MentionInText> mentions;
  if (text.find('@') == std::string_view::npos && text.find("＠") == std::string_view::npos &&
      text.find("﹫") == std::string_view::npos) {
    return mentions;
  }
  const text::FoldedText folded = text::fold_with_origins(text);
  const std::string& bytes = folded.text();
  for (std::size_t at = bytes.find('@'); at != std::string::npos; at = bytes.find('@', at + 1)) {
    if (!begins_mention(std::string_view(bytes).substr(0, at))) continue;
    std::size_t end = at + 1;
    while (end < bytes.size() && is_handle_character(bytes[end])) ++end;
    while (end > at + 1 && (bytes[end - 1] == '.' || bytes[end - 1] == '-' || bytes[end - 1] == '@')) --end;
    if (end == at + 1) continue;
    mentions.push_back({bytes.substr(at + 1, end - at - 1), folded.original({at, end})});
    at = end - 1;
  }
  return mentions;
}

std::vector<std::string_view> links_in(std::string_view text) {
  std::vector<std::string_view> links;
  for (std::size_t at = find_small(text, "http", 0); at != std::string_view::npos;
       at = find_small(text, "http", at)) {
    const std::size_t begin = at;
    at += 4;
    if (at < text.size() && (text[at] == 's' || text[at] == 'S')) ++at;
    if (text.substr(at, 3) != "://") continue;
    at += 3;
    const std::size_t host = at;
    // A link in Japanese text ends where the Japanese goes on.
    while (at < text.size() && text[at] > ' ' && text[at] < 0x7F && text[at] != '"' && text[at] != '<' &&
           text[at] != '>') {
      ++at;
    }
    std::size_t end = at;
    const bool bracket = text.substr(host, end - host).find('(') != std::string_view::npos;
    while (end > host && (std::string_view(".,;:!?'*]}").find(text[end - 1]) != std::string_view::npos ||
                          (text[end - 1] == ')' && !bracket))) {
      --end;
    }
    if (end > host) links.push_back(text.substr(begin, end - begin));
  }
  return links;
}

std::string host_and_path(std::string_view link) {
  const std::size_t scheme = link.find("://");
  if (scheme != std::string_view::npos) link.remove_prefix(scheme + 3);
  link = link.substr(0, link.find_first_of("?#"));
  std::string_view host = link.substr(0, link.find('/'));
  const std::string_view path = link.substr(host.size());
  const std::size_t user = host.rfind('@');
  if (user != std::string_view::npos) host.remove_prefix(user + 1);
  const std::size_t port = host.rfind(':');
  if (port != std::string_view::npos) host = host.substr(0, port);
  std::string out = text::fold(percent_decoded(std::string(host) + std::string(path)));
  if (out.starts_with("www.")) out.erase(0, 4);
  if (out.ends_with('/')) out.pop_back();
  return out;
}

std::vector<std::string> links_of(const Post& post) {
  std::vector<std::string> links;
  for (const auto& link : post.links) links.push_back(host_and_path(link));
  for (const auto& link : links_in(post.text)) links.push_back(host_and_path(link));
  return links;
}

bool asks_a_question(std::string_view text) {
  std::string without_links;
  std::size_t at = 0;
  for (const auto& link : links_in(text)) {
    const auto begin = static_cast<std::size_t>(link.data() - text.data());
    without_links += text.substr(at, begin - at);
    without_links += ' ';
    at = begin + link.size();
  }
  without_links += text.substr(at);
  const std::string folded = text::fold(without_links);
  if (folded.find('?') != std::string::npos) return true;
  constexpr std::array<std::string_view, 7> kEndings = {"ですか",     "ますか",   "ましたか", "ませんか",
                                                        "でしょうか", "だろうか", "のか"};
  return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
    for (std::size_t i = folded.find(ending); i != std::string::npos; i = folded.find(ending, i + 1)) {
      const std::size_t end = i + ending.size();
      if (end == folded.size()) return true;
      if (text::class_of(text::code_point_at(folded, end).value) == text::CharacterClass::kSeparator)
        return true;
    }
    return false;
  });
}

bool is_handle(std::string_view wanted, std::string_view handle, bool open_right) {
  if (!handle.starts_with(wanted) || wanted.empty()) return false;
  if (open_right || handle.size() == wanted.size()) return true;
  if (wanted.find_first_of(".@") != std::string_view::npos) return false;
  return handle[wanted.size()] == '.' || handle[wanted.size()] == '@';
}

bool is_language(std::string_view wanted, std::string_view language) {
  std::string small(language);
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (c == '_') c = '-';
  }
  if (!small.starts_with(wanted)) return false;
  return small.size() == wanted.size() || small[wanted.size()] == '-';
}

}  // namespace kiki::listening::query
