// What the composer has at hand for one post: replies to begin with, the playbook's offer to go on in
// private, thanks in one key; and the door by which a customer comes to the private place.

#include <boost/json.hpp>

#include "accounts/accounts.hpp"
#include "api/all_routes.hpp"
#include "api/chat_door.hpp"
#include "api/reply_body.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "api/sign_in.hpp"
#include "cases/private_links.hpp"
#include "channels/contract/channel.hpp"
#include "notify/texts.hpp"
#include "reply/earlier_answers.hpp"
#include "reply/private_place.hpp"
#include "reply/reply_checks.hpp"
#include "reply/saved_replies.hpp"
#include "text/html.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kCandidates = 3;
constexpr int kOfferedPercent = 20;     // below, a saved reply is about something else
constexpr std::size_t kLinkBytes = 46;  // "/p/" and its word

json::object offer_json(const reply::Offer& offer) {
  json::array attachments;
  for (const Id id : offer.filled.attachment_ids) attachments.push_back(id_json(id));
  json::array missing;
  for (const auto& name : offer.filled.missing) missing.emplace_back(name);
  return {{"saved_reply_id", id_json(offer.reply.id)},
          {"name", offer.reply.name},
          {"folder", offer.reply.folder},
          {"code", offer.reply.code},
          {"language", offer.filled.language},
          {"text", offer.filled.text},
          {"missing", std::move(missing)},
          {"attachment_ids", std::move(attachments)},
          {"needs_word", offer.reply.needs_word},
          {"percent", offer.percent}};
}

Result<reply::ValuesOf> values_of(RequestContext& context) {
  reply::ValuesOf of;
  of.workspace_id = context.workspace_id();
  of.case_id = TRY(context.id("case_id"));
  of.user_id = context.user_id();
  const auto post = TRY(context.query_id("target_post_id"));
  const auto account = TRY(context.query_id("account_id"));
  if (!post) return invalid("is needed", "target_post_id");
  of.target_post_id = *post;
  of.account_id = account.value_or(0);
  return of;
}

Result<net::HttpResponse> list_saved(RequestContext& context, Services& services) {
  const auto of = TRY(values_of(context));
  const auto query = context.query("q");
  if (query.size() > 300) return invalid("longer than 300 bytes", "q");
  json::array rows;
  for (const auto& offer :
       TRY(services.saved_replies->offers(of, query, static_cast<std::size_t>(TRY(context.limit()))))) {
    rows.push_back(offer_json(offer));
  }
  return items(std::move(rows));
}

Result<json::array> candidates(Services& services, const reply::ValuesOf& of,
                               const reply::CaseValues& values) {
  struct Candidate {
    int percent = 0;
    json::object body;
  };
  std::vector<Candidate> all;
  for (const auto& offer : TRY(services.saved_replies->offers(of, "", kCandidates))) {
    if (offer.percent < kOfferedPercent) continue;
    auto body = offer_json(offer);
    body["source"] = "saved";
    body["case_number"] = nullptr;
    body["at"] = nullptr;
    all.push_back({offer.percent, std::move(body)});
  }
  auto reader = TRY(services.database->reader());
  for (const auto& answer : TRY(reply::find_earlier_answers(*reader, of, values, kCandidates))) {
    json::object body{{"saved_reply_id", nullptr},
                      {"name", ""},
                      {"folder", ""},
                      {"code", ""},
                      {"language", ""},
                      {"text", answer.text},
                      {"missing", json::array{}},
                      {"attachment_ids", json::array{}},
                      {"needs_word", false},
                      {"percent", answer.percent},
                      {"source", "earlier"},
                      {"case_number", answer.case_number},
                      {"at", to_rfc3339(answer.at)}};
    all.push_back({answer.percent, std::move(body)});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.percent > b.percent; });
  json::array rows;
  for (auto& one : all) {
    if (rows.size() < kCandidates) rows.push_back(std::move(one.body));
  }
  return rows;
}

Result<net::HttpResponse> kit(RequestContext& context, Services& services) {
  const auto of = TRY(values_of(context));
  const auto rules = TRY(services.reply_checks->rules(of.workspace_id));
  reply::CaseValues values;
  std::int64_t our_answers = 0;
  json::object offer{{"available", false}, {"reasons", json::array{}},           {"account_name", ""},
                     {"network", ""},      {"hours", rules.playbook.link_hours}, {"link_length", 0}};
  {
    auto reader = TRY(services.database->reader());
    values = TRY(reply::read_values(*reader, of));
    our_answers = TRY(reply::count_our_answers(*reader, of.workspace_id, of.case_id));
    const auto place =
        TRY(reply::find_private_place(*reader, services.channel, of.workspace_id, rules.playbook));
    if (place && values.visibility == "public") {
      json::array reasons;
      for (const auto& reason : TRY(reply::reasons_for_private(*reader, of.workspace_id, of.case_id, rules)))
        reasons.emplace_back(reason);
      offer["available"] = true;
      offer["reasons"] = std::move(reasons);
      offer["account_name"] = place->name.empty() ? place->handle : place->name;
      offer["network"] = place->network;
      offer["link_length"] = origin_of(services, context.request).size() + kLinkBytes;
    }
  }
  const auto voice = TRY(services.reply_checks->voice(of.workspace_id, of.account_id));
  json::object body;
  body["our_answers"] = our_answers;
  body["candidates"] = TRY(candidates(services, of, values));
  body["private_offer"] = std::move(offer);
  body["voice"] = reply::checks::to_json(voice);
  return ok(body);
}

Result<net::HttpResponse> thank(RequestContext& context, Services& services) {
  TRY(context.only_members({"account_id", "request_id"}));
  reply::NewReply wanted;
  wanted.workspace_id = context.workspace_id();
  wanted.user_id = context.user_id();
  wanted.target_post_id = TRY(context.id("post_id"));
  wanted.account_id = TRY(body_id(context.body()["account_id"]));
  wanted.request_id = TRY(context.body()["request_id"].string(reply::kRequestIdLimitBytes));
  wanted.undo_send_ms = TRY(undo_send_ms(services, context.workspace_id()));
  wanted.base_url = origin_of(services, context.request);
  wanted.has_second_person = TRY(second_person(context, services));
  std::vector<reply::checks::Finding> findings;
  auto row = services.replies->thank(wanted, *services.saved_replies, &findings);
  if (!row.ok()) return refused(context, row.error(), findings, "");
  return accepted(reply::to_json(*row));
}

// What a customer sees whose link leads nowhere any more, in both languages, for nobody knows which is
// theirs; and the way that is open all the same: who writes there gets a case of their own, and its agent is
// told of this one.
net::HttpResponse no_way(int status, const std::string& place_url) {
  std::string body =
      "<!doctype html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
      "dark\">\n<title>" +
      notify::words("ja", "server.link.title", {}) +
      "</title>\n<link rel=\"stylesheet\" href=\"/chat/page.css\">\n</head>\n<body>\n<main>\n";
  for (const auto* language : {"ja", "en"}) {
    const auto word = [&](std::string_view key) { return text::html(notify::words(language, key, {})); };
    body += "<section lang=\"" + std::string(language) + "\"><h1>" + word("server.link.title") + "</h1><p>" +
            word(place_url.empty() ? "server.link.write" : "server.link.go_on") + "</p>";
    if (!place_url.empty())
      body += "<p><a href=\"" + text::html(place_url) + "\">" + word("server.link.open") + "</a></p>";
    body += "</section>\n";
  }
  net::HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "text/html; charset=utf-8");
  response.body = body + "</main>\n</body>\n</html>\n";
  return response;
}

// The word in the address is all that counts: nothing of the case is shown, whoever comes.
Result<net::HttpResponse> private_door(RequestContext& context, Services& services) {
  const auto token = context.param("token");
  auto reader = TRY(services.database->reader());
  const auto link = TRY(cases::find_private_link(*reader, token));
  if (!link) return no_way(404, {});
  const bool is_over = link->expires_at <= services.clock->now_ms();
  const auto row = services.accounts->read(link->workspace_id, link->account_id);
  const auto* channel = row.ok() ? services.channel(row->account.network) : nullptr;
  auto url = channel == nullptr ? std::string() : channel->private_place(row->account, is_over ? "" : token);
  if (is_over) return no_way(410, url);
  if (url.empty()) return no_way(404, {});
  net::HttpResponse response;
  response.status = 303;
  response.headers.set("Location", url);
  return response;
}

}  // namespace

void add_reply_kit_routes(Router& router, Services& services) {
  using auth::Permission;
  const auto to = [&services](auto handler) {
    return [&services, handler](RequestContext& context) { return handler(context, services); };
  };
  router.add(
      {"GET", in_workspace("/cases/{case_id}/reply-kit"), Permission::kReply, BodyRule::none(), to(kit)});
  router.add({"GET", in_workspace("/cases/{case_id}/saved-replies"), Permission::kReply, BodyRule::none(),
              to(list_saved)});
  router.add(
      {"POST", in_workspace("/posts/{post_id}/thank"), Permission::kReply, BodyRule::json(), to(thank)});
  router.add({"GET", "/p/{token}", Permission::kPublic, BodyRule::none(), to(private_door)});
}

}  // namespace kiki::api
