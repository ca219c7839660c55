// Pictures for replies: uploaded by agents, served to those who may see the desk.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/image_info.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "net/hmac.hpp"
#include "text/utf8.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kImageLimitBytes = 10'000'000;  // each network has its own limit below
constexpr std::int64_t kPreviewLimitBytes = 1'000'000;
constexpr std::size_t kAltLimitBytes = 8'000;
constexpr std::size_t kAltLimitCharacters = 2'000;

struct Stored {
  Id id = 0;
  std::string content_type;
  std::int64_t bytes = 0;
  std::string alt;
  std::optional<std::int64_t> width;
  std::optional<std::int64_t> height;
};

constexpr std::string_view kFields = "id, content_type, bytes, alt, width, height";

Stored read_stored(const store::Row& row) {
  return {row.integer(0), row.string(1),        row.integer(2),
          row.string(3),  row.maybe_integer(4), row.maybe_integer(5)};
}

json::object to_json(const Stored& stored) {
  const auto number = [](std::optional<std::int64_t> value) {
    return value ? json::value(*value) : json::value(nullptr);
  };
  json::object body;
  body["id"] = id_json(stored.id);
  body["content_type"] = stored.content_type;
  body["bytes"] = stored.bytes;
  body["alt"] = stored.alt;
  body["width"] = number(stored.width);
  body["height"] = number(stored.height);
  return body;
}

Result<std::string> check_alt(std::string_view alt, std::string where) {
  if (text::find_invalid_utf8(alt)) return invalid("is not valid UTF-8", std::move(where));
  if (alt.find('\0') != std::string_view::npos)
    return invalid("must not contain a zero byte", std::move(where));
  if (text::count_code_points(alt) > kAltLimitCharacters) return invalid("is too long", std::move(where));
  return std::string(alt);
}

// The small version of a picture, uploaded before it: some networks show that first (LINE), and what they
// take is JPEG or PNG of 1 MB at most.
Result<Id> preview_of(RequestContext& context, Services& services) {
  const auto text = context.query("preview_id");
  if (text.empty()) return Id{0};
  const auto id = parse_id(text);
  if (!id) return invalid("expected an id", "preview_id");
  auto reader = TRY(services.database->reader());
  const auto fits =
      TRY(reader->one("SELECT bytes, content_type FROM attachments WHERE workspace_id = $1 AND id = $2",
                      {context.workspace_id(), *id}, [](const store::Row& row) {
                        return row.integer(0) <= kPreviewLimitBytes &&
                               (row.text(1) == "image/jpeg" || row.text(1) == "image/png");
                      }));
  if (!fits) return invalid("There is no such attachment.", "preview_id");
  if (!*fits)
    return Error{ErrorKind::kInvalid, "A preview is a JPEG or PNG of 1 MB at most.", "preview_id",
                 "not_a_preview", 0};
  return *id;
}

Result<net::HttpResponse> upload(RequestContext& context, Services& services) {
  const auto& bytes = context.request.body;
  const auto alt = TRY(check_alt(context.query("alt"), "alt"));
  const auto preview_id = TRY(preview_of(context, services));
  const auto info = read_image_info(bytes);
  if (!info) {
    return Error{ErrorKind::kUnprocessable,
                 "Only PNG, JPEG, GIF and WebP pictures can be attached.",
                 {},
                 "not_an_image",
                 0};
  }
  const Stored stored{services.ids->next(),
                      std::string(info->content_type),
                      static_cast<std::int64_t>(bytes.size()),
                      alt,
                      info->width,
                      info->height};
  const auto digest = net::hex(net::sha256(bytes));
  TRY(services.database->writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run(
        "INSERT INTO attachments (workspace_id, id, content_type, bytes, alt, sha256, width, height, body, "
        "created_by, created_at, preview_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        {context.workspace_id(), stored.id, stored.content_type, stored.bytes, stored.alt, digest,
         stored.width, stored.height, store::Blob{bytes}, context.user_id(), services.clock->now_ms(),
         preview_id}));
    return {};
  }));
  return created(to_json(stored));
}

Result<net::HttpResponse> read(RequestContext& context, Services& services) {
  const auto id = TRY(context.id("attachment_id"));
  auto reader = TRY(services.database->reader());
  auto response =
      TRY(reader->one("SELECT content_type, body FROM attachments WHERE workspace_id = $1 AND id = $2",
                      {context.workspace_id(), id}, [](const store::Row& row) {
                        net::HttpResponse found;
                        found.headers.set("Content-Type", row.string(0));
                        found.body = std::string(row.blob(1));
                        return found;
                      }));
  if (!response) return not_found("There is no such attachment.");
  // A file that somebody uploaded is never a page of ours.
  response->headers.set("X-Content-Type-Options", "nosniff");
  response->headers.set("Content-Disposition", "inline; filename=\"" + to_string(id) + "\"");
  response->headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
  response->headers.set("Cache-Control", "private, max-age=86400, immutable");
  return *std::move(response);
}

Result<net::HttpResponse> patch(RequestContext& context, Services& services) {
  TRY(context.only_members({"alt"}));
  const auto id = TRY(context.id("attachment_id"));
  const auto alt = TRY(check_alt(TRY(context.body()["alt"].string(kAltLimitBytes)), "/alt"));
  static const std::string sql =
      "UPDATE attachments SET alt = $3 WHERE workspace_id = $1 AND id = $2 RETURNING " + std::string(kFields);
  const auto stored = TRY(services.database->writer().write_result([&](store::Transaction& tx) {
    return tx.db().one(sql, {context.workspace_id(), id, alt}, read_stored);
  }));
  if (!stored) return not_found("There is no such attachment.");
  return ok(to_json(*stored));
}

}  // namespace

void add_attachments_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"POST", in_workspace("/attachments"), Permission::kReply, BodyRule::bytes(kImageLimitBytes),
              [&](RequestContext& context) { return upload(context, services); }});
  router.add({"GET", in_workspace("/attachments/{attachment_id}"), Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return read(context, services); }});
  router.add({"PATCH", in_workspace("/attachments/{attachment_id}"), Permission::kReply, BodyRule::json(),
              [&](RequestContext& context) { return patch(context, services); }});
}

}  // namespace kiki::api
