#include "listening/query/message.hpp"

#include <map>

#include "base/check.hpp"
#include "base/json.hpp"
#include "listening/query/parse.hpp"

extern "C" const char kiki_english_begin[];  // NOLINT: words.S
extern "C" const char kiki_english_end[];    // NOLINT

namespace kiki::listening::query {
namespace {

const std::map<std::string, std::string, std::less<>>& texts() {
  static const auto all = [] {
    std::map<std::string, std::string, std::less<>> read;
    const std::string_view bytes(kiki_english_begin,
                                 static_cast<std::size_t>(kiki_english_end - kiki_english_begin));
    const auto document = JsonDocument::parse(bytes);
    CHECK(document.ok());
    const auto each = document->root().each_member([&](std::string_view key, JsonView value) -> Result<void> {
      if (key.starts_with("query.")) read.emplace(key, value.text());
      return {};
    });
    CHECK(each.ok());
    return read;
  }();
  return all;
}

}  // namespace

std::string english(std::string_view key, const std::vector<std::pair<std::string, std::string>>& values) {
  const auto found = texts().find(key);
  if (found == texts().end()) return std::string(key);
  const std::string& text = found->second;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find('{', at);
    const std::size_t close = text.find('}', open == std::string::npos ? at : open);
    if (open == std::string::npos || close == std::string::npos) return out += text.substr(at);
    out += text.substr(at, open - at);
    const std::string_view name = std::string_view(text).substr(open + 1, close - open - 1);
    for (const auto& [value_name, value] : values) {
      if (value_name == name) out += value;
    }
    at = close + 1;
  }
  return out;
}

std::string message_of(const Mistake& mistake) {
  return english("query.mistake." + mistake.code, mistake.values) + ' ' +
         english("query.hint." + mistake.code, mistake.values);
}

}  // namespace kiki::listening::query
