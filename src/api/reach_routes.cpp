// "How to reach us": the page, the piece for the brand's own pages, and its settings.

#include <algorithm>
#include <boost/json.hpp>

#include "accounts/accounts.hpp"
#include "api/all_routes.hpp"
#include "api/chat_door.hpp"
#include "api/desk_routes.hpp"
#include "api/sign_in.hpp"
#include "chat/chat.hpp"
#include "chat/hours.hpp"
#include "chat/reach.hpp"
#include "notify/texts.hpp"
#include "promises/books.hpp"
#include "text/html.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kKeyBytes = 12;

Result<chat::Reach> open_reach(RequestContext& context, Services& services) {
  if (!services.chat) return unavailable("The page is not there.");
  TRY(services.chat->limits().take(chat::kRequestsOfAddress, context.request.remote_ip));
  auto reader = TRY(services.database->reader());
  auto reach = TRY(chat::find_reach(*reader, context.param("key")));
  if (!reach || !reach->enabled) return not_found("There is no such page.");
  TRY(check_origin(services, context.request, reach->origins));
  return std::move(*reach);
}

Result<std::string> brand_of(Services& services, Id workspace_id) {
  auto reader = TRY(services.database->reader());
  return TRY(reader->one("SELECT name FROM workspaces WHERE id = $1", {workspace_id},
                         [](const store::Row& row) { return row.string(0); }))
      .value_or(std::string());
}

json::object account_way(Services& services, const chat::ShownAccount& shown, const accounts::AccountRow& row,
                         const std::string& base, std::string_view language) {
  const auto* channel = services.channel(row.account.network);
  auto url = shown.url;
  if (url.empty() && channel != nullptr && channel->descriptor().capabilities.private_link)
    url = channel->private_place(row.account, "");
  if (url.starts_with('/')) url = base + url;
  json::object way;
  way["network"] = row.account.network;
  way["mark"] = channel == nullptr ? "" : channel->descriptor().mark;
  // A place of the desk's own has a name for colleagues only, and no handle besides.
  const bool is_own_place = shown.url.empty() && !url.empty() && row.account.handle == row.account.name;
  way["value"] = is_own_place ? notify::words(language, "network.chat.word.open", {}) : row.account.handle;
  way["url"] = url;
  const auto waiting_ms = services.chat->waiting_time().of(row.account.workspace_id, row.account.id);
  way["waiting_ms"] = waiting_ms ? json::value(*waiting_ms) : json::value(nullptr);
  return way;
}

Result<net::HttpResponse> data(RequestContext& context, Services& services) {
  const auto reach = TRY(open_reach(context, services));
  const auto language = visitor_language(context);
  const auto brand = TRY(brand_of(services, reach.workspace_id));
  const auto base = origin_of(services, context.request);
  const auto& texts = language == "ja" ? reach.ja : reach.en;
  json::object body;
  body["language"] = language;
  body["title"] = texts.title.empty()
                      ? notify::words(language, "network.chat.reach.title", {{"brand", brand}})
                      : texts.title;
  body["about"] = texts.about;
  json::array ways;
  Id first_account = 0;
  const auto rows = TRY(services.accounts->list(reach.workspace_id));
  for (const auto& shown : reach.accounts) {
    const auto row =
        std::ranges::find(rows, shown.account_id, [](const auto& one) { return one.account.id; });
    // A way that is closed at present is no way.
    if (row == rows.end() || row->status == "paused" || row->account.kind != "account") continue;
    if (first_account == 0) first_account = row->account.id;
    auto way = account_way(services, shown, *row, base, language);
    way["name"] = notify::words(language, "network." + row->account.network + ".name", {});
    ways.push_back(std::move(way));
  }
  for (const auto& own : reach.ways) {
    const auto& name = language == "ja" ? (own.name_ja.empty() ? own.name_en : own.name_ja)
                                        : (own.name_en.empty() ? own.name_ja : own.name_en);
    ways.push_back(json::object{{"network", ""},
                                {"mark", ""},
                                {"name", name},
                                {"value", own.value},
                                {"url", own.url},
                                {"waiting_ms", nullptr}});
  }
  body["ways"] = std::move(ways);
  auto reader = TRY(services.database->reader());
  const auto book = TRY(promises::read_book(*reader, reach.workspace_id));
  auto hours =
      chat::hours_json(chat::calendar_for(*book, reach.calendar, first_account), services.clock->now_ms());
  for (auto& day : hours["days"].as_array()) {
    auto& about = day.as_object();
    const std::string key(about["holiday"].as_string());
    if (about["name"].as_string().empty() && !key.empty())
      about["name"] = notify::words(language, "holiday." + key, {});
  }
  body["hours"] = std::move(hours);
  body["words"] = notify::words_below(language, "network.chat.word.");
  return ok(body);
}

Result<net::HttpResponse> page(RequestContext& context, Services& services) {
  const auto reach = TRY(open_reach(context, services));
  const auto language = visitor_language(context);
  const auto& texts = language == "ja" ? reach.ja : reach.en;
  const auto title = texts.title.empty()
                         ? notify::words(language, "network.chat.reach.title",
                                         {{"brand", TRY(brand_of(services, reach.workspace_id))}})
                         : texts.title;
  return visitor_page(
      language, title, "/chat/reach.js",
      "data-reach=\"" + text::html(reach.key) + "\" data-page=\"1\" data-lang=\"" + language + "\"",
      reach.origins);
}

net::HttpResponse shown(RequestContext& context, Services& services, const chat::Reach& reach) {
  auto body = chat::to_json(reach);
  const auto base = origin_of(services, context.request);
  body["page_url"] = reach.key.empty() ? "" : base + "/reach/" + reach.key;
  body["snippet"] = reach.key.empty() ? ""
                                      : "<script src=\"" + base + "/chat/reach.js\" data-reach=\"" +
                                            reach.key + "\" async></script>";
  return ok(body);
}

Result<net::HttpResponse> show(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  return shown(context, services, TRY(chat::read_reach(*reader, context.workspace_id())));
}

Result<net::HttpResponse> save(RequestContext& context, Services& services) {
  auto reach = TRY(chat::parse_reach(context.body()));
  reach.workspace_id = context.workspace_id();
  const auto key = services.random->token(kKeyBytes);
  TRY(services.database->writer().write(
      [&](store::Transaction& tx) { return chat::save_reach(tx, reach, key); }));
  return show(context, services);
}

}  // namespace

void add_reach_routes(Router& router, Services& services) {
  using auth::Permission;
  const DeskRoutes add(router, services);
  add("GET", "/reach", Permission::kReadDesk, BodyRule::none(), show);
  add("PUT", "/reach", Permission::kManageAccounts, BodyRule::json(), save);
  router.add({"GET", "/reach/{key}", Permission::kPublic, BodyRule::none(),
              [&](RequestContext& context) { return page(context, services); }});
  router.add({"GET", "/reach/{key}/data", Permission::kPublic, BodyRule::none(),
              [&](RequestContext& context) -> Result<net::HttpResponse> {
                return for_page(data(context, services), context.request);
              },
              true});
}

}  // namespace kiki::api
