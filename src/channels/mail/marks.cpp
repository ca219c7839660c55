#include "channels/mail/marks.hpp"

#include <algorithm>

#include "channels/mail/header_words.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::mail {
namespace {

constexpr std::string_view kOurs = "kk.";
constexpr std::string_view kLinkBegins = "[kk:";
constexpr std::size_t kSignatureLetters = 16;

bool is_word(std::string_view text) {
  return text.size() == kWordLetters && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
         });
}

std::string signature_of(std::string_view word, std::string_view key) {
  return base32(net::hmac_sha256(key, "mail-conversation\n" + std::string(word)), kSignatureLetters);
}

}  // namespace

std::string base32(std::string_view bytes, std::size_t letters) {
  static constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char byte : bytes) {
    if (out.size() >= letters) break;
    bits = bits << 8U | static_cast<unsigned char>(byte);
    count += 8;
    while (count >= 5 && out.size() < letters) {
      count -= 5;
      out += kAlphabet[bits >> count & 31U];
    }
    bits &= (1U << count) - 1U;
  }
  return out;
}

std::string conversation_word(std::string_view root_message_id, std::string_view customer_address) {
  return base32(net::sha256("mail\n" + std::string(root_message_id) + "\n" + std::string(customer_address)),
                kWordLetters);
}

std::string new_message_id(Id outbox_id, std::string_view word, std::string_view random,
                           std::string_view domain) {
  return std::string(kOurs) + to_string(outbox_id) + "." + std::string(word) + "." + std::string(random) +
         "@" + std::string(domain);
}

std::string word_of_message_id(std::string_view message_id) {
  if (!message_id.starts_with(kOurs)) return {};
  const auto first = message_id.find('.', kOurs.size());
  if (first == std::string_view::npos) return {};
  const auto word = message_id.substr(first + 1, kWordLetters);
  const auto behind = first + 1 + kWordLetters;
  if (!is_word(word) || behind >= message_id.size() || message_id[behind] != '.') return {};
  return std::string(word);
}

std::string signed_address(std::string_view pattern, std::string_view word, std::string_view key) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos || key.empty()) return {};
  return std::string(pattern.substr(0, star)) + std::string(word) + signature_of(word, key) +
         std::string(pattern.substr(star + 1));
}

std::optional<std::string> word_of_address(std::string_view pattern, std::string_view address,
                                           std::string_view key) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos || key.empty()) return std::nullopt;
  const auto before = pattern.substr(0, star);
  const auto behind = pattern.substr(star + 1);
  if (address.size() != before.size() + behind.size() + kWordLetters + kSignatureLetters ||
      !address.starts_with(before) || !address.ends_with(behind))
    return std::nullopt;
  const auto word = address.substr(before.size(), kWordLetters);
  const auto signature = address.substr(before.size() + kWordLetters, kSignatureLetters);
  if (!is_word(word) || !net::equal_constant_time(signature, signature_of(word, key))) return std::nullopt;
  return std::string(word);
}

std::string with_tag(std::string_view subject, std::string_view tag, std::string_view word) {
  if (tag.empty()) return std::string(subject);
  return std::string(subject) + " [" + std::string(tag) + " " + std::string(word) + "]";
}

namespace {
// Where the tag stands; npos when nowhere.
std::size_t find_tag(std::string_view subject, std::string_view tag) {
  if (tag.empty()) return std::string_view::npos;
  const auto begins = "[" + std::string(tag) + " ";
  for (auto at = subject.find(begins); at != std::string_view::npos; at = subject.find(begins, at + 1)) {
    const auto rest = subject.substr(at + begins.size());
    if (rest.size() > kWordLetters && is_word(rest.substr(0, kWordLetters)) && rest[kWordLetters] == ']')
      return at;
  }
  return std::string_view::npos;
}
}  // namespace

std::string word_of_tag(std::string_view subject, std::string_view tag) {
  const auto at = find_tag(subject, tag);
  return at == std::string_view::npos ? std::string()
                                      : std::string(subject.substr(at + tag.size() + 2, kWordLetters));
}

std::string without_tag(std::string_view subject, std::string_view tag) {
  std::string out(subject);
  for (auto at = find_tag(out, tag); at != std::string::npos; at = find_tag(out, tag))
    out.erase(at, tag.size() + kWordLetters + 3);
  return std::string(trimmed(out));
}

std::string link_mark(std::string_view token) {
  return std::string(kLinkBegins) + std::string(token) + "]";
}

std::string take_link_word(std::string& text) {
  const auto at = text.find(kLinkBegins);
  if (at == std::string::npos) return {};
  // Some programs break a long line inside the word.
  std::string token;
  auto end = at + kLinkBegins.size();
  for (; end < text.size() && text[end] != ']' && token.size() <= 200; ++end) {
    const char c = text[end];
    if (c == ' ' || c == '\n' || c == '=') continue;
    const bool fine =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!fine) return {};
    token += c;
  }
  if (end >= text.size() || token.size() < 20 || token.size() > 200) return {};
  text.erase(at, end + 1 - at);
  return token;
}

}  // namespace kiki::channels::mail
