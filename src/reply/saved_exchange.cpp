// Saved replies and assets as one JSON document, out and in again.

#include <algorithm>
#include <boost/json.hpp>

#include "reply/saved_replies.hpp"

namespace kiki::reply {

using saved::Asset;
using saved::SavedReply;

namespace {

constexpr std::string_view kForm = "kikimimi.saved_replies";
constexpr std::int64_t kFormVersion = 1;

// Without what belongs to one workspace only.
template <class T>
json::object portable(const T& item) {
  auto object = saved::to_json(item);
  for (const char* own : {"id", "uses", "edited_uses", "version", "updated_at", "attachment_id"})
    object.erase(own);
  return object;
}

Result<void> inside(Result<void> done, const std::string& place) {
  if (done.ok()) return {};
  auto error = std::move(done).error();
  if (!error.where.starts_with(place)) error.where = place + error.where;
  return error;
}

}  // namespace

Result<json::object> SavedReplies::export_all(Id workspace_id) {
  json::array replies;
  json::array kept_assets;
  for (const auto& reply : TRY(list(workspace_id))) replies.push_back(portable(reply));
  for (const auto& asset : TRY(assets(workspace_id))) {
    // Pictures stay behind: their bytes belong to the workspace, and a document of text stays readable.
    if (asset.kind != "image") kept_assets.push_back(portable(asset));
  }
  return json::object{{"form", kForm},
                      {"version", kFormVersion},
                      {"saved_replies", std::move(replies)},
                      {"assets", std::move(kept_assets)}};
}

Result<ImportAnswer> SavedReplies::import(Id workspace_id, Id actor_id, JsonView value, bool dry_run) {
  if (value["form"].text() != kForm) return invalid("expected \"kikimimi.saved_replies\"", "/form");
  if (TRY(value["version"].integer_or(kFormVersion)) != kFormVersion)
    return invalid("this version is not known", "/version");
  for (const char* list_name : {"assets", "saved_replies"}) {
    const auto items = value[list_name];
    if (!items.is_null() && !items.is_array()) return invalid("expected an array", items.pointer());
    if (items.size() > saved::kSavedRepliesLimit) return invalid("at most 2,000", items.pointer());
  }
  ImportAnswer answer;
  const auto take = [&](store::Transaction& tx) -> Result<void> {
    answer = {};
    auto known_assets = TRY(read_assets(tx.db(), workspace_id));
    TRY(value["assets"].each([&](JsonView item) -> Result<void> {
      const auto read = TRY(saved::read_asset(item, {}));
      if (read.kind == "image") return invalid("pictures are not imported", item.pointer() + "/kind");
      const auto old = std::find_if(known_assets.begin(), known_assets.end(),
                                    [&](const Asset& one) { return one.key == read.key; });
      if (old == known_assets.end()) {
        auto made = read;
        made.id = ids_.next();
        TRY(inside(store(tx, workspace_id, actor_id, made, true), item.pointer()));
        known_assets.push_back(std::move(made));
        ++answer.added;
        return {};
      }
      if (old->name == read.name && old->kind == read.kind && old->variants == read.variants) {
        ++answer.same;
        return {};
      }
      auto changed = read;
      changed.id = old->id;
      changed.version = old->version;
      ++answer.changed;
      return inside(store(tx, workspace_id, actor_id, changed, false), item.pointer());
    }));
    static const std::string sql =
        "SELECT id, folder, name, code, variants, needs_word, is_thanks, version FROM saved_replies WHERE "
        "workspace_id "
        "= $1 AND archived_at IS NULL";
    auto known = TRY(tx.db().all(sql, {workspace_id}, [](const store::Row& row) {
      SavedReply reply;
      reply.id = row.integer(0);
      reply.folder = row.string(1);
      reply.name = row.string(2);
      reply.code = row.string(3);
      reply.variants = saved::parse_variants(row.text(4));
      reply.needs_word = row.boolean(5);
      reply.is_thanks = row.boolean(6);
      reply.version = row.integer(7);
      return reply;
    }));
    return value["saved_replies"].each([&](JsonView item) -> Result<void> {
      const auto read = TRY(saved::read_saved_reply(item, {}));
      auto old = std::find_if(known.begin(), known.end(), [&](const SavedReply& one) {
        return read.code.empty() ? one.folder == read.folder && one.name == read.name : one.code == read.code;
      });
      if (old == known.end()) {
        auto made = read;
        made.id = ids_.next();
        made.version = 1;
        TRY(inside(store(tx, workspace_id, actor_id, made, true), item.pointer()));
        known.push_back(std::move(made));
        ++answer.added;
        return {};
      }
      if (old->folder == read.folder && old->name == read.name && old->variants == read.variants &&
          old->needs_word == read.needs_word && old->is_thanks == read.is_thanks) {
        ++answer.same;
        return {};
      }
      auto changed = read;
      changed.id = old->id;
      changed.version = old->version;
      changed.code = read.code.empty() ? old->code : read.code;
      TRY(inside(store(tx, workspace_id, actor_id, changed, false), item.pointer()));
      ++changed.version;
      *old = std::move(changed);
      ++answer.changed;
      return {};
    });
  };
  const auto done = db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(take(tx));
    if (dry_run) return Error{ErrorKind::kCancelled, "dry run", {}, "dry_run", 0};  // rolls this job back
    return {};
  });
  if (!done.ok() && done.error().code != "dry_run") return done.error();
  return answer;
}

}  // namespace kiki::reply
