// Channel accounts: what can be connected, what is, their delivery log, and the state of the public stream.

#include <boost/json.hpp>

#include "accounts/accounts.hpp"
#include "accounts/readers.hpp"
#include "accounts/stream_monitor.hpp"
#include "accounts/try_account.hpp"
#include "accounts/webhook_door.hpp"
#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "auth/tokens.hpp"
#include "net/http_client.hpp"
#include "reply/replies.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kFieldLimitBytes = 2'000;

json::object account_json(Services& services, const accounts::AccountRow& row) {
  const auto* channel = services.channel(row.account.network);
  static const channels::Capabilities kNothing;
  // A listener hears but cannot speak, whatever its network can.
  auto can = channel != nullptr ? channel->capabilities(row.account) : kNothing;
  if (row.account.kind == "listener") {
    can.public_reply = can.private_reply = can.like = can.repost = can.delete_own = can.hide = false;
  }
  return accounts::to_json(row, can);
}

Result<accounts::Fields> read_fields(JsonView value) {
  if (!value.is_object())
    return invalid("expected an object", value.pointer().empty() ? "/fields" : value.pointer());
  accounts::Fields fields;
  TRY(value.each_member([&](std::string_view key, JsonView member) -> Result<void> {
    if (fields.size() >= 20) return invalid("too many fields", member.pointer());
    fields.emplace_back(std::string(key), TRY(member.string(kFieldLimitBytes)));
    return {};
  }));
  return fields;
}

Result<void> check_fields(const channels::Descriptor& descriptor, const accounts::Fields& fields) {
  for (const auto& [key, value] : fields) {
    const bool known =
        std::ranges::any_of(descriptor.connect_fields, [&](const auto& field) { return field.key == key; });
    if (!known) return invalid("unknown field", "/fields/" + key);
  }
  for (const auto& field : descriptor.connect_fields) {
    const bool given = std::ranges::any_of(
        fields, [&](const auto& pair) { return pair.first == field.key && !pair.second.empty(); });
    if (field.required && !given) return invalid("is needed", "/fields/" + field.key);
  }
  return {};
}

Result<net::HttpResponse> list_channels(Services& services) {
  json::array list;
  for (const auto* channel : services.channels) list.push_back(accounts::to_json(channel->descriptor()));
  return items(std::move(list));
}

Result<net::HttpResponse> list_accounts(RequestContext& context, Services& services) {
  json::array list;
  for (const auto& row : TRY(services.accounts->list(context.workspace_id())))
    list.push_back(account_json(services, row));
  return items(std::move(list));
}

const std::string* find_secret(const accounts::Fields& secrets) {
  const auto found =
      std::ranges::find(secrets, "signing_secret", [](const auto& pair) { return pair.first; });
  return found == secrets.end() ? nullptr : &found->second;
}

Result<net::HttpResponse> connect_account(RequestContext& context, Services& services) {
  TRY(context.only_members({"network", "fields"}));
  const auto network = TRY(context.body()["network"].string(40));
  const auto fields = TRY(read_fields(context.body()["fields"]));
  const auto* channel = services.channel(network);
  if (channel == nullptr) return invalid("There is no such network.", "/network");
  TRY(check_fields(channel->descriptor(), fields));
  std::string token;
  // The one secret the other side needs from us, and the token it comes with; everything else stays sealed.
  const auto token_of = [&](store::Transaction& tx, Id account_id,
                            const channels::Connected& connected) -> Result<void> {
    if (find_secret(connected.secrets) == nullptr) return {};
    auth::NewToken wanted;
    wanted.workspace_id = context.workspace_id();
    wanted.account_id = account_id;
    wanted.name = connected.name;
    wanted.created_by = context.user_id();
    token = TRY(services.tokens->create(tx, wanted)).secret;
    return {};
  };
  const auto made =
      TRY(services.accounts->connect(context.workspace_id(), context.user_id(), network, fields, token_of));
  auto body = account_json(services, made.row);
  if (const auto* secret = find_secret(made.secrets)) {
    body["signing_secret"] = *secret;
    body["token"] = token;
  }
  return created(body);
}

// One the account was connected without: it came with a later version.
bool is_setting_of(Services& services, std::string_view network, std::string_view key) {
  const auto* channel = services.channel ? services.channel(network) : nullptr;
  if (channel == nullptr) return false;
  return std::ranges::any_of(channel->descriptor().connect_fields,
                             [&](const auto& field) { return field.key == key && field.type == "url"; });
}

Result<net::HttpResponse> change_account(RequestContext& context, Services& services) {
  TRY(context.only_members({"name", "paused", "settings"}));
  const auto account_id = TRY(context.id("account_id"));
  const auto row = TRY(services.accounts->read(context.workspace_id(), account_id));
  accounts::Accounts::Patch patch;
  const auto body = context.body();
  if (!body["name"].is_null()) patch.name = TRY(body["name"].string(500));
  if (!body["paused"].is_null()) patch.paused = TRY(body["paused"].boolean());
  if (!body["settings"].is_null()) {
    if (!body["settings"].is_object()) return invalid("expected an object", "/settings");
    auto known = parsed_json(row.account.settings);
    auto settings = known.is_object() ? known.as_object() : json::object{};
    TRY(body["settings"].each_member([&](std::string_view key, JsonView value) -> Result<void> {
      if (!settings.contains(key) && !is_setting_of(services, row.account.network, key))
        return invalid("unknown setting", value.pointer());
      const auto text = TRY(value.string(kFieldLimitBytes));
      if (key.ends_with("_url") && !text.empty()) {
        if (auto checked = net::check_url(text, services.ssrf); !checked.ok())
          return invalid(checked.error().message, value.pointer());
      }
      settings[key] = text;
      return {};
    }));
    patch.settings = json::serialize(settings);
  }
  return ok(account_json(
      services, TRY(services.accounts->patch(context.workspace_id(), context.user_id(), account_id, patch))));
}

Result<net::HttpResponse> remove_account(RequestContext& context, Services& services) {
  TRY(services.accounts->remove(context.workspace_id(), context.user_id(), TRY(context.id("account_id"))));
  return no_content();
}

Result<net::HttpResponse> reconnect_account(RequestContext& context, Services& services) {
  TRY(context.only_members({"fields"}));
  const auto fields = TRY(read_fields(context.body()["fields"]));
  return ok(account_json(services, TRY(services.accounts->reconnect(context.workspace_id(), context.user_id(),
                                                                    TRY(context.id("account_id")), fields))));
}

Result<net::HttpResponse> test_account(RequestContext& context, Services& services) {
  const auto account_id = TRY(context.id("account_id"));
  const auto row = TRY(services.accounts->read(context.workspace_id(), account_id));
  auto* channel = services.channel(row.account.network);
  if (channel == nullptr) return invalid("This network is not available.");
  auto state = services.account_state(context.workspace_id(), account_id);
  const auto trouble = TRY(accounts::try_account(*services.accounts, *services.hooks, *channel, *state, row));
  auto body = account_json(services, TRY(services.accounts->read(context.workspace_id(), account_id)));
  body["trouble"] = trouble;
  return ok(body);
}

Result<net::HttpResponse> list_deliveries(RequestContext& context, Services& services) {
  const auto account_id = TRY(context.id("account_id"));
  TRY(services.accounts->read(context.workspace_id(), account_id));
  const int limit = TRY(context.limit());
  Id before = std::numeric_limits<Id>::max();
  if (auto cursor = TRY(context.cursor())) before = TRY(cursor->root()["id"].integer());
  auto reader = TRY(services.database->reader());
  Id last = 0;
  auto rows = TRY(reader->all(
      "SELECT d.id, d.outbox_id, o.case_id, d.url, d.attempted_at, d.duration_ms, d.status, d.outcome, "
      "d.excerpt "
      "FROM deliveries d JOIN outbox o ON o.workspace_id = d.workspace_id AND o.id = d.outbox_id "
      "WHERE d.workspace_id = $1 AND d.account_id = $2 AND d.id < $3 ORDER BY d.id DESC LIMIT $4",
      {context.workspace_id(), account_id, before, limit + 1}, [](const store::Row& row) {
        return std::pair(row.integer(0), json::object{{"id", to_string(row.integer(0))},
                                                      {"outbox_id", to_string(row.integer(1))},
                                                      {"case_id", to_string(row.integer(2))},
                                                      {"url", row.string(3)},
                                                      {"attempted_at", to_rfc3339(row.integer(4))},
                                                      {"duration_ms", row.integer(5)},
                                                      {"status", row.integer(6)},
                                                      {"outcome", row.string(7)},
                                                      {"excerpt", row.string(8)}});
      }));
  const bool more = rows.size() > static_cast<std::size_t>(limit);
  if (more) rows.pop_back();
  json::array list;
  for (auto& [id, body] : rows) {
    last = id;
    list.push_back(std::move(body));
  }
  return page(std::move(list), more ? std::optional(encode_cursor({{"id", last}})) : std::nullopt);
}

Result<net::HttpResponse> resend_delivery(RequestContext& context, Services& services) {
  auto row = TRY(services.replies->resend(context.workspace_id(), context.user_id(),
                                          TRY(context.id("account_id")), TRY(context.id("outbox_id"))));
  return accepted(reply::to_json(row));
}

Result<net::HttpResponse> stream_state(Services& services) {
  const auto state = services.stream->state();
  return ok(json::object{{"url", services.stream_url},
                         {"status", state.status},
                         {"detail", state.detail},
                         {"posts_seen", state.posts_seen},
                         {"posts_found", state.posts_found},
                         {"behind_ms", nullptr}});
}

}  // namespace

void add_account_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/channels"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext&) { return list_channels(services); }});
  router.add({"GET", in_workspace("/accounts"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return list_accounts(context, services); }});
  router.add({"POST", in_workspace("/accounts"), Permission::kManageAccounts, BodyRule::json(),
              [&](RequestContext& context) { return connect_account(context, services); }});
  router.add({"PATCH", in_workspace("/accounts/{account_id}"), Permission::kManageAccounts, BodyRule::json(),
              [&](RequestContext& context) { return change_account(context, services); }});
  router.add({"DELETE", in_workspace("/accounts/{account_id}"), Permission::kManageAccounts, BodyRule::none(),
              [&](RequestContext& context) { return remove_account(context, services); }});
  router.add({"POST", in_workspace("/accounts/{account_id}/reconnect"), Permission::kManageAccounts,
              BodyRule::json(),
              [&](RequestContext& context) { return reconnect_account(context, services); }});
  router.add({"POST", in_workspace("/accounts/{account_id}/test"), Permission::kManageAccounts,
              BodyRule::optional_json(),
              [&](RequestContext& context) { return test_account(context, services); }});
  router.add({"GET", in_workspace("/accounts/{account_id}/deliveries"), Permission::kSeeJournal,
              BodyRule::none(), [&](RequestContext& context) { return list_deliveries(context, services); }});
  router.add({"POST", in_workspace("/accounts/{account_id}/deliveries/{outbox_id}/resend"),
              Permission::kManageAccounts, BodyRule::optional_json(),
              [&](RequestContext& context) { return resend_delivery(context, services); }});
  router.add({"GET", in_workspace("/stream"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext&) { return stream_state(services); }});
}

}  // namespace kiki::api
