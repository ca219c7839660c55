// Why triage says of a post what it says: judged again from the stored post, which gives the same answer,
// with the words it was read from.

#include <boost/json.hpp>

#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "text/utf8.hpp"
#include "triage/triage.hpp"

namespace kiki::api {
namespace {

struct StoredPost {
  std::string text;
  std::string language;
  std::string reason;
  bool has_parent = false;
  std::optional<std::int64_t> followers;
};

json::object verdict_json(const triage::Verdict& verdict, std::string_view text) {
  json::array harms;
  for (const auto harm : verdict.harms) harms.emplace_back(name(harm));
  json::array reasons;
  for (const auto& reason : verdict.reasons) {
    const auto start = text::utf16_offset(text, reason.range.begin);
    const auto word = text.substr(reason.range.begin, reason.range.end - reason.range.begin);
    reasons.push_back({{"signal", reason.signal},
                       {"text", word},
                       {"start", start},
                       {"end", start + text::utf16_length(word)}});
  }
  return {{"language", verdict.language},     {"kind", name(verdict.kind)},
          {"certainty", verdict.certainty},   {"feeling", verdict.feeling},
          {"urgency", verdict.urgency},       {"reach", verdict.reach},
          {"harms", std::move(harms)},        {"among_users", verdict.among_users},
          {"no_contact", verdict.no_contact}, {"reasons", std::move(reasons)}};
}

Result<net::HttpResponse> explain(RequestContext& context, Services& services) {
  auto reader = TRY(services.database->reader());
  const auto post = TRY(reader->one(
      "SELECT p.text, p.language, p.reason, p.parent_external_id, i.followers FROM posts p LEFT JOIN "
      "identities i ON "
      "i.workspace_id = p.workspace_id AND i.id = p.identity_id WHERE p.workspace_id = $1 AND p.id = $2 AND "
      "p.direction = 'in' AND p.deleted_at IS NULL",
      {context.workspace_id(), TRY(context.id("post_id"))}, [](const store::Row& row) {
        return StoredPost{row.string(0), row.string(1), row.string(2), !row.text(3).empty(),
                          row.maybe_integer(4)};
      }));
  if (!post) return not_found("There is no such post of a customer.");
  const bool to_us = post->reason != "found";
  const triage::Post judged{.text = post->text,
                            .language = post->language,
                            .followers = post->followers.value_or(-1),
                            .to_us = to_us,
                            .answers_other_user = !to_us && post->has_parent};
  return ok(verdict_json(triage::rules().judge(judged), post->text));
}

}  // namespace

void add_triage_routes(Router& router, Services& services) {
  router.add({"GET", in_workspace("/posts/{post_id}/triage"), auth::Permission::kReadDesk, BodyRule::none(),
              [&services](RequestContext& context) { return explain(context, services); }});
}

}  // namespace kiki::api
