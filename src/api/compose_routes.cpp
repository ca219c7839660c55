// Answering by hand on the network's own page: the text goes along, and what became of it is said here.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/reply_body.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "reply/replies.hpp"

namespace kiki::api {

namespace {

Result<net::HttpResponse> open_elsewhere(RequestContext& context, Services& services) {
  TRY(context.only_members({"account_id", "target_post_id", "text", "attachment_ids", "request_id",
                            "language", "saved_reply_id", "in_public", "seen_post_id", "copy_to"}));
  const auto wanted = TRY(read_new_reply(context, services));
  std::vector<reply::checks::Finding> findings;
  auto opened = services.replies->open_elsewhere(wanted, &findings);
  if (!opened.ok()) return refused(context, opened.error(), findings, wanted.text);
  return created(json::object{{"url", opened->url}, {"reply", reply::to_json(opened->row)}});
}

Result<net::HttpResponse> done_there(RequestContext& context, Services& services) {
  return ok(reply::to_json(TRY(
      services.replies->done_there(context.workspace_id(), context.user_id(), TRY(context.id("reply_id"))))));
}

}  // namespace

void add_compose_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"POST", in_workspace("/cases/{case_id}/compose-link"), Permission::kReply,
              BodyRule::json(256 * 1024),
              [&](RequestContext& context) { return open_elsewhere(context, services); }});
  router.add({"POST", in_workspace("/replies/{reply_id}/done-there"), Permission::kReply,
              BodyRule::optional_json(),
              [&](RequestContext& context) { return done_there(context, services); }});
}

}  // namespace kiki::api
