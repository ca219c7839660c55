#include "cases/post_text.hpp"

#include <boost/json.hpp>

namespace kiki::cases {
namespace {

constexpr std::size_t kOldRevisionsLimit = 50;
constexpr std::string_view kOldRevisions = "old_revisions";

boost::json::object parse_object(std::string_view text) {
  boost::system::error_code error;
  auto value = boost::json::parse(text, error);
  if (error || !value.is_object()) return {};
  return std::move(value.as_object());
}

}  // namespace

Result<void> forget_files(store::Connection& db, Id workspace_id, Id post_id) {
  TRY(db.run("DELETE FROM post_files WHERE workspace_id = $1 AND post_id = $2", {workspace_id, post_id}));
  return {};
}

Result<void> forget_journal_body(store::Connection& db, std::int64_t seq) {
  if (seq == 0) return {};
  TRY(db.run("UPDATE journal SET body = $2 WHERE seq = $1", {seq, store::Blob{""}}));
  return {};
}

bool has_old_revision(std::string_view extra, std::string_view revision) {
  if (extra.find(kOldRevisions) == std::string_view::npos) return false;
  const auto object = parse_object(extra);
  const auto* old = object.if_contains(kOldRevisions);
  if (old == nullptr || !old->is_array()) return false;
  for (const auto& one : old->get_array()) {
    if (one.is_string() && one.get_string() == revision) return true;
  }
  return false;
}

std::string with_old_revision(std::string_view extra, std::string_view old_extra,
                              std::string_view old_revision) {
  auto object = parse_object(extra);
  boost::json::array revisions;
  auto old = parse_object(old_extra);
  if (auto* list = old.if_contains(kOldRevisions); list != nullptr && list->is_array()) {
    revisions = std::move(list->get_array());
  }
  if (!old_revision.empty()) revisions.emplace_back(old_revision);
  while (revisions.size() > kOldRevisionsLimit) revisions.erase(revisions.begin());
  object[kOldRevisions] = std::move(revisions);
  return boost::json::serialize(object);
}

}  // namespace kiki::cases
