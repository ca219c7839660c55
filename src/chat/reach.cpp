#include "chat/reach.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "chat/settings.hpp"

namespace kiki::chat {

namespace {

Result<void> only(JsonView value, std::initializer_list<std::string_view> names) {
  if (!value.is_object()) return invalid("expected an object", value.pointer());
  return value.each_member([&](std::string_view key, JsonView member) -> Result<void> {
    if (std::ranges::find(names, key) == names.end()) return invalid("unknown member", member.pointer());
    return {};
  });
}

template <class F>
Result<void> each(JsonView value, std::size_t most, F f) {
  if (value.is_null()) return {};
  if (!value.is_array()) return invalid("expected an array", value.pointer());
  if (value.size() > most) return invalid("too many", value.pointer());
  return value.each(f);
}

Result<ReachTexts> read_texts(JsonView value) {
  if (value.is_null()) return ReachTexts{};
  TRY(only(value, {"title", "about"}));
  return ReachTexts{TRY(value["title"].string_or("", 200)), TRY(value["about"].string_or("", 2'000))};
}

// An address people may be led to: never a script.
Result<std::string> read_link(JsonView value) {
  auto url = TRY(value.string_or("", 2'000));
  const bool fits = url.empty() || url.starts_with("https://") || url.starts_with("http://") ||
                    url.starts_with("mailto:") || url.starts_with("tel:");
  if (!fits) return invalid("expected https:, mailto: or tel:", value.pointer());
  return url;
}

Result<Reach> read_row(std::string_view text, Id workspace_id, std::string key) {
  auto document = TRY(JsonDocument::parse(text));
  auto reach = TRY(parse_reach(document.root()));
  reach.workspace_id = workspace_id;
  reach.key = std::move(key);
  return reach;
}

}  // namespace

Result<Reach> parse_reach(JsonView document) {
  TRY(only(document, {"enabled", "origins", "calendar", "ja", "en", "accounts", "ways"}));
  Reach reach;
  reach.enabled = TRY(document["enabled"].boolean_or(false));
  TRY(each(document["origins"], kOriginsMost, [&](JsonView value) -> Result<void> {
    reach.origins.push_back(TRY(read_origin(TRY(value.string(300)), value.pointer())));
    return {};
  }));
  reach.calendar = TRY(document["calendar"].string_or("", 200));
  reach.ja = TRY(read_texts(document["ja"]));
  reach.en = TRY(read_texts(document["en"]));
  TRY(each(document["accounts"], kWaysMost, [&](JsonView value) -> Result<void> {
    TRY(only(value, {"account_id", "url"}));
    const auto id = parse_id(TRY(value["account_id"].string(20)));
    if (!id) return invalid("expected an id", value["account_id"].pointer());
    reach.accounts.push_back({*id, TRY(read_link(value["url"]))});
    return {};
  }));
  TRY(each(document["ways"], kWaysMost, [&](JsonView value) -> Result<void> {
    TRY(only(value, {"name_ja", "name_en", "value", "url"}));
    OwnWay way{TRY(value["name_ja"].string_or("", 200)), TRY(value["name_en"].string_or("", 200)),
               TRY(value["value"].string_or("", 500)), TRY(read_link(value["url"]))};
    if (way.name_ja.empty() && way.name_en.empty()) return invalid("a name is needed", value.pointer());
    reach.ways.push_back(std::move(way));
    return {};
  }));
  return reach;
}

Result<Reach> read_reach(store::Connection& db, Id workspace_id) {
  const auto row =
      TRY(db.one("SELECT settings, key FROM reach_pages WHERE workspace_id = $1", {workspace_id},
                 [](const store::Row& found) { return std::pair(found.string(0), found.string(1)); }));
  Reach none;
  none.workspace_id = workspace_id;
  if (!row) return none;
  return read_row(row->first, workspace_id, row->second);
}

Result<std::optional<Reach>> find_reach(store::Connection& db, std::string_view key) {
  const auto row = TRY(
      db.one("SELECT r.settings, r.workspace_id FROM reach_pages r JOIN workspaces w ON w.id = "
             "r.workspace_id WHERE r.key "
             "= $1 AND w.archived_at IS NULL",
             {key}, [](const store::Row& found) { return std::pair(found.string(0), found.integer(1)); }));
  if (!row) return std::optional<Reach>();
  return std::optional(TRY(read_row(row->first, row->second, std::string(key))));
}

Result<void> save_reach(store::Transaction& tx, const Reach& reach, std::string_view new_key) {
  auto settings = to_json(reach);
  settings.erase("key");
  const auto text = json::serialize(settings);
  TRY(
      tx.db().run("INSERT INTO reach_pages (workspace_id, key, settings) VALUES ($1, $2, $3) ON CONFLICT "
                  "(workspace_id) DO UPDATE SET settings = excluded.settings",
                  {reach.workspace_id, new_key, text}));
  return {};
}

json::object to_json(const Reach& reach) {
  json::array origins;
  for (const auto& origin : reach.origins) origins.emplace_back(origin);
  json::array accounts;
  for (const auto& one : reach.accounts)
    accounts.push_back(json::object{{"account_id", to_string(one.account_id)}, {"url", one.url}});
  json::array ways;
  for (const auto& way : reach.ways) {
    ways.push_back(json::object{
        {"name_ja", way.name_ja}, {"name_en", way.name_en}, {"value", way.value}, {"url", way.url}});
  }
  return {{"key", reach.key},
          {"enabled", reach.enabled},
          {"origins", std::move(origins)},
          {"calendar", reach.calendar},
          {"ja", json::object{{"title", reach.ja.title}, {"about", reach.ja.about}}},
          {"en", json::object{{"title", reach.en.title}, {"about", reach.en.about}}},
          {"accounts", std::move(accounts)},
          {"ways", std::move(ways)}};
}

}  // namespace kiki::chat
