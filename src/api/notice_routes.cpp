// Alarms of topics, notices to people, and the ways they take.

#include <boost/json.hpp>
#include <limits>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "listening/rise/alarms.hpp"
#include "net/mail_client.hpp"
#include "notify/notify.hpp"
#include "store/database.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kFieldBytes = 4'000;

Result<Id> before_of(RequestContext& context) {
  if (auto cursor = TRY(context.cursor())) return TRY(cursor->root()["id"].integer());
  return std::numeric_limits<Id>::max();
}

// A page of what was read one longer than asked for.
template <class T>
net::HttpResponse page_of(const std::vector<T>& rows, int limit, std::optional<std::int64_t> unread = {}) {
  json::array list;
  std::optional<std::string> next;
  for (const auto& row : rows) {
    if (static_cast<int>(list.size()) == limit) {
      next = encode_cursor({{"id", rows[static_cast<std::size_t>(limit) - 1].id}});
      break;
    }
    list.push_back(to_json(row));
  }
  if (!unread) return page(std::move(list), std::move(next));
  json::object body{{"items", std::move(list)}, {"next_cursor", nullptr}, {"unread", *unread}};
  if (next) body["next_cursor"] = *next;
  return ok(body);
}

Result<net::HttpResponse> list_alarms(RequestContext& context, Services& services) {
  const int limit = TRY(context.limit());
  const auto topic = TRY(context.query_id("topic_id")).value_or(0);
  return page_of(
      TRY(services.alarms->list(context.workspace_id(), topic, TRY(before_of(context)), limit + 1)), limit);
}

Result<net::HttpResponse> set_rules(RequestContext& context, Services& services) {
  TRY(context.only_members({"learnt", "posts", "minutes"}));
  const auto body = context.body();
  listening::rise::AlarmRules rules;
  rules.learnt = TRY(body["learnt"].boolean());
  rules.posts = TRY(body["posts"].integer());
  rules.minutes = TRY(body["minutes"].integer());
  return ok(listening::rise::to_json(TRY(services.alarms->set_rules(
      context.workspace_id(), TRY(context.id("topic_id")), context.user_id(), rules))));
}

Result<net::HttpResponse> list_notices(RequestContext& context, Services& services) {
  const int limit = TRY(context.limit());
  const auto rows = TRY(
      services.notify->list(context.workspace_id(), context.user_id(), TRY(before_of(context)), limit + 1));
  return page_of(rows, limit, TRY(services.notify->unread(context.workspace_id(), context.user_id())));
}

net::HttpResponse settings_answer(const notify::NotificationSettings& settings, Services& services) {
  auto body = notify::to_json(settings);
  body["mail_works"] = services.mail_works;
  return ok(body);
}

Result<net::HttpResponse> read_settings(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  return settings_answer(TRY(notify::read_settings(*reader, context.workspace_id(), context.user_id())),
                         services);
}

Result<net::HttpResponse> change_settings(RequestContext& context, Services& services) {
  const auto settings = TRY(services.database->writer().write_result(
      [&](store::Transaction& tx) -> Result<notify::NotificationSettings> {
        auto known = TRY(notify::read_settings(tx.db(), context.workspace_id(), context.user_id()));
        auto wanted = TRY(notify::changed(std::move(known), context.body()));
        TRY(notify::write_settings(tx, context.workspace_id(), context.user_id(), wanted));
        return wanted;
      }));
  return settings_answer(settings, services);
}

Result<net::HttpResponse> list_webhooks(RequestContext& context, Services& services) {
  json::array list;
  for (const auto& row : TRY(services.notify->webhooks(context.workspace_id()))) list.push_back(to_json(row));
  return items(std::move(list));
}

Result<net::HttpResponse> make_webhook(RequestContext& context, Services& services) {
  TRY(context.only_members({"name", "url"}));
  return created(to_json(TRY(services.notify->make_webhook(context.workspace_id(), context.user_id(),
                                                           TRY(context.body()["name"].string(kFieldBytes)),
                                                           TRY(context.body()["url"].string(kFieldBytes))))));
}

Result<net::HttpResponse> change_webhook(RequestContext& context, Services& services) {
  TRY(context.only_members({"name", "url", "enabled"}));
  const auto body = context.body();
  std::optional<std::string> name;
  std::optional<std::string> url;
  std::optional<bool> enabled;
  if (!body["name"].is_null()) name = TRY(body["name"].string(kFieldBytes));
  if (!body["url"].is_null()) url = TRY(body["url"].string(kFieldBytes));
  if (!body["enabled"].is_null()) enabled = TRY(body["enabled"].boolean());
  TRY(services.notify->change_webhook(context.workspace_id(), TRY(context.id("webhook_id")), std::move(name),
                                      std::move(url), enabled));
  return no_content();
}

struct DeliveryRow {
  Id id = 0;
  json::object body;
};
json::object to_json(const DeliveryRow& row) {
  return row.body;
}

Result<net::HttpResponse> list_deliveries(RequestContext& context, Services& services) {
  const int limit = TRY(context.limit());
  const auto webhook_id = TRY(context.id("webhook_id"));
  const auto before = TRY(before_of(context));
  auto reader = TRY(services.database->reader());
  const auto rows = TRY(reader->all(
      "SELECT d.id, d.outbox_id, d.url, d.attempted_at, d.duration_ms, d.status, d.outcome, d.excerpt FROM "
      "deliveries d JOIN webhooks w ON w.workspace_id = d.workspace_id AND w.id = d.account_id WHERE "
      "d.workspace_id "
      "= $1 AND d.account_id = $2 AND d.id < $3 ORDER BY d.id DESC LIMIT $4",
      {context.workspace_id(), webhook_id, before, limit + 1}, [](const store::Row& row) {
        return DeliveryRow{row.integer(0), json::object{{"id", to_string(row.integer(0))},
                                                        {"notice_id", to_string(row.integer(1))},
                                                        {"url", row.string(2)},
                                                        {"attempted_at", to_rfc3339(row.integer(3))},
                                                        {"duration_ms", row.integer(4)},
                                                        {"status", row.integer(5)},
                                                        {"outcome", row.string(6)},
                                                        {"excerpt", row.string(7)}}};
      }));
  return page_of(rows, limit);
}

}  // namespace

void add_notice_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/alarms"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return list_alarms(context, services); }});
  router.add({"GET", in_workspace("/topics/{topic_id}/alarm_rules"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) -> Result<net::HttpResponse> {
                return ok(listening::rise::to_json(
                    TRY(services.alarms->rules(context.workspace_id(), TRY(context.id("topic_id"))))));
              }});
  router.add({"PUT", in_workspace("/topics/{topic_id}/alarm_rules"), Permission::kManageTopics,
              BodyRule::json(), [&](RequestContext& context) { return set_rules(context, services); }});
  router.add({"GET", in_workspace("/notices"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return list_notices(context, services); }});
  router.add({"POST", in_workspace("/notices/{notice_id}/read"), Permission::kReadDesk,
              BodyRule::optional_json(), [&](RequestContext& context) -> Result<net::HttpResponse> {
                TRY(services.notify->mark_read(context.workspace_id(), context.user_id(),
                                               TRY(context.id("notice_id"))));
                return no_content();
              }});
  router.add({"GET", in_workspace("/notification_settings"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return read_settings(context, services); }});
  router.add({"PATCH", in_workspace("/notification_settings"), Permission::kReadDesk, BodyRule::json(),
              [&](RequestContext& context) { return change_settings(context, services); }});
  router.add({"GET", in_workspace("/webhooks"), Permission::kManageAccounts, BodyRule::none(),
              [&](RequestContext& context) { return list_webhooks(context, services); }});
  router.add({"POST", in_workspace("/webhooks"), Permission::kManageAccounts, BodyRule::json(),
              [&](RequestContext& context) { return make_webhook(context, services); }});
  router.add({"PATCH", in_workspace("/webhooks/{webhook_id}"), Permission::kManageAccounts, BodyRule::json(),
              [&](RequestContext& context) { return change_webhook(context, services); }});
  router.add({"DELETE", in_workspace("/webhooks/{webhook_id}"), Permission::kManageAccounts, BodyRule::none(),
              [&](RequestContext& context) -> Result<net::HttpResponse> {
                TRY(services.notify->remove_webhook(context.workspace_id(), TRY(context.id("webhook_id"))));
                return no_content();
              }});
  router.add({"GET", in_workspace("/webhooks/{webhook_id}/deliveries"), Permission::kManageAccounts,
              BodyRule::none(), [&](RequestContext& context) { return list_deliveries(context, services); }});
  router.add({"POST", in_workspace("/webhooks/{webhook_id}/deliveries/{notice_id}/resend"),
              Permission::kManageAccounts, BodyRule::optional_json(),
              [&](RequestContext& context) -> Result<net::HttpResponse> {
                TRY(services.notify->resend(context.workspace_id(), TRY(context.id("webhook_id")),
                                            TRY(context.id("notice_id"))));
                return no_content();
              }});
}

}  // namespace kiki::api
