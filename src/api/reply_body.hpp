#pragma once
// What the routes of replies, checks and approvals share: the body that says what to send, and the answer
// when a check holds it back.

#include <vector>

#include "api/router.hpp"
#include "api/services.hpp"
#include "reply/replies.hpp"

namespace kiki::api {

Result<Id> body_id(JsonView value);
// account_id, target_post_id, text, attachment_ids, request_id, language, saved_reply_id, in_public; the rest
// from the request and the workspace. The route has checked the members' names.
Result<reply::NewReply> read_new_reply(RequestContext& context, Services& services);
// Is there somebody else who may approve?
Result<bool> second_person(RequestContext& context, Services& services);
Result<std::int64_t> undo_send_ms(Services& services, Id workspace_id);
// The error, with "findings" beside it when checks are the reason.
Result<net::HttpResponse> refused(RequestContext& context, const Error& error,
                                  const std::vector<reply::checks::Finding>& findings, std::string_view text);

}  // namespace kiki::api
