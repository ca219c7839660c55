#include "listening/stored_post.hpp"

#include <boost/json.hpp>

namespace kiki::listening {
namespace {

namespace json = boost::json;

const std::string kPostFields =
    "p.id, p.case_id, p.posted_at, p.network, p.language, p.text, p.topic_ids, p.parent_external_id, "
    "p.extra, "
    "p.identity_id";
const std::string kAuthorFields =
    ", COALESCE(i.external_id, ''), COALESCE(i.handle, ''), COALESCE(i.name, ''), COALESCE(i.bio, ''), "
    "i.followers";
const std::string kFromPosts = " FROM posts p ";
const std::string kFromAuthors =
    " FROM posts p LEFT JOIN identities i ON i.workspace_id = p.workspace_id AND i.id = p.identity_id ";
const std::string kBetween =
    "WHERE p.workspace_id = $1 AND p.id > $2 AND p.id < $3 AND p.direction = 'in' AND p.deleted_at IS NULL "
    "ORDER BY p.id "
    "DESC LIMIT $4";
const std::string kOne =
    "WHERE p.workspace_id = $1 AND p.id = $2 AND p.direction = 'in' AND p.deleted_at IS NULL";

void read_attachments(std::string_view extra, StoredPost& post) {
  if (extra.size() <= 2) return;
  boost::system::error_code error;
  const auto value = json::parse(extra, error);
  if (error || !value.is_object()) return;
  const auto* list = value.get_object().if_contains("attachments");
  if (list == nullptr || !list->is_array()) return;
  for (const auto& one : list->get_array()) {
    if (!one.is_object()) continue;
    const auto text = [&](std::string_view key) -> std::string_view {
      const auto* member = one.get_object().if_contains(key);
      return member != nullptr && member->is_string() ? std::string_view(member->get_string())
                                                      : std::string_view();
    };
    const auto kind = text("kind");
    if (kind == "image") post.has_image = true;
    if (kind == "video") post.has_video = true;
    if (kind == "quote") post.is_quote = true;
    if (kind == "link") post.links.emplace_back(text("url"));
  }
}

StoredPost read_row(const store::Row& row, bool with_author) {
  StoredPost post;
  post.id = row.integer(0);
  post.case_id = row.integer(1);
  post.posted_at = row.integer(2);
  post.network = row.string(3);
  post.language = row.string(4);
  post.text = row.string(5);
  post.topic_ids = row.string(6);
  post.is_reply = !row.text(7).empty();
  read_attachments(row.text(8), post);
  post.identity_id = row.integer(9);
  if (with_author) {
    post.author_id = row.string(10);
    post.handle = row.string(11);
    post.name = row.string(12);
    post.bio = row.string(13);
    post.followers = row.maybe_integer(14);
  }
  return post;
}

}  // namespace

query::Post StoredPost::seen() const {
  query::Post post;
  post.text = text;
  post.language = language;
  post.network = network;
  post.author = handle;
  post.followers = followers;
  for (const auto& link : links) post.links.push_back(link);
  post.has_image = has_image;
  post.has_video = has_video;
  post.is_reply = is_reply;
  post.is_quote = is_quote;
  return post;
}

Result<std::vector<StoredPost>> read_posts_between(store::Connection& db, Id workspace_id, Id after_id,
                                                   Id before_id, int limit, bool with_author) {
  static const std::string plain = "SELECT " + kPostFields + kFromPosts + kBetween;
  static const std::string authors = "SELECT " + kPostFields + kAuthorFields + kFromAuthors + kBetween;
  return db.all(with_author ? authors : plain, {workspace_id, after_id, before_id, limit},
                [&](const store::Row& row) { return read_row(row, with_author); });
}

Result<std::vector<StoredPost>> read_posts(store::Connection& db, Id workspace_id, std::span<const Id> ids,
                                           bool with_author) {
  static const std::string plain = "SELECT " + kPostFields + kFromPosts + kOne;
  static const std::string authors = "SELECT " + kPostFields + kAuthorFields + kFromAuthors + kOne;
  std::vector<StoredPost> posts;
  posts.reserve(ids.size());
  for (const Id id : ids) {
    auto post = TRY(db.one(with_author ? authors : plain, {workspace_id, id},
                           [&](const store::Row& row) { return read_row(row, with_author); }));
    if (post) posts.push_back(std::move(*post));
  }
  return posts;
}

Id first_id_of(TimeMs time) {
  // Ids grow with time; this asks the one place that knows how.
  static const TimeMs kEpoch = time_of(0);
  const auto passed = time - kEpoch;
  return passed <= 0 ? 0 : passed << 21U;
}

std::vector<Id> stored_ids(std::string_view json_text) {
  std::vector<Id> ids;
  boost::system::error_code error;
  const auto value = json::parse(json_text, error);
  if (error || !value.is_array()) return ids;
  for (const auto& item : value.get_array()) {
    if (!item.is_string()) continue;
    if (const auto id = parse_id(item.get_string())) ids.push_back(*id);
  }
  return ids;
}

}  // namespace kiki::listening
