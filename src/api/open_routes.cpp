// The open channel's door, outside of the console: posts and deletions in, replies out by pull.
// See docs/use/open-channel.md.

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "accounts/accounts.hpp"
#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "channels/open/open_channel.hpp"
#include "ingest/ingest.hpp"
#include "reply/outgoing.hpp"
#include "reply/replies.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kBatchLimitPosts = 1'000;
constexpr std::size_t kBatchLimitBytes = 4 << 20;
constexpr std::size_t kIdLimitBytes = channels::open::kIdBytes;

Result<accounts::AccountRow> open_account(RequestContext& context, Services& services) {
  auto row = TRY(services.accounts->read(context.access.workspace_id, context.access.account_id));
  if (row.account.network != "open") return not_found("There is no such account.");
  if (row.status == "paused") return Error{ErrorKind::kConflict, "The account is paused.", {}, "paused", 0};
  return row;
}

Result<net::HttpResponse> take_posts(RequestContext& context, Services& services) {
  const auto row = TRY(open_account(context, services));
  const auto body = context.body();
  if (!body.is_object()) return invalid("expected an object", "");
  const auto posts = body["posts"];
  std::vector<ingest::Entry> entries;
  json::array answers;
  if (!posts.exists()) {
    TRY(channels::open::check_open_post(body));
    entries.push_back({row.account.workspace_id, row.account.id, {"open.post", body.raw()}});
    answers.push_back(json::object{{"external_id", body["external_id"].text()}, {"status", "accepted"}});
  } else {
    TRY(context.only_members({"posts"}));
    if (!posts.is_array()) return invalid("expected an array", "/posts");
    if (posts.size() > kBatchLimitPosts) {
      return Error{ErrorKind::kTooLarge, "More than 1,000 posts in one request.", "/posts", "too_many", 0};
    }
    entries.reserve(posts.size());
    answers.reserve(posts.size());
    TRY(posts.each([&](JsonView post) -> Result<void> {
      const auto external_id = post["external_id"].text();
      auto checked = channels::open::check_open_post(post);
      if (checked.ok()) {
        answers.push_back(json::object{{"external_id", external_id}, {"status", "accepted"}});
        entries.push_back({row.account.workspace_id, row.account.id, {"open.post", post.raw()}});
      } else {
        answers.push_back(json::object{{"external_id", external_id.substr(0, kIdLimitBytes)},
                                       {"status", "error"},
                                       {"error", problem_object(checked.error())}});
      }
      return {};
    }));
  }
  // Durable from here on; only then is it acknowledged.
  if (!entries.empty()) TRY(services.ingest->accept(std::move(entries)));
  return accepted(json::object{{"items", std::move(answers)}});
}

Result<net::HttpResponse> take_deletion(RequestContext& context, Services& services) {
  TRY(context.only_members({"external_id"}));
  const auto row = TRY(open_account(context, services));
  const auto external_id = TRY(context.body()["external_id"].string(kIdLimitBytes));
  if (external_id.empty()) return invalid("must not be empty", "/external_id");
  TRY(services.ingest->accept(
      {{row.account.workspace_id, row.account.id, {"open.deletion", context.body().raw()}}}));
  return accepted(json::object{{"external_id", external_id}, {"status", "accepted"}});
}

Result<net::HttpResponse> give_replies(RequestContext& context, Services& services) {
  const auto row = TRY(open_account(context, services));
  const auto after = TRY(context.query_id("after")).value_or(0);
  const int limit = TRY(context.limit());
  const auto wait_s = TRY(context.query_integer("wait_s", 0, 0, 30));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(wait_s);
  std::vector<reply::OutboxRow> waiting;
  while (true) {
    {
      auto reader = TRY(services.database->reader());
      waiting =
          TRY(reply::waiting_to_be_fetched(*reader, row.account.workspace_id, row.account.id, after, limit));
    }
    if (!waiting.empty() || std::chrono::steady_clock::now() >= until) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  json::array list;
  Id next = after;
  auto reader = TRY(services.database->reader());
  for (const auto& waiting_row : waiting) {
    const auto outgoing = TRY(reply::to_outgoing(*reader, waiting_row, false));
    list.push_back(parsed_json(channels::open::reply_body(row.account, outgoing, services.public_url)));
    next = waiting_row.id;
  }
  return ok(json::object{{"items", std::move(list)}, {"next", to_string(next)}});
}

Result<net::HttpResponse> acknowledge(RequestContext& context, Services& services) {
  const auto row = TRY(open_account(context, services));
  const auto reply_id = TRY(context.id("reply_id"));
  std::string external_id;
  std::string url;
  if (context.body().exists()) {
    TRY(context.only_members({"external_id", "url"}));
    external_id = TRY(context.body()["external_id"].string_or("", kIdLimitBytes));
    url = TRY(context.body()["url"].string_or("", channels::open::kUrlBytes));
    if (!url.empty() && !url.starts_with("https://")) return invalid("expected an https URL", "/url");
  }
  TRY(services.replies->fetched(row.account, reply_id, external_id, url));
  return no_content();
}

// Pictures of replies, for whoever passes them on.
Result<net::HttpResponse> attachment(RequestContext& context, Services& services) {
  const auto row = TRY(open_account(context, services));
  const auto id = TRY(context.id("attachment_id"));
  auto reader = TRY(services.database->reader());
  // Only what was attached to a reply of this very account.
  const auto needle = "%\"" + to_string(id) + "\"%";
  auto used = TRY(reader->one(
      "SELECT 1 FROM outbox WHERE workspace_id = $1 AND account_id = $2 AND body LIKE $3 LIMIT 1",
      {row.account.workspace_id, row.account.id, needle}, [](const store::Row&) { return true; }));
  if (!used) return not_found("There is no such attachment.");
  auto found =
      TRY(reader->one("SELECT content_type, body FROM attachments WHERE workspace_id = $1 AND id = $2",
                      {row.account.workspace_id, id}, [](const store::Row& image) {
                        return std::pair(image.string(0), std::string(image.blob(1)));
                      }));
  if (!found) return not_found("There is no such attachment.");
  net::HttpResponse response;
  response.headers.set("content-type", std::move(found->first));
  response.headers.set("content-disposition", "attachment");
  response.body = std::move(found->second);
  return response;
}

}  // namespace

void add_open_routes(Router& router, Services& services) {
  using auth::Permission;
  auto batch = BodyRule::json(kBatchLimitBytes);
  router.add({"POST", in_api("/open/posts"), Permission::kOpenChannel, batch,
              [&](RequestContext& context) { return take_posts(context, services); }});
  router.add({"POST", in_api("/open/deletions"), Permission::kOpenChannel, BodyRule::json(),
              [&](RequestContext& context) { return take_deletion(context, services); }});
  router.add({"GET", in_api("/open/replies"), Permission::kOpenChannel, BodyRule::none(),
              [&](RequestContext& context) { return give_replies(context, services); }});
  router.add({"POST", in_api("/open/replies/{reply_id}/ack"), Permission::kOpenChannel,
              BodyRule::optional_json(),
              [&](RequestContext& context) { return acknowledge(context, services); }});
  router.add({"GET", in_api("/open/attachments/{attachment_id}"), Permission::kOpenChannel, BodyRule::none(),
              [&](RequestContext& context) { return attachment(context, services); }});
}

}  // namespace kiki::api
