#include "channels/mail/header_words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "channels/mail/charset.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::mail {
namespace {

constexpr std::size_t kFieldsLimit = 2'000;
constexpr std::size_t kFieldBytes = 256 * 1024;
constexpr std::size_t kNameBytes = 200;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Forgives what mail programs do: missing padding, line breaks, padding in the middle.
std::string lenient_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    int value = -1;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
    if (c >= '0' && c <= '9') value = c - '0' + 52;
    if (c == '+') value = 62;
    if (c == '/') value = 63;
    if (c == '=') {
      bits = 0;
      count = 0;
    }
    if (value < 0) continue;
    bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFFFU;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
    }
  }
  return out;
}

std::string q_words(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') {
      out += ' ';
    } else if (text[i] == '=' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

struct Word {
  std::string_view charset;
  bool is_base64 = false;
  std::string_view text;
  std::size_t end = 0;
};

std::optional<Word> word_at(std::string_view raw, std::size_t at) {
  if (raw.substr(at, 2) != "=?") return std::nullopt;
  const auto first = raw.find('?', at + 2);
  if (first == std::string_view::npos || first - at > 80 || first + 2 >= raw.size() || raw[first + 2] != '?')
    return std::nullopt;
  const char how = raw[first + 1];
  const bool base64 = how == 'B' || how == 'b';
  if (!base64 && how != 'Q' && how != 'q') return std::nullopt;
  const auto end = raw.find("?=", first + 3);
  if (end == std::string_view::npos) return std::nullopt;
  Word word;
  word.charset = raw.substr(at + 2, first - at - 2);
  word.charset = word.charset.substr(0, word.charset.find('*'));  // RFC 2231: a language behind it
  word.is_base64 = base64;
  word.text = raw.substr(first + 3, end - first - 3);
  word.end = end + 2;
  return word;
}

bool needs_charset(std::string_view raw) {
  return std::any_of(raw.begin(), raw.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x80 || c == '\x1B'; });
}

// Words that stand together in one charset are one run of bytes: some programs cut inside a character, some
// inside the base64.
std::string decode_words(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size();) {
    auto word = word_at(raw, i);
    if (!word) {
      out += raw[i++];
      continue;
    }
    const auto charset = lower_ascii(word->charset);
    std::string bytes;
    std::string pending;  // base64 that did not end where its word did
    const auto take = [&](const Word& one) {
      if (!one.is_base64) {
        bytes += lenient_base64(pending);
        pending.clear();
        bytes += q_words(one.text);
        return;
      }
      pending += one.text;
      if (pending.size() % 4 == 0) {
        bytes += lenient_base64(pending);
        pending.clear();
      }
    };
    take(*word);
    i = word->end;
    while (true) {
      auto next = i;
      while (next < raw.size() && (raw[next] == ' ' || raw[next] == '\t')) ++next;
      const auto following = word_at(raw, next);
      if (!following) break;
      if (lower_ascii(following->charset) != charset) {
        i = next;  // the space between two words is none
        break;
      }
      take(*following);
      i = following->end;
    }
    bytes += lenient_base64(pending);
    out += to_utf8(bytes, charset);
  }
  return out;
}

std::string unfolded(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (const char c : raw) {
    if (c == '\r' || c == '\n' || c == '\0') continue;
    out += c == '\t' ? ' ' : c;
  }
  return out;
}

// What no reader may be shown in one line.
std::string one_line(std::string_view text) {
  std::string out;
  for (const auto& c : text::code_points(text)) {
    if (c.value < 0x20 || c.value == 0x7F || (c.value >= 0x80 && c.value < 0xA0)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
      continue;
    }
    text::append_utf8(out, c.value);
  }
  return std::string(trimmed(out));
}

bool is_direction_mark(char32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F ||
         c == 0x061C || c == 0xFEFF;
}

bool is_address(std::string_view text) {
  const auto at = text.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.size() <= 254 &&
         std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '<' || c == '>' || c == ',';
         });
}

class AddressReader {
 public:
  explicit AddressReader(std::size_t limit) : limit_(limit) {}

  void read(std::string_view raw) {
    for (std::size_t i = 0; i < raw.size() && out_.size() < limit_; ++i) {
      const char c = raw[i];
      if (c == '"') {
        for (++i; i < raw.size() && raw[i] != '"'; ++i) {
          if (raw[i] == '\\' && i + 1 < raw.size()) ++i;
          phrase_ += raw[i];
        }
      } else if (c == '(') {
        int depth = 1;
        for (++i; i < raw.size() && depth > 0; ++i) {
          if (raw[i] == '\\' && i + 1 < raw.size()) {
            comment_ += raw[++i];
            continue;
          }
          if (raw[i] == '(') ++depth;
          if (raw[i] == ')') --depth;
          if (depth > 0) comment_ += raw[i];
        }
        --i;
      } else if (c == '<') {
        const auto end = raw.find('>', i);
        const auto stop = end == std::string_view::npos ? raw.size() : end;
        angle_ = raw.substr(i + 1, stop - i - 1);
        has_angle_ = true;
        i = stop;
      } else if (c == ',' || c == ';') {
        finish();
      } else if (c == ':' && !has_angle_) {
        phrase_.clear();  // the name of a group
      } else {
        phrase_ += c;
      }
    }
    finish();
  }
  std::vector<MailAddress> take() { return std::move(out_); }

 private:
  void finish() {
    MailAddress one;
    std::string address;
    for (const char c : has_angle_ ? angle_ : phrase_) {
      if (c != ' ' && c != '\t' && c != '"') address += c;
    }
    if (has_angle_) {
      if (const auto route = address.rfind(':'); route != std::string::npos) address.erase(0, route + 1);
      one.name = one_line(decode_words(trimmed(phrase_)));
    }
    if (one.name.empty()) one.name = one_line(decode_words(trimmed(comment_)));
    one.address = lower_ascii(address);
    if (one.name == one.address) one.name.clear();
    one.name = std::string(text::cut_at_code_point(one.name, kNameBytes));
    if (out_.size() < limit_ && is_address(one.address)) out_.push_back(std::move(one));
    phrase_.clear();
    comment_.clear();
    angle_.clear();
    has_angle_ = false;
  }

  std::size_t limit_;
  std::vector<MailAddress> out_;
  std::string phrase_;
  std::string comment_;
  std::string angle_;
  bool has_angle_ = false;
};

std::string from_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

struct Piece {
  std::string value;
  bool encoded = false;
};

}  // namespace

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

Headers Headers::read(std::string_view message) {
  Headers out;
  out.fields_.reserve(24);
  while (!message.empty() && out.fields_.size() < kFieldsLimit) {
    const auto end = message.find('\n');
    auto line = message.substr(0, end);
    message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      if (!out.fields_.empty() && out.fields_.back().second.size() + line.size() < kFieldBytes) {
        out.fields_.back().second += "\r\n";
        out.fields_.back().second += line;
      }
      continue;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;  // an mbox's "From " and other rubbish
    out.add(line.substr(0, colon), line.substr(colon + 1, kFieldBytes));
  }
  return out;
}

void Headers::add(std::string_view name, std::string_view raw_value) {
  fields_.emplace_back(lower_ascii(trimmed(name)), raw_value);
}

void Headers::replace(std::string_view lower_name, std::string_view raw_value) {
  const std::string value(raw_value);
  std::erase_if(fields_, [&](const auto& field) { return field.first == lower_name; });
  if (!value.empty()) add(lower_name, value);
}

std::string_view Headers::get(std::string_view lower_name) const {
  for (const auto& [name, value] : fields_) {
    if (name == lower_name) return trimmed(value);
  }
  return {};
}

std::vector<std::string_view> Headers::all(std::string_view lower_name) const {
  std::vector<std::string_view> out;
  for (const auto& [name, value] : fields_) {
    if (name == lower_name) out.push_back(trimmed(value));
  }
  return out;
}

std::string decode_header(std::string_view raw) {
  auto line = unfolded(raw);
  if (needs_charset(line)) line = to_utf8(line, "");
  return one_line(decode_words(line));
}

std::vector<MailAddress> read_addresses(std::string_view raw, std::size_t limit) {
  // Characters first: an ISO-2022-JP name without encoding holds bytes that look like quotes and commas.
  auto line = unfolded(raw);
  if (needs_charset(line)) line = to_utf8(line, "");
  AddressReader reader(limit);
  reader.read(line);
  return reader.take();
}

std::vector<std::string> read_message_ids(std::string_view raw, std::size_t limit) {
  std::vector<std::string> out;
  const auto line = unfolded(raw);
  for (auto at = line.find('<'); at != std::string::npos && out.size() < limit; at = line.find('<', at + 1)) {
    const auto end = line.find('>', at);
    if (end == std::string::npos) break;
    std::string id;
    for (const char c : std::string_view(line).substr(at + 1, end - at - 1)) {
      if (c != ' ') id += c;
    }
    const bool clean = std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (!id.empty() && id.size() <= 900 && clean) out.push_back(std::move(id));
    at = end;
  }
  return out;
}

std::string read_parameter(std::string_view raw, std::string_view lower_name) {
  auto line = unfolded(raw);
  if (needs_charset(line)) line = to_utf8(line, "");
  std::string plain;
  std::map<int, Piece> pieces;
  std::size_t i = line.find(';');
  while (i != std::string::npos && i < line.size()) {
    ++i;
    const auto equals = line.find('=', i);
    if (equals == std::string::npos) break;
    auto name = lower_ascii(trimmed(std::string_view(line).substr(i, equals - i)));
    if (const auto lost = name.find(';'); lost != std::string::npos)
      name = std::string(trimmed(std::string_view(name).substr(lost + 1)));
    std::string value;
    i = equals + 1;
    while (i < line.size() && line[i] == ' ') ++i;
    if (i < line.size() && line[i] == '"') {
      for (++i; i < line.size() && line[i] != '"'; ++i) {
        if (line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == '"' || line[i + 1] == '\\')) ++i;
        value += line[i];
      }
      i = line.find(';', i);
    } else {
      const auto end = line.find(';', i);
      value =
          std::string(trimmed(std::string_view(line).substr(i, end == std::string::npos ? end : end - i)));
      i = end;
    }
    const auto star = name.find('*');
    if (name.substr(0, star) != lower_name) continue;
    if (star == std::string::npos) {
      if (plain.empty()) plain = std::move(value);
      continue;
    }
    auto number = std::string_view(name).substr(star + 1);
    const bool encoded = number.empty() || number.ends_with('*');
    if (number.ends_with('*')) number.remove_suffix(1);
    int index = 0;
    std::from_chars(number.data(), number.data() + number.size(), index);
    if (index >= 0 && index < 1'000) pieces[index] = {std::move(value), encoded};
  }
  if (pieces.empty()) return one_line(decode_words(plain));
  std::string bytes;
  std::string charset;
  bool first = true;
  for (const auto& [index, piece] : pieces) {
    std::string_view value = piece.value;
    if (first && piece.encoded) {
      const auto quote = value.find('\'');
      const auto second = quote == std::string_view::npos ? quote : value.find('\'', quote + 1);
      if (second != std::string_view::npos) {
        charset = value.substr(0, quote);
        value.remove_prefix(second + 1);
      }
    }
    first = false;
    bytes += piece.encoded ? from_percent(value) : std::string(value);
  }
  return one_line(to_utf8(bytes, charset));
}

std::string clean_file_name(std::string_view name) {
  const auto slash = name.find_last_of("/\\");
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  std::string out;
  for (const auto& c : text::code_points(name)) {
    const bool bad = c.value < 0x20 || c.value == 0x7F || (c.value >= 0x80 && c.value < 0xA0) ||
                     is_direction_mark(c.value) || c.value == text::kReplacement || c.value == ':' ||
                     c.value == '*' || c.value == '?' || c.value == '"' || c.value == '<' || c.value == '>' ||
                     c.value == '|';
    if (bad)
      out += '_';
    else
      text::append_utf8(out, c.value);
  }
  std::string_view clean = out;
  while (!clean.empty() && (clean.front() == '.' || clean.front() == ' ')) clean.remove_prefix(1);
  while (!clean.empty() && (clean.back() == '.' || clean.back() == ' ')) clean.remove_suffix(1);
  if (clean.size() <= kNameBytes) return std::string(clean);
  // The ending stays: it says what the file is.
  const auto dot = clean.rfind('.');
  const auto ending = dot != std::string_view::npos && clean.size() - dot <= 12 ? clean.substr(dot) : "";
  return std::string(text::cut_at_code_point(clean, kNameBytes - ending.size())) + std::string(ending);
}

}  // namespace kiki::channels::mail
