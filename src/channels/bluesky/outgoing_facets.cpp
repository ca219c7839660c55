#include "channels/bluesky/outgoing_facets.hpp"

#include <algorithm>

#include "channels/bluesky/syntax.hpp"
#include "channels/bluesky/utf8.hpp"
#include "text/graphemes.hpp"
#include "text/script.hpp"

namespace kiki::channels::bluesky {

namespace {

constexpr std::size_t kTagLimitGraphemes = 64;  // lexicon app.bsky.richtext.facet
constexpr std::size_t kTagLimitBytes = 640;

bool alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// May a mention or a tag begin here? Not inside a word or an address: "a@b.example" is mail, "x#1" a
// fragment.
bool begins_here(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  const char before = text[at - 1];
  return !alphanumeric(before) && before != '_' && before != '@' && before != '#' && before != '/' &&
         before != '.' && before != '-' && before != '&';
}

bool url_char(char c) {
  return alphanumeric(c) || std::string_view("-._~:/?#[]@!$&'()*+,;=%").find(c) != std::string_view::npos;
}

std::size_t link_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && url_char(text[end])) ++end;
  for (; end > at; --end) {
    const char last = text[end - 1];
    if (std::string_view(".,;:!?'*").find(last) != std::string_view::npos) continue;
    const auto url = text.substr(at, end - at);
    if (last == ')' && std::count(url.begin(), url.end(), ')') > std::count(url.begin(), url.end(), '('))
      continue;
    if (last == ']' && std::count(url.begin(), url.end(), ']') > std::count(url.begin(), url.end(), '['))
      continue;
    break;
  }
  return end;
}

bool space(char32_t c) {
  return c <= 0x20 || c == 0xa0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200d) || c == 0x2060 || c == 0xad;
}

}  // namespace

std::vector<OutgoingFacet> detect_facets(std::string_view text) {
  std::vector<OutgoingFacet> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto rest = text.substr(at);
    std::size_t end = at;
    OutgoingFacet facet;
    if ((rest.starts_with("https://") || rest.starts_with("http://")) &&
        (at == 0 || !alphanumeric(text[at - 1]))) {
      end = link_end(text, at);
      facet.kind = OutgoingFacet::Kind::kLink;
      facet.value = text.substr(at, end - at);
      const auto host = facet.value.find("//") + 2;
      if (host >= facet.value.size() || !(alphanumeric(facet.value[host]) || facet.value[host] == '['))
        facet.value.clear();
    } else if (rest.front() == '@' && begins_here(text, at)) {
      end = at + 1;
      while (end < text.size() && (alphanumeric(text[end]) || text[end] == '.' || text[end] == '-')) ++end;
      while (end > at + 1 && !alphanumeric(text[end - 1])) --end;
      facet.kind = OutgoingFacet::Kind::kMention;
      const auto handle = handle_from_input(text.substr(at + 1, end - at - 1));
      if (handle && is_handle(*handle)) facet.value = *handle;
    } else if ((rest.front() == '#' || rest.starts_with("＃")) && begins_here(text, at)) {
      const std::size_t mark = rest.front() == '#' ? 1 : std::string_view("＃").size();
      end = at + mark;
      std::size_t word_end = end;
      bool letter = false;
      for (std::string_view tail = text.substr(end); !tail.empty();) {
        const char32_t c = take_char(tail);
        if (space(c) || c == '#' || c == 0xff03) break;
        end = text.size() - tail.size();
        const auto kind = text::class_of(c);
        if (kind == text::CharacterClass::kSeparator && c != '_')
          continue;  // only belongs to the tag when a word follows
        word_end = end;
        if (!(c >= '0' && c <= '9') && c != '_') letter = true;
      }
      end = word_end;
      facet.kind = OutgoingFacet::Kind::kTag;
      const auto tag = text.substr(at + mark, end - at - mark);
      if (letter && tag.size() <= kTagLimitBytes && text::count_graphemes(tag) <= kTagLimitGraphemes)
        facet.value = tag;
    }
    if (facet.value.empty()) {
      ++at;
      continue;
    }
    facet.byte_start = at;
    facet.byte_end = end;
    at = end;
    out.push_back(std::move(facet));
  }
  return out;
}

}  // namespace kiki::channels::bluesky
