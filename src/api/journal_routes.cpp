// What came in and could not be read: shown to administrators, read again after a fix.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "ingest/ingest.hpp"
#include "store/journal.hpp"
#include "text/utf8.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kExcerptBytes = 400;

Result<net::HttpResponse> list_failures(RequestContext& context, Services& services) {
  const auto limit = static_cast<std::size_t>(TRY(context.limit()));
  std::int64_t before = 0;
  if (auto cursor = TRY(context.cursor())) before = TRY(cursor->root()["seq"].integer());
  auto reader = TRY(services.database->reader());
  auto failures = TRY(store::journal::list_failures(*reader, context.workspace_id(), before, limit + 1));
  std::optional<std::string> next;
  if (failures.size() > limit) {
    failures.pop_back();
    next = encode_cursor({{"seq", failures.back().seq}});
  }
  json::array list;
  for (const auto& failure : failures) {
    const auto entry = TRY(store::journal::read_one(*reader, failure.seq));
    const auto raw = entry ? std::string_view(entry->body).substr(0, kExcerptBytes) : std::string_view();
    json::object body;
    body["seq"] = std::to_string(failure.seq);
    body["account_id"] = id_json(failure.account_id);
    body["source"] = failure.source;
    body["error"] = failure.error;
    body["place"] = failure.place;
    body["failed_at"] = time_json(failure.failed_at);
    body["attempts"] = failure.attempts;
    body["excerpt"] = text::to_valid_utf8(raw);
    list.push_back(std::move(body));
  }
  return page(std::move(list), std::move(next));
}

Result<net::HttpResponse> replay(RequestContext& context, Services& services,
                                 std::optional<std::int64_t> seq) {
  const auto result = TRY(services.ingest->replay(context.workspace_id(), seq));
  return ok(json::object{{"replayed", result.replayed}, {"still_failing", result.still_failing}});
}

}  // namespace

void add_journal_routes(Router& router, Services& services) {
  using auth::Permission;
  router.add({"GET", in_workspace("/journal/failures"), Permission::kSeeJournal, BodyRule::none(),
              [&](RequestContext& context) { return list_failures(context, services); }});
  router.add({"POST", in_workspace("/journal/failures/{seq}/replay"), Permission::kReplayJournal,
              BodyRule::optional_json(), [&](RequestContext& context) -> Result<net::HttpResponse> {
                return replay(context, services, TRY(context.id("seq")));
              }});
  router.add({"POST", in_workspace("/journal/replay"), Permission::kReplayJournal, BodyRule::optional_json(),
              [&](RequestContext& context) { return replay(context, services, {}); }});
}

}  // namespace kiki::api
