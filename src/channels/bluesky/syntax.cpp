#include "channels/bluesky/syntax.hpp"

#include <algorithm>

#include "base/clock.hpp"

namespace kiki::channels::bluesky {

namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool letter(char c) {
  return lower(c) || (c >= 'A' && c <= 'Z');
}
bool alphanumeric(char c) {
  return letter(c) || digit(c);
}

template <class F>
bool all(std::string_view text, F f) {
  return std::all_of(text.begin(), text.end(), f);
}

// Splits at every separator and asks f about each part and its number; the count of parts, or 0 when f
// refused one.
template <class F>
std::size_t parts(std::string_view text, char separator, F f) {
  std::size_t count = 0;
  for (;;) {
    const auto end = text.find(separator);
    if (!f(text.substr(0, end), count)) return 0;
    ++count;
    if (end == std::string_view::npos) return count;
    text.remove_prefix(end + 1);
  }
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         all(label, [](char c) { return alphanumeric(c) || c == '-'; });
}

}  // namespace

bool is_handle(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  std::string_view last;
  const auto count = parts(text, '.', [&](std::string_view label, std::size_t) {
    last = label;
    return is_label(label);
  });
  return count >= 2 && letter(last.front());
}

bool is_did(std::string_view text) {
  if (text.size() > 2048 || !text.starts_with("did:")) return false;
  const auto rest = text.substr(4);
  const auto colon = rest.find(':');
  if (colon == std::string_view::npos || colon == 0 || !all(rest.substr(0, colon), lower)) return false;
  const auto id = rest.substr(colon + 1);
  if (id.empty() || id.back() == ':' || id.back() == '%') return false;
  return all(
      id, [](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == ':' || c == '%' || c == '-'; });
}

bool is_nsid(std::string_view text) {
  if (text.size() > 317) return false;
  const auto dot = text.rfind('.');
  if (dot == std::string_view::npos) return false;
  const auto name = text.substr(dot + 1);
  if (name.empty() || name.size() > 63 || !letter(name.front()) || !all(name, alphanumeric)) return false;
  const auto authority = text.substr(0, dot);
  if (authority.empty() || digit(authority.front())) return false;
  return parts(authority, '.', [](std::string_view label, std::size_t) { return is_label(label); }) >= 2;
}

bool is_record_key(std::string_view text) {
  if (text.empty() || text.size() > 512 || text == "." || text == "..") return false;
  return all(text, [](char c) {
    return alphanumeric(c) || c == '_' || c == '~' || c == '.' || c == ':' || c == '-';
  });
}

bool is_datetime(std::string_view text) {
  // YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM), capital letters, no "-00:00"
  if (text.size() < 20 || text.size() > 64 || text.ends_with("-00:00") || text.starts_with("000"))
    return false;
  static constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == 'd' ? !digit(text[i]) : text[i] != kShape[i]) return false;
  }
  auto rest = text.substr(kShape.size());
  if (rest.front() == '.') {
    const auto end = rest.find_first_not_of("0123456789", 1);
    if (end == std::string_view::npos || end == 1 || end > 21) return false;
    rest.remove_prefix(end);
  }
  if (rest != "Z") {
    if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') return false;
    if (!digit(rest[1]) || !digit(rest[2]) || !digit(rest[4]) || !digit(rest[5])) return false;
  }
  const auto two = [&](std::size_t i) { return (text[i] - '0') * 10 + (text[i + 1] - '0'); };
  return two(5) >= 1 && two(5) <= 12 && two(8) >= 1 && two(8) <= 31 && two(11) <= 23 && two(14) <= 59 &&
         two(17) <= 60;
}

std::optional<AtUri> parse_at_uri(std::string_view text) {
  if (text.size() > 8192 || !text.starts_with("at://")) return std::nullopt;
  AtUri uri;
  bool right = true;
  const auto count = parts(text.substr(5), '/', [&](std::string_view part, std::size_t index) {
    if (index == 0) right = is_did(uri.authority = part) || is_handle(part);
    if (index == 1) right = is_nsid(uri.collection = part);
    if (index == 2) right = is_record_key(uri.rkey = part);
    return right && index < 3;
  });
  if (count == 0) return std::nullopt;
  return uri;
}

std::optional<AtUri> parse_post_uri(std::string_view text) {
  auto uri = parse_at_uri(text);
  if (!uri || uri->collection != "app.bsky.feed.post" || uri->rkey.empty() || !is_did(uri->authority))
    return std::nullopt;
  return uri;
}

std::string posts_of(std::string_view did) {
  return std::string("at://").append(did) + "/";
}

std::string post_uri(std::string_view did, std::string_view rkey) {
  std::string uri = "at://";
  uri.append(did).append("/app.bsky.feed.post/").append(rkey);
  return uri;
}

std::string profile_url(std::string_view did) {
  return "https://bsky.app/profile/" + std::string(did);
}

std::string post_url(std::string_view text) {
  const auto uri = parse_at_uri(text);
  if (!uri || uri->rkey.empty()) return {};
  return profile_url(uri->authority) + "/post/" + std::string(uri->rkey);
}

std::optional<std::string> handle_from_input(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  for (const std::string_view prefix : {"https://bsky.app/profile/", "at://", "@"}) {
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  }
  while (!text.empty() && text.back() == '/') text.remove_suffix(1);
  if (is_did(text)) return std::string(text);
  if (!is_handle(text)) return std::nullopt;
  std::string handle(text);
  std::transform(handle.begin(), handle.end(), handle.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return handle;
}

}  // namespace kiki::channels::bluesky
