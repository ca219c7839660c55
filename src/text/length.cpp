// Weights after X's own configuration, version 3: https://developer.x.com/en/docs/counting-characters

#include "text/length.hpp"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <string>

#include "text/graphemes.hpp"
#include "text/utf8.hpp"

namespace kiki::text {

namespace {

constexpr std::size_t kLinkWeight = 23;

bool is_light(char32_t c) {
  return c <= 4351 || (c >= 8192 && c <= 8205) || (c >= 8208 && c <= 8223) || (c >= 8242 && c <= 8247);
}

// Pictographs that show as one picture; ranges are coarse, as nothing else stands there.
bool is_emoji(char32_t c) {
  return (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2600 && c <= 0x27BF) || c == 0x2B50 || c == 0x2B55;
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_url_char(char c) {
  return c > ' ' && c < 127 && std::string_view("\"<>`{}\\^").find(c) == std::string_view::npos;
}

// Ends of names that X takes for a link without a scheme. It knows all of them; these are the ones people
// write.
bool is_known_end(std::string_view label) {
  static constexpr std::string_view kEnds[] = {
      "ai", "app",    "au",  "biz",  "blog", "ca",   "ch", "cn",    "co", "com", "de", "dev",   "es",
      "eu", "fr",     "gg",  "gov",  "in",   "info", "io", "it",    "jp", "kr",  "ly", "me",    "net",
      "nl", "online", "org", "shop", "site", "to",   "tv", "tokyo", "tw", "uk",  "us", "store", "edu"};
  std::string small(label);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return std::find(std::begin(kEnds), std::end(kEnds), small) != std::end(kEnds);
}

// Bytes of the link that begins here; 0: none does. What X calls a link ends where prose goes on.
std::size_t link_bytes(std::string_view rest, char before) {
  std::size_t scheme = 0;
  if (rest.starts_with("https://")) scheme = 8;
  if (rest.starts_with("http://")) scheme = 7;
  if (scheme == 0 &&
      (is_alphanumeric(before) || std::string_view("@#$./-_:").find(before) != std::string_view::npos))
    return 0;
  auto end = scheme;
  while (end < rest.size() && (is_alphanumeric(rest[end]) || rest[end] == '-' || rest[end] == '.')) ++end;
  auto host = rest.substr(scheme, end - scheme);
  while (host.ends_with('.') || host.ends_with('-')) host.remove_suffix(1);
  if (host.empty() && scheme > 0) {
    // A name in another script: as far as the word goes.
    end = std::min(rest.find_first_of(" \t\r\n/", scheme), rest.size());
    if (end == scheme || rest[scheme] > 0) return 0;
  } else {
    const auto dot = host.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return 0;
    if (scheme == 0 && (!is_known_end(host.substr(dot + 1)) || rest.substr(host.size()).starts_with('@')))
      return 0;
    end = scheme + host.size();
    if (end < rest.size() && rest[end] == ':') {
      auto port = end + 1;
      while (port < rest.size() && rest[port] >= '0' && rest[port] <= '9') ++port;
      if (port > end + 1) end = port;
    }
  }
  if (end < rest.size() && (rest[end] == '/' || rest[end] == '?')) {
    while (end < rest.size() && is_url_char(rest[end])) ++end;
    while (std::string_view(".,;:!?'*)]|").find(rest[end - 1]) != std::string_view::npos) --end;
  }
  return end;
}

std::string composed(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfc = icu::Normalizer2::getNFCInstance(status);
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  if (U_SUCCESS(status))
    nfc->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink,
                       nullptr, status);
  return U_SUCCESS(status) ? out : std::string(text);
}

std::size_t weigh(std::string_view given) {
  // Most texts are composed already; ill-formed bytes are left as they are.
  const std::string text = find_invalid_utf8(given) ? std::string(given) : composed(given);
  std::size_t sum = 0;
  std::size_t at = 0;
  char before = ' ';
  while (at < text.size()) {
    const auto rest = std::string_view(text).substr(at);
    const auto link = is_alphanumeric(rest[0]) ? link_bytes(rest, before) : 0;
    if (link > 0) {
      sum += kLinkWeight;
      at += link;
      before = text[at - 1];
      continue;
    }
    const auto grapheme = cut_at_grapheme(rest, 1);
    const auto size = std::max<std::size_t>(grapheme.size(), 1);
    std::size_t weight = 0;
    bool pictured = is_emoji(code_point_at(text, at).value);
    for (const CodePoint& c : code_points(grapheme)) {
      pictured |= c.value == 0xFE0F || c.value == 0x20E3;  // shown as a picture, a key
      weight += is_light(c.value) ? 1 : 2;
    }
    sum += pictured ? 2 : weight;
    before = text[at + size - 1];
    at += size;
  }
  return sum;
}

}  // namespace

std::size_t length_in(std::string_view unit, std::string_view text) {
  if (unit == "bytes") return text.size();
  if (unit == "utf16") return utf16_length(text);
  if (unit == "weighted") return weigh(text);
  return count_graphemes(text);
}

}  // namespace kiki::text
