// Search over posts, people and cases: one list, cases by title or number and people's cases first, then
// posts.

#include <boost/json.hpp>
#include <map>
#include <set>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "cases/case_row.hpp"
#include "search/search_index.hpp"
#include "text/snippet.hpp"
#include "text/utf8.hpp"

namespace kiki::api {

namespace {

constexpr std::size_t kCaseHits = 5;  // on the first page
constexpr std::size_t kPersonHits = 5;

struct FoundPost {
  Id post_id = 0;
  Id case_id = 0;
  TimeMs at = 0;
  std::string text;
};

json::object hit_json(const cases::CaseRow& row, Id post_id, TimeMs at, std::string_view shown,
                      const std::vector<text::Phrase>& phrases) {
  const auto snippet = text::make_snippet(shown, phrases);
  const std::string front = snippet.cut_before ? "…" : "";
  const auto shift = snippet.cut_before ? 1 : 0;  // "…" is one UTF-16 unit
  json::array marks;
  for (const auto& [begin, end] : snippet.marks) marks.push_back(json::array{begin + shift, end + shift});
  json::object body;
  body["case_id"] = id_json(row.id);
  body["post_id"] = id_json(post_id);
  body["number"] = row.number;
  body["name"] = row.name;
  body["handle"] = row.handle;
  body["network"] = row.network;
  body["at"] = time_json(at);
  body["excerpt"] = front + snippet.text + (snippet.cut_after ? "…" : "");
  body["marks"] = std::move(marks);
  body["status"] = model::name(row.status);
  return body;
}

// Cases whose title or number, and the newest case of people whose name, is what was asked for.
Result<void> add_direct_hits(store::Connection& db, Id workspace_id, std::string_view query,
                             const std::vector<text::Phrase>& phrases, json::array& hits) {
  std::set<Id> shown;
  const auto titles = TRY(search::search_cases(db, workspace_id, query, kCaseHits));
  for (const auto& row : TRY(cases::read_rows(db, workspace_id, titles))) {
    shown.insert(row.id);
    hits.push_back(hit_json(row, 0, row.last_post_at, row.title, phrases));
  }
  for (const Id identity_id : TRY(search::search_identities(db, workspace_id, query, 0, kPersonHits))) {
    const auto case_ids = TRY(db.all(
        "SELECT c.id FROM identities i CROSS JOIN cases c WHERE i.workspace_id = $1 AND i.id = $2 AND "
        "c.workspace_id = i.workspace_id AND c.person_id = i.person_id ORDER BY c.last_post_at DESC LIMIT 1",
        {workspace_id, identity_id}, [](const store::Row& row) { return row.integer(0); }));
    for (const auto& row : TRY(cases::read_rows(db, workspace_id, case_ids))) {
      if (shown.insert(row.id).second)
        hits.push_back(hit_json(row, 0, row.last_post_at, row.preview, phrases));
    }
  }
  return {};
}

Result<net::HttpResponse> search(RequestContext& context, Services& services) {
  const auto query = context.query("q");
  if (query.empty()) return invalid("Say what to search for.", "q");
  if (text::find_invalid_utf8(query)) return invalid("is not valid UTF-8", "q");
  if (query.size() > search::kQueryLimitBytes) return invalid("is too long", "q");
  const auto limit = static_cast<std::size_t>(TRY(context.limit()));
  const auto workspace_id = context.workspace_id();
  Id before = 0;
  if (auto cursor = TRY(context.cursor())) before = TRY(cursor->root()["id"].integer());
  const auto phrases = text::query_tokens(query);

  auto reader = TRY(services.database->reader());
  json::array hits;
  if (before == 0) TRY(add_direct_hits(*reader, workspace_id, query, phrases, hits));
  auto ids = TRY(search::search_posts(*reader, workspace_id, query, before, limit + 1));
  std::optional<std::string> next;
  if (ids.size() > limit) {
    ids.resize(limit);
    next = encode_cursor({{"id", ids.back()}});
  }
  std::vector<FoundPost> posts;
  std::vector<Id> case_ids;
  for (const Id id : ids) {
    const auto post =
        TRY(reader->one("SELECT id, case_id, posted_at, text FROM posts WHERE workspace_id = $1 AND id = $2",
                        {workspace_id, id}, [](const store::Row& row) {
                          return FoundPost{row.integer(0), row.integer(1), row.integer(2), row.string(3)};
                        }));
    if (!post) continue;
    posts.push_back(*post);
    case_ids.push_back(post->case_id);
  }
  std::map<Id, cases::CaseRow> rows;
  for (auto& row : TRY(cases::read_rows(*reader, workspace_id, case_ids)))
    rows.emplace(row.id, std::move(row));
  for (const auto& post : posts) {
    const auto row = rows.find(post.case_id);
    if (row != rows.end()) hits.push_back(hit_json(row->second, post.post_id, post.at, post.text, phrases));
  }
  return page(std::move(hits), std::move(next));
}

}  // namespace

void add_search_routes(Router& router, Services& services) {
  router.add({"GET", in_workspace("/search"), auth::Permission::kReadDesk, BodyRule::none(),
              [&](RequestContext& context) { return search(context, services); }});
}

}  // namespace kiki::api
