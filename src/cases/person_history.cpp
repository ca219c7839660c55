#include "cases/person_history.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"

namespace kiki::cases {

namespace {
constexpr int kTagsShown = 30;
}

Result<std::vector<PersonPost>> person_posts(store::Connection& db, Id workspace_id, Id person_id,
                                             const HistoryPlace& before, int limit) {
  return db.all(
      "SELECT p.id, c.id, c.number, p.network, COALESCE(v.visibility, 'public'), p.direction, CASE WHEN "
      "p.direction = "
      "'out' THEN COALESCE(u.name, '') WHEN i.name <> '' THEN i.name ELSE COALESCE(i.handle, '') END, "
      "p.text, p.url, "
      "p.posted_at, p.deleted_at FROM cases c JOIN posts p ON p.workspace_id = c.workspace_id AND p.case_id "
      "= c.id LEFT "
      "JOIN conversations v ON v.workspace_id = p.workspace_id AND v.id = p.conversation_id LEFT JOIN "
      "identities i ON "
      "i.workspace_id = p.workspace_id AND i.id = p.identity_id LEFT JOIN users u ON u.id = p.author_user_id "
      "WHERE "
      "c.workspace_id = $1 AND c.person_id = $2 AND p.direction IN ('in', 'out') AND (p.posted_at < $3 OR "
      "(p.posted_at "
      "= $3 AND p.id < $4)) ORDER BY p.posted_at DESC, p.id DESC LIMIT $5",
      {workspace_id, person_id, before.at, before.id, limit}, [](const store::Row& row) {
        PersonPost post;
        post.id = row.integer(0);
        post.case_id = row.integer(1);
        post.case_number = row.integer(2);
        post.network = row.string(3);
        post.visibility = row.string(4);
        post.direction = row.string(5);
        post.author = row.string(6);
        post.text = row.string(7);
        post.url = row.string(8);
        post.at = row.integer(9);
        post.deleted = !row.null(10);
        return post;
      });
}

Result<std::vector<PersonCase>> person_cases(store::Connection& db, Id workspace_id, Id person_id,
                                             const HistoryPlace& before, int limit, std::string_view tag) {
  const auto read = [](const store::Row& row) {
    return PersonCase{row.integer(0), row.integer(1), row.string(2),
                      row.string(3),  row.string(4),  row.integer(5)};
  };
  static const std::string all =
      "SELECT c.id, c.number, c.title, c.status, c.network, c.last_post_at FROM cases c WHERE c.workspace_id "
      "= $1 AND c.person_id = $2 AND (c.last_post_at < $3 OR (c.last_post_at = $3 AND c.id < $4)) ";
  static const std::string newest_first = "ORDER BY c.last_post_at DESC, c.id DESC LIMIT $5";
  if (tag.empty())
    return db.all(all + newest_first, {workspace_id, person_id, before.at, before.id, limit}, read);
  return db.all(all +
                    "AND EXISTS (SELECT 1 FROM case_tags t WHERE t.workspace_id = c.workspace_id AND "
                    "t.case_id = c.id AND t.tag = $6) " +
                    newest_first,
                {workspace_id, person_id, before.at, before.id, limit, tag}, read);
}

Result<std::vector<TagCount>> person_tags(store::Connection& db, Id workspace_id, Id person_id) {
  return db.all(
      "SELECT t.tag, COUNT(*) AS n FROM cases c JOIN case_tags t ON t.workspace_id = c.workspace_id AND "
      "t.case_id = "
      "c.id WHERE c.workspace_id = $1 AND c.person_id = $2 GROUP BY t.tag ORDER BY n DESC, t.tag LIMIT $3",
      {workspace_id, person_id, kTagsShown},
      [](const store::Row& row) { return TagCount{row.string(0), row.integer(1)}; });
}

json::object to_json(const PersonPost& post) {
  return {{"id", to_string(post.id)},
          {"case_id", to_string(post.case_id)},
          {"case_number", post.case_number},
          {"network", post.network},
          {"visibility", post.visibility},
          {"direction", post.direction},
          {"author", post.author},
          {"text", post.text},
          {"url", post.url},
          {"at", to_rfc3339(post.at)},
          {"deleted", post.deleted}};
}

json::object to_json(const PersonCase& row) {
  return {{"id", to_string(row.id)}, {"number", row.number},
          {"title", row.title},      {"status", row.status},
          {"network", row.network},  {"last_post_at", to_rfc3339(row.last_post_at)}};
}

}  // namespace kiki::cases
