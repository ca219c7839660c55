// Files of customers' posts, for the people of the desk; and pictures of ours, for the network that shows
// them.

#include <charconv>

#include "accounts/post_files.hpp"
#include "api/all_routes.hpp"
#include "api/file_answer.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "delivery/public_links.hpp"
#include "store/database.hpp"

namespace kiki::api {

namespace {

Result<net::HttpResponse> read_post_file(RequestContext& context, Services& services) {
  const auto post_id = TRY(context.id("post_id"));
  const auto text = context.param("number");
  std::int64_t number = -1;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return not_found("There is no such file.");
  auto reader = TRY(services.database->reader());
  auto file = TRY(accounts::read_file(*reader, context.workspace_id(), post_id, number));
  if (file.state == "wanted")
    return Error{ErrorKind::kUnavailable, "The file is still being fetched.", {}, "file_wanted", 5'000};
  if (file.state != "kept")
    return Error{ErrorKind::kGone, "The network has this file no more.", {}, "file_" + file.state, 0};
  auto response = file_answer(context.request, {std::move(file.body), file.content_type, file.name});
  // A deleted post's file must not stay in a browser for long.
  response.headers.set("Cache-Control", "private, max-age=300");
  return response;
}

Result<net::HttpResponse> read_public_file(RequestContext& context, Services& services) {
  const auto named = TRY(services.public_links->read(context.param("token")));
  auto reader = TRY(services.database->reader());
  auto found =
      TRY(reader->one("SELECT content_type, body FROM attachments WHERE workspace_id = $1 AND id = $2",
                      {named.workspace_id, named.attachment_id}, [](const store::Row& row) {
                        return FileToServe{std::string(row.blob(1)), row.string(0), {}};
                      }));
  if (!found) return not_found("There is nothing at this address.");
  auto response = file_answer(context.request, std::move(*found));
  response.headers.set("Cache-Control", "public, max-age=3600");
  response.headers.set("X-Robots-Tag", "noindex");
  return response;
}

}  // namespace

void add_file_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/posts/{post_id}/files/{number}"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return read_post_file(context, services); }});
  router.add({"GET", "/files/{token}", Permission::kPublic, BodyRule::none(),
              [&](RequestContext& context) { return read_public_file(context, services); }});
}

}  // namespace kiki::api
