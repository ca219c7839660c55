#include "notify/texts.hpp"

#include <boost/json.hpp>

#include "base/check.hpp"

extern "C" {
extern const char kiki_words_ja_begin[];
extern const char kiki_words_ja_end[];
extern const char kiki_words_en_begin[];
extern const char kiki_words_en_end[];
}

namespace kiki::notify {

namespace {

json::object read(const char* begin, const char* end) {
  auto value = json::parse(std::string_view(begin, static_cast<std::size_t>(end - begin)));
  CHECK(value.is_object());
  return std::move(value.as_object());
}

const json::object& table(std::string_view language) {
  static const auto ja = read(kiki_words_ja_begin, kiki_words_ja_end);
  static const auto en = read(kiki_words_en_begin, kiki_words_en_end);
  return language == "ja" ? ja : en;
}

std::string as_text(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

}  // namespace

std::string words(std::string_view language, std::string_view key, const json::object& data) {
  const auto& messages = table(language);
  const auto* message = messages.if_contains(key);
  if (message == nullptr || !message->is_string()) return std::string(key);
  std::string_view rest = message->as_string();
  std::string out;
  while (true) {
    const auto open = rest.find('{');
    out += rest.substr(0, open);
    if (open == std::string_view::npos) return out;
    const auto close = rest.find('}', open);
    if (close == std::string_view::npos) return out + std::string(rest.substr(open));
    const auto name = rest.substr(open + 1, close - open - 1);
    if (const auto* value = data.if_contains(name)) out += as_text(*value);
    rest.remove_prefix(close + 1);
  }
}

json::object words_below(std::string_view language, std::string_view prefix) {
  json::object some;
  for (const auto& [key, message] : table(language)) {
    const std::string_view name = key;
    if (name.starts_with(prefix)) some[name.substr(prefix.size())] = message;
  }
  return some;
}

}  // namespace kiki::notify
