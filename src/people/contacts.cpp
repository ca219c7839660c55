#include "people/contacts.hpp"

#include <algorithm>
#include <array>

#include "text/normalize.hpp"
#include "text/personal_data.hpp"
#include "text/search_fold.hpp"

namespace kiki::people {

namespace {

constexpr std::size_t kPhoneDigitsLeast = 9;
constexpr std::size_t kPhoneDigitsMost = 15;  // E.164
constexpr std::size_t kHandleLeast = 4;
constexpr std::size_t kUnspacedNameLeast = 3;
constexpr std::size_t kSpacedNameLeast = 6;
constexpr std::size_t kKeysLimit = 20;  // of one holder

constexpr auto kNobody = std::to_array<std::string_view>(
    {"account", "admin", "anonymous", "contact", "customer", "guest",  "hello",   "help",
     "info",    "mail",  "news",      "office",  "official", "sample", "service", "shop",
     "staff",   "store", "support",   "team",    "test",     "user"});

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z');
}

std::string trimmed(std::string text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// Cheap: most names and handles have neither.
bool may_have_contact(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '@' || static_cast<unsigned char>(c) == 0xEF) return true;  // 0xEF: wide forms
    if (is_digit(c)) ++digits;
  }
  return digits >= kPhoneDigitsLeast;
}

}  // namespace

std::optional<std::string> customer_key(std::string_view customer_id) {
  auto folded = trimmed(text::fold(customer_id));
  if (folded.empty()) return std::nullopt;
  return "customer:" + folded;
}

std::optional<std::string> mail_key(std::string_view text) {
  auto mail = trimmed(text::fold(text));
  const auto at = mail.find('@');
  if (at == std::string::npos || at == 0 || mail.find('@', at + 1) != std::string::npos) return std::nullopt;
  const auto domain = mail.substr(at + 1);
  const auto dot = domain.find('.');
  if (dot == std::string::npos || dot == 0 || domain.back() == '.' || domain.find("..") != std::string::npos)
    return std::nullopt;
  if (mail.find_first_of(" \t\r\n,;<>()[]\"") != std::string::npos) return std::nullopt;
  auto local = mail.substr(0, at);
  if (const auto plus = local.find('+'); plus != std::string::npos && plus > 0) local.resize(plus);
  return "mail:" + local + "@" + domain;
}

std::optional<std::string> phone_key(std::string_view text) {
  const auto folded = trimmed(text::fold(text));
  std::string digits;
  bool has_country = false;
  for (std::size_t i = 0; i < folded.size(); ++i) {
    const char c = folded[i];
    if (is_digit(c)) {
      digits += c;
    } else if (c == '+' && digits.empty() && !has_country) {
      has_country = true;
    } else if (static_cast<unsigned char>(c) < 0x80 && c != ' ' && c != '-' && c != '(' && c != ')' &&
               c != '.' && c != '/') {
      return std::nullopt;
    }
  }
  if (digits.size() < kPhoneDigitsLeast || digits.size() > kPhoneDigitsMost) return std::nullopt;
  if (!has_country && digits.starts_with("0")) digits.replace(0, 1, "81");
  if (digits.starts_with("810")) digits.erase(2, 1);  // +81 (0)90 …
  return "tel:+" + digits;
}

std::vector<std::string> contact_keys_in(std::string_view text) {
  std::vector<std::string> keys;
  if (!may_have_contact(text)) return keys;
  for (const auto& found : text::find_personal_data(text)) {
    const auto piece = text.substr(found.range.begin, found.range.end - found.range.begin);
    std::optional<std::string> key;
    if (found.kind == text::PersonalDataKind::kEmail) key = mail_key(piece);
    if (found.kind == text::PersonalDataKind::kPhone) key = phone_key(piece);
    if (key && std::ranges::find(keys, *key) == keys.end()) keys.push_back(*std::move(key));
  }
  return keys;
}

std::optional<std::string> handle_key(std::string_view handle) {
  auto folded = trimmed(text::fold(handle));
  if (folded.starts_with("@")) folded.erase(0, 1);
  if (const auto at = folded.find('@'); at != std::string::npos) folded.resize(at);
  // taro.bsky.social, taro.example: the network's part, or their own domain's end, says nothing of the
  // person.
  if (folded.ends_with(".bsky.social")) {
    folded.resize(folded.size() - std::string_view(".bsky.social").size());
  } else if (const auto dot = folded.rfind('.'); dot != std::string::npos && folded.find('.') == dot) {
    folded.resize(dot);
  }
  std::string key;
  for (const char c : folded) {
    if (is_letter_or_digit(c)) {
      key += c;
    } else if (c != '.' && c != '_' && c != '-') {
      return std::nullopt;
    }
  }
  if (key.size() < kHandleLeast || std::ranges::all_of(key, is_digit)) return std::nullopt;
  for (const auto nobody : kNobody) {
    if (key.starts_with(nobody) && key.size() <= nobody.size() + 3) return std::nullopt;
  }
  return key;
}

std::optional<std::string> name_key(std::string_view name) {
  const auto folded = text::fold_for_search(name);
  std::string key;
  std::size_t letters = 0;
  std::size_t words = 0;
  bool in_word = false;
  bool unspaced = false;
  for (std::size_t i = 0; i < folded.size(); ++i) {
    const auto kind = folded.kinds[i];
    if (kind == text::CharKind::kSeparator) {
      in_word = false;
      continue;
    }
    if (kind == text::CharKind::kPictograph) continue;
    if (!in_word) ++words;
    in_word = true;
    ++letters;
    unspaced = unspaced || text::is_unspaced(kind);
    key += std::to_string(static_cast<std::uint32_t>(folded.code_points[i]));
    key += ' ';
  }
  const bool enough = unspaced ? letters >= kUnspacedNameLeast : words >= 2 && letters >= kSpacedNameLeast;
  if (!enough) return std::nullopt;
  return key;
}

Result<void> write_contacts(store::Transaction& tx, Id workspace_id, std::string_view holder, Id holder_id,
                            const std::vector<std::string>& keys, bool is_new) {
  if (!is_new) {
    TRY(tx.db().run("DELETE FROM contact_keys WHERE workspace_id = $1 AND holder = $2 AND holder_id = $3",
                    {workspace_id, holder, holder_id}));
  }
  for (std::size_t i = 0; i < keys.size() && i < kKeysLimit; ++i) {
    TRY(tx.db().run(
        "INSERT INTO contact_keys (workspace_id, contact, holder, holder_id) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (workspace_id, contact, holder, holder_id) DO NOTHING",
        {workspace_id, keys[i], holder, holder_id}));
  }
  return {};
}

}  // namespace kiki::people
