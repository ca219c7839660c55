#include "net/http_target.hpp"

#include <optional>

namespace kiki::net {
namespace {

constexpr std::size_t kQueryPairs = 256;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Error at(std::string message, std::size_t offset) {
  return invalid(std::move(message), std::to_string(offset));
}

// Decodes one piece; `base` is its offset in the target, for errors.
Result<std::string> decode(std::string_view text, bool plus_is_space, std::size_t base) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return at("the URL holds a bad percent escape", base + i);
      c = static_cast<char>(high * 16 + low);
      if (c == '\0') return at("the URL holds an encoded NUL", base + i);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    } else if (c == '\0') {
      return at("the URL holds a NUL", base + i);
    }
    out.push_back(c);
  }
  if (!is_utf8(out)) return at("the URL is not UTF-8", base);
  return out;
}

// The offset where the path of an absolute-form target begins; nothing when it is no such form.
std::optional<std::size_t> authority_end(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() <= scheme.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < scheme.size(); ++i) {
      const char c = target[i] >= 'A' && target[i] <= 'Z' ? static_cast<char>(target[i] + 32) : target[i];
      same = same && c == scheme[i];
    }
    if (!same) continue;
    const auto end = target.find_first_of("/?", scheme.size());
    if (end == scheme.size()) return std::nullopt;  // no host
    return end == std::string_view::npos ? target.size() : end;
  }
  return std::nullopt;
}

Result<void> add_segment(std::string_view raw, std::size_t offset, std::string& path) {
  const auto segment = TRY(decode(raw, false, offset));
  if (segment == "." || segment == "..") return at("the path holds a dot segment", offset);
  for (const char c : segment) {
    if (c == '/' || c == '\\') return at("the path holds an encoded slash or a backslash", offset);
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return at("the path holds a control character", offset);
  }
  path += '/';
  path += segment;
  return {};
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    std::size_t more = 0;
    unsigned code = 0;
    if (lead >= 0xc2 && lead <= 0xdf) {
      more = 1;
      code = lead & 0x1fU;
    } else if ((lead & 0xf0U) == 0xe0) {
      more = 2;
      code = lead & 0x0fU;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      more = 3;
      code = lead & 0x07U;
    } else {
      return false;
    }
    if (i + more >= bytes.size()) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(bytes[i + k]);
      if ((next & 0xc0U) != 0x80) return false;
      code = code << 6U | (next & 0x3fU);
    }
    const bool too_long = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
    if (too_long || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return false;
    i += more + 1;
  }
  return true;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  return decode(text, plus_is_space, 0);
}

Result<HttpTarget> parse_target(std::string_view target) {
  std::size_t begin = 0;
  if (target.empty() || target[0] != '/') {
    const auto end = authority_end(target);
    if (!end) return at("the request target is neither a path nor an http URL", 0);
    begin = *end;
  }
  if (const auto hash = target.find('#'); hash != std::string_view::npos) {
    return at("the request target holds a fragment", hash);
  }
  const auto mark = target.find('?', begin);
  const auto path = target.substr(begin, mark == std::string_view::npos ? mark : mark - begin);

  HttpTarget out;
  for (std::size_t i = 0; i < path.size();) {
    auto end = path.find('/', i);
    if (end == std::string_view::npos) end = path.size();
    if (end > i) TRY(add_segment(path.substr(i, end - i), begin + i, out.path));
    i = end + 1;
  }
  if (out.path.empty() || path.back() == '/') out.path += '/';
  if (mark == std::string_view::npos) return out;

  const auto query = target.substr(mark + 1);
  for (std::size_t i = 0; i < query.size();) {
    auto end = query.find('&', i);
    if (end == std::string_view::npos) end = query.size();
    const auto pair = query.substr(i, end - i);
    if (!pair.empty()) {
      if (out.query.size() == kQueryPairs) return at("the URL has too many query parameters", mark + 1 + i);
      const auto equals = pair.find('=');
      auto name = TRY(decode(pair.substr(0, equals), true, mark + 1 + i));
      std::string value;
      if (equals != std::string_view::npos) {
        value = TRY(decode(pair.substr(equals + 1), true, mark + 2 + i + equals));
      }
      out.query.emplace_back(std::move(name), std::move(value));
    }
    i = end + 1;
  }
  return out;
}

}  // namespace kiki::net
