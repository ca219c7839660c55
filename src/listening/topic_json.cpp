#include "listening/topic_json.hpp"

#include <boost/json.hpp>

#include "base/log.hpp"

namespace kiki::listening {
namespace {

constexpr std::size_t kStoredLimitBytes = 16 << 20;
constexpr std::size_t kNameLimitBytes = 400;

// T as the API reads it, from the store's own text.
template <class T>
T stored(std::string_view text, Result<T> (*read)(JsonView)) {
  const auto document = JsonDocument::parse(text, {.bytes = kStoredLimitBytes});
  if (document.ok()) {
    auto value = read(document->root());
    if (value.ok()) return std::move(*value);
  }
  log::error("a topic's row cannot be read", {{"text", std::string(text.substr(0, 200))}});
  return {};
}

Result<std::vector<std::string>> read_words(JsonView value) {
  std::vector<std::string> words;
  TRY(value.each([&](JsonView word) -> Result<void> {
    words.push_back(TRY(word.string(kKeywordLimitBytes)));
    return {};
  }));
  return words;
}

}  // namespace

boost::json::object to_json(const text::SearchFold& folding) {
  return {{"kana", folding.kana},
          {"dashes", folding.dashes},
          {"small_kana", folding.small_kana},
          {"runs", folding.runs}};
}

boost::json::array to_json(const std::vector<Theme>& themes) {
  boost::json::array list;
  for (const auto& theme : themes) {
    list.push_back(boost::json::object{{"id", theme.id}, {"name", theme.name}, {"query", theme.query}});
  }
  return list;
}

boost::json::object to_json(const Mutes& mutes) {
  boost::json::array authors;
  for (const auto& author : mutes.authors) {
    authors.push_back(boost::json::object{{"id", author.id}, {"handle", author.handle}});
  }
  return {{"authors", std::move(authors)}, {"bots", mutes.bots}, {"giveaways", mutes.giveaways}};
}

boost::json::object to_json(const Topic& topic) {
  boost::json::object body;
  body["id"] = to_string(topic.id);
  body["name"] = topic.name;
  body["query"] = topic.query;
  body["folding"] = to_json(topic.folding);
  body["themes"] = to_json(topic.themes);
  body["mutes"] = to_json(topic.mutes);
  body["is_competitor"] = topic.is_competitor;
  body["enabled"] = topic.enabled;
  body["found_today"] = topic.found_today;
  body["created_at"] = to_rfc3339(topic.created_at);
  body["updated_at"] = to_rfc3339(topic.updated_at);
  body["archived_at"] = nullptr;
  if (topic.archived_at) body["archived_at"] = to_rfc3339(*topic.archived_at);
  return body;
}

Result<text::SearchFold> read_folding(JsonView value) {
  text::SearchFold folding;
  folding.kana = TRY(value["kana"].boolean_or(true));
  folding.dashes = TRY(value["dashes"].boolean_or(true));
  folding.small_kana = TRY(value["small_kana"].boolean_or(true));
  folding.runs = TRY(value["runs"].boolean_or(true));
  return folding;
}

Result<Mutes> read_mutes(JsonView value) {
  Mutes mutes;
  mutes.bots = TRY(value["bots"].boolean_or(false));
  mutes.giveaways = TRY(value["giveaways"].boolean_or(false));
  if (value["authors"].is_null()) return mutes;
  TRY(value["authors"].each([&](JsonView one) -> Result<void> {
    MutedAuthor author;
    author.id = TRY(one["id"].string_or("", kNameLimitBytes));
    author.handle = TRY(one["handle"].string_or("", kNameLimitBytes));
    while (author.handle.starts_with('@')) author.handle.erase(0, 1);
    if (author.id.empty() && author.handle.empty())
      return invalid("has neither id nor handle", one.pointer());
    mutes.authors.push_back(std::move(author));
    return {};
  }));
  return mutes;
}

Result<std::vector<Theme>> read_themes(JsonView value) {
  if (!value.is_array()) return invalid("expected an array", value.pointer());
  std::vector<Theme> themes;
  TRY(value.each([&](JsonView one) -> Result<void> {
    themes.push_back({TRY(one["id"].string_or("", kNameLimitBytes)), TRY(one["name"].string(kNameLimitBytes)),
                      TRY(one["query"].string(kQueryLimitBytes))});
    return {};
  }));
  return themes;
}

text::SearchFold stored_folding(std::string_view text) {
  return stored(text, read_folding);
}
std::vector<Theme> stored_themes(std::string_view text) {
  return stored(text, read_themes);
}
Mutes stored_mutes(std::string_view text) {
  return stored(text, read_mutes);
}
std::vector<std::string> stored_words(std::string_view text) {
  return stored(text, read_words);
}

}  // namespace kiki::listening
