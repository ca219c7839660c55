#include "reply/saved_replies.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "reply/saved/template.hpp"
#include "text/normalize.hpp"

namespace kiki::reply {

using saved::Asset;
using saved::SavedReply;

namespace {

constexpr std::size_t kProfiledWorkspaces = 64;
constexpr int kTakenFromPercent = 80;           // so much of a saved text in another: it is taken from there
constexpr std::size_t kShortestTakenGrams = 6;  // below, everybody writes that

constexpr std::string_view kColumns =
    "id, folder, name, code, variants, needs_word, is_thanks, uses, edited_uses, version, updated_at";

SavedReply read_row(const store::Row& row) {
  SavedReply reply;
  reply.id = row.integer(0);
  reply.folder = row.string(1);
  reply.name = row.string(2);
  reply.code = row.string(3);
  reply.variants = saved::parse_variants(row.text(4));
  reply.needs_word = row.boolean(5);
  reply.is_thanks = row.boolean(6);
  reply.uses = row.integer(7);
  reply.edited_uses = row.integer(8);
  reply.version = row.integer(9);
  reply.updated_at = row.integer(10);
  return reply;
}

Result<std::vector<SavedReply>> read_all(store::Connection& db, Id workspace_id) {
  static const std::string sql = "SELECT " + std::string(kColumns) +
                                 " FROM saved_replies WHERE workspace_id = $1 AND archived_at IS NULL "
                                 "ORDER BY folder, name, id";
  return db.all(sql, {workspace_id}, read_row);
}

Result<SavedReply> read_one(store::Connection& db, Id workspace_id, Id id) {
  static const std::string sql =
      "SELECT " + std::string(kColumns) +
      " FROM saved_replies WHERE workspace_id = $1 AND id = $2 AND archived_at IS NULL";
  auto found = TRY(db.one(sql, {workspace_id, id}, read_row));
  if (!found) return not_found("There is no such saved reply.");
  return std::move(*found);
}

Error taken(std::string message, std::string where, std::string code) {
  return {ErrorKind::kConflict, std::move(message), std::move(where), std::move(code), 0};
}

Error changed_since() {
  return conflict("Somebody changed it meanwhile.", "version");
}

std::string all_words(const SavedReply& reply) {
  auto words = reply.folder + " " + reply.name + " " + reply.code;
  for (const auto& variant : reply.variants) words += "\n" + variant.text;
  return words;
}

bool has_words(const SavedReply& reply, std::string_view query) {
  const auto text = text::fold(all_words(reply));
  const auto wanted = text::fold(query);
  std::size_t at = 0;
  while (at < wanted.size()) {
    const auto space = std::min(wanted.find_first_of(" \t", at), wanted.size());
    if (space > at && text.find(wanted.substr(at, space - at)) == std::string::npos) return false;
    at = space + 1;
  }
  return true;
}

// Who points to the asset; "" when nobody does.
std::string user_of(const std::vector<SavedReply>& replies, std::string_view key) {
  for (const auto& reply : replies) {
    const auto keys = saved::assets_of(reply.variants);
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) return reply.name;
  }
  return {};
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

}  // namespace

Result<void> SavedReplies::tell(store::Transaction& tx, Id workspace_id, Id actor_id, std::string_view what,
                                Id id, std::string_view change) {
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "saved_replies.changed";
  event.actor_id = actor_id;
  event.data = json::serialize(json::object{{"what", what}, {"id", to_string(id)}, {"change", change}});
  return log_.append(tx, std::move(event));
}

Result<void> SavedReplies::check_assets(store::Connection& db, Id workspace_id, const SavedReply& reply) {
  for (const auto& key : saved::assets_of(reply.variants)) {
    const auto found = TRY(db.one("SELECT 1 FROM reply_assets WHERE workspace_id = $1 AND asset_key = $2",
                                  {workspace_id, key}, [](const store::Row&) { return true; }));
    if (!found)
      return Error{ErrorKind::kInvalid, "There is no asset " + key + ".", "/variants", "no_asset", 0};
  }
  return {};
}

Result<void> SavedReplies::store(store::Transaction& tx, Id workspace_id, Id actor_id,
                                 const SavedReply& reply, bool is_new) {
  auto& db = tx.db();
  TRY(check_assets(db, workspace_id, reply));
  if (!reply.code.empty()) {
    const auto other = TRY(
        db.one("SELECT name FROM saved_replies WHERE workspace_id = $1 AND code = $2 AND archived_at IS NULL "
               "AND id <> $3",
               {workspace_id, reply.code, reply.id}, [](const store::Row& row) { return row.string(0); }));
    if (other) return taken("The short code belongs to \"" + *other + "\".", "/code", "code_taken");
  }
  const auto variants = json::serialize(saved::variants_json(reply.variants));
  const auto now_ms = clock_.now_ms();
  if (is_new) {
    const auto count =
        TRY(db.one("SELECT COUNT(*) FROM saved_replies WHERE workspace_id = $1 AND archived_at IS NULL",
                   {workspace_id}, [](const store::Row& row) { return row.integer(0); }));
    if (count.value_or(0) >= static_cast<std::int64_t>(saved::kSavedRepliesLimit))
      return Error{ErrorKind::kTooLarge, "At most 2,000 saved replies.", {}, "too_many", 0};
    TRY(db.run(
        "INSERT INTO saved_replies (workspace_id, id, folder, name, code, variants, needs_word, is_thanks, "
        "created_by, created_at, updated_by, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
        "$9, $10)",
        {workspace_id, reply.id, reply.folder, reply.name, reply.code, variants, reply.needs_word ? 1 : 0,
         reply.is_thanks ? 1 : 0, actor_id, now_ms}));
    return tell(tx, workspace_id, actor_id, "reply", reply.id, "added");
  }
  const auto done =
      TRY(db.run("UPDATE saved_replies SET folder = $3, name = $4, code = $5, variants = $6, needs_word = "
                 "$7, is_thanks = $8, "
                 "updated_by = $9, updated_at = $10, version = version + 1 "
                 "WHERE workspace_id = $1 AND id = $2 AND version = $11 AND archived_at IS NULL",
                 {workspace_id, reply.id, reply.folder, reply.name, reply.code, variants,
                  reply.needs_word ? 1 : 0, reply.is_thanks ? 1 : 0, actor_id, now_ms, reply.version}));
  if (done == 0) return changed_since();
  return tell(tx, workspace_id, actor_id, "reply", reply.id, "changed");
}

Result<std::vector<SavedReply>> SavedReplies::list(Id workspace_id) {
  auto reader = TRY(db_.reader());
  return read_all(*reader, workspace_id);
}

Result<SavedReply> SavedReplies::read(Id workspace_id, Id id) {
  auto reader = TRY(db_.reader());
  return read_one(*reader, workspace_id, id);
}

Result<SavedReply> SavedReplies::add(Id workspace_id, Id actor_id, const SavedReply& reply) {
  auto made = reply;
  made.id = ids_.next();
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<SavedReply> {
    TRY(store(tx, workspace_id, actor_id, made, true));
    return read_one(tx.db(), workspace_id, made.id);
  });
}

Result<SavedReply> SavedReplies::change(Id workspace_id, Id actor_id, const SavedReply& reply) {
  return db_.writer().write_result([&](store::Transaction& tx) -> Result<SavedReply> {
    TRY(read_one(tx.db(), workspace_id, reply.id));
    TRY(store(tx, workspace_id, actor_id, reply, false));
    return read_one(tx.db(), workspace_id, reply.id);
  });
}

Result<void> SavedReplies::remove(Id workspace_id, Id actor_id, Id id) {
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    const auto done =
        TRY(tx.db().run("UPDATE saved_replies SET archived_at = $3 WHERE workspace_id = $1 AND id = $2 AND "
                        "archived_at IS NULL",
                        {workspace_id, id, clock_.now_ms()}));
    if (done == 0) return not_found("There is no such saved reply.");
    return tell(tx, workspace_id, actor_id, "reply", id, "removed");
  });
}

// --- assets

Result<std::vector<Asset>> SavedReplies::assets(Id workspace_id) {
  auto reader = TRY(db_.reader());
  return read_assets(*reader, workspace_id);
}

Result<Asset> SavedReplies::asset(Id workspace_id, Id id) {
  for (auto& one : TRY(assets(workspace_id))) {
    if (one.id == id) return std::move(one);
  }
  return not_found("There is no such asset.");
}

Result<void> SavedReplies::store(store::Transaction& tx, Id workspace_id, Id actor_id, const Asset& asset,
                                 bool is_new) {
  auto& db = tx.db();
  const auto other =
      TRY(db.one("SELECT name FROM reply_assets WHERE workspace_id = $1 AND asset_key = $2 AND id <> $3",
                 {workspace_id, asset.key, asset.id}, [](const store::Row& row) { return row.string(0); }));
  if (other) return taken("The key belongs to \"" + *other + "\".", "/key", "key_taken");
  if (asset.attachment_id != 0) {
    const auto known =
        TRY(db.one("SELECT 1 FROM attachments WHERE workspace_id = $1 AND id = $2",
                   {workspace_id, asset.attachment_id}, [](const store::Row&) { return true; }));
    if (!known) return invalid("There is no such attachment.", "/attachment_id");
  }
  const auto variants = json::serialize(saved::variants_json(asset.variants));
  const store::Param picture =
      asset.attachment_id == 0 ? store::Param(nullptr) : store::Param(asset.attachment_id);
  if (is_new) {
    const auto count = TRY(db.one("SELECT COUNT(*) FROM reply_assets WHERE workspace_id = $1", {workspace_id},
                                  [](const store::Row& row) { return row.integer(0); }));
    if (count.value_or(0) >= static_cast<std::int64_t>(saved::kAssetsLimit))
      return Error{ErrorKind::kTooLarge, "At most 2,000 assets.", {}, "too_many", 0};
    TRY(
        db.run("INSERT INTO reply_assets (workspace_id, id, asset_key, name, kind, variants, attachment_id, "
               "updated_by, "
               "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
               {workspace_id, asset.id, asset.key, asset.name, asset.kind, variants, picture, actor_id,
                clock_.now_ms()}));
    return tell(tx, workspace_id, actor_id, "asset", asset.id, "added");
  }
  const auto before =
      TRY(db.one("SELECT asset_key FROM reply_assets WHERE workspace_id = $1 AND id = $2",
                 {workspace_id, asset.id}, [](const store::Row& row) { return row.string(0); }));
  if (!before) return not_found("There is no such asset.");
  if (*before != asset.key) {
    if (const auto user = user_of(TRY(read_all(db, workspace_id)), *before); !user.empty())
      return taken("\"" + user + "\" points to it.", "/key", "in_use");
  }
  const auto done = TRY(db.run(
      "UPDATE reply_assets SET asset_key = $3, name = $4, kind = $5, variants = $6, attachment_id = $7, "
      "updated_by = $8, updated_at = $9, version = version + 1 WHERE workspace_id = $1 AND id = $2 AND "
      "version = $10",
      {workspace_id, asset.id, asset.key, asset.name, asset.kind, variants, picture, actor_id,
       clock_.now_ms(), asset.version}));
  if (done == 0) return changed_since();
  return tell(tx, workspace_id, actor_id, "asset", asset.id, "changed");
}

Result<Asset> SavedReplies::add_asset(Id workspace_id, Id actor_id, const Asset& asset) {
  auto made = asset;
  made.id = ids_.next();
  TRY(db_.writer().write(
      [&](store::Transaction& tx) -> Result<void> { return store(tx, workspace_id, actor_id, made, true); }));
  return this->asset(workspace_id, made.id);
}

Result<Asset> SavedReplies::change_asset(Id workspace_id, Id actor_id, const Asset& asset) {
  TRY(db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    return store(tx, workspace_id, actor_id, asset, false);
  }));
  return this->asset(workspace_id, asset.id);
}

Result<void> SavedReplies::remove_asset(Id workspace_id, Id actor_id, Id id) {
  return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
    auto& db = tx.db();
    const auto key = TRY(db.one("SELECT asset_key FROM reply_assets WHERE workspace_id = $1 AND id = $2",
                                {workspace_id, id}, [](const store::Row& row) { return row.string(0); }));
    if (!key) return not_found("There is no such asset.");
    if (const auto user = user_of(TRY(read_all(db, workspace_id)), *key); !user.empty())
      return conflict("\"" + user + "\" points to it.", "in_use");
    TRY(db.run("DELETE FROM reply_assets WHERE workspace_id = $1 AND id = $2", {workspace_id, id}));
    return tell(tx, workspace_id, actor_id, "asset", id, "removed");
  });
}

// --- found for a post

Result<SavedReplies::Profiles> SavedReplies::profiles(store::Connection& db, Id workspace_id,
                                                      const std::vector<SavedReply>& replies) {
  Profiles known;
  {
    const std::lock_guard lock(mutex_);
    known = profiles_[workspace_id];
  }
  bool changed = false;
  for (const auto& reply : replies) {
    const auto old = known.find(reply.id);
    if (old != known.end() && old->second->version == reply.version && old->second->uses == reply.uses)
      continue;
    changed = true;
    auto profile = std::make_shared<Profile>();
    profile->version = reply.version;
    profile->uses = reply.uses;
    auto words = reply.folder + " " + reply.name;
    for (const auto& variant : reply.variants) {
      const auto plain = saved::without_variables(variant.text);
      words += "\n" + plain;
      profile->plain.push_back(saved::grams_of(plain));
    }
    profile->own = saved::grams_of(words);
    const auto posts = TRY(db.all(
        "SELECT p.text FROM saved_reply_uses u JOIN posts p ON p.workspace_id = u.workspace_id AND p.id = "
        "u.target_post_id WHERE u.workspace_id = $1 AND u.saved_reply_id = $2 AND p.deleted_at IS NULL "
        "ORDER BY u.outbox_id DESC LIMIT $3",
        {workspace_id, reply.id, kPostsLearntFrom}, [](const store::Row& row) { return row.string(0); }));
    for (const auto& post : posts) profile->posts.push_back(saved::grams_of(post));
    known[reply.id] = std::move(profile);
  }
  if (!changed) return known;
  const std::lock_guard lock(mutex_);
  if (profiles_.size() > kProfiledWorkspaces) profiles_.clear();  // made again when asked for
  profiles_[workspace_id] = known;
  return known;
}

Result<std::vector<Offer>> SavedReplies::offers(const ValuesOf& of, std::string_view query,
                                                std::size_t limit) {
  auto reader = TRY(db_.reader());
  const auto values = TRY(read_values(*reader, of));
  auto replies = TRY(read_all(*reader, of.workspace_id));
  const auto known = TRY(profiles(*reader, of.workspace_id, replies));
  const auto wanted = saved::grams_of(values.post_text);
  std::vector<Offer> offers;
  for (auto& reply : replies) {
    if (!has_words(reply, query)) continue;
    Offer offer;
    const auto& profile = *known.at(reply.id);
    offer.percent = saved::covered_percent(wanted, profile.own);
    for (const auto& post : profile.posts)
      offer.percent = std::max(offer.percent, saved::alike_percent(wanted, post));
    offer.reply = std::move(reply);
    offers.push_back(std::move(offer));
  }
  // A short code that was typed goes before everything.
  const auto code = text::fold(query);
  std::stable_sort(offers.begin(), offers.end(), [&](const Offer& a, const Offer& b) {
    const auto rank = [&](const Offer& one) {
      return code.empty() || one.reply.code.empty() ? 0
             : one.reply.code == code               ? 2
                                                    : one.reply.code.starts_with(code);
    };
    return std::pair(rank(a), a.percent) > std::pair(rank(b), b.percent);
  });
  if (offers.size() > limit) offers.resize(limit);
  for (auto& offer : offers) {
    offer.filled =
        fill(saved::choose(offer.reply.variants, values.language, values.workspace_language), values);
  }
  return offers;
}

Result<std::optional<Offer>> SavedReplies::thanks(const ValuesOf& of) {
  auto reader = TRY(db_.reader());
  const auto values = TRY(read_values(*reader, of));
  static const std::string sql =
      "SELECT " + std::string(kColumns) +
      " FROM saved_replies WHERE workspace_id = $1 AND is_thanks = 1 AND archived_at IS "
      "NULL ORDER BY last_used_at, id";
  auto replies = TRY(reader->all(sql, {of.workspace_id}, read_row));
  std::optional<Offer> found;
  for (auto& reply : replies) {
    const auto& variant = saved::choose(reply.variants, values.language, values.workspace_language);
    const bool fits = variant.language.empty() || values.language.starts_with(variant.language.substr(0, 2));
    if (found && !fits) continue;
    Offer offer;
    offer.filled = fill(variant, values);
    offer.reply = std::move(reply);
    found = std::move(offer);
    if (fits) break;
  }
  return found;
}

Result<std::string> SavedReplies::text_that_needs_a_word(store::Connection& db, const ValuesOf& of,
                                                         std::string_view text) {
  static const std::string sql =
      "SELECT " + std::string(kColumns) +
      " FROM saved_replies WHERE workspace_id = $1 AND needs_word = 1 AND archived_at IS "
      "NULL ORDER BY id";
  const auto replies = TRY(db.all(sql, {of.workspace_id}, read_row));
  if (replies.empty()) return std::string();
  const auto known = TRY(profiles(db, of.workspace_id, replies));
  const auto draft = saved::grams_of(text);
  int best = kTakenFromPercent - 1;
  const saved::Variant* found = nullptr;
  for (const auto& reply : replies) {
    const auto& plain = known.at(reply.id)->plain;
    for (std::size_t i = 0; i < plain.size() && i < reply.variants.size(); ++i) {
      if (plain[i].size() < kShortestTakenGrams) continue;
      const auto percent = saved::covered_percent(plain[i], draft);
      if (percent <= best) continue;
      best = percent;
      found = &reply.variants[i];
    }
  }
  if (found == nullptr) return std::string();
  return fill(*found, TRY(read_values(db, of))).text;
}

// --- how they do

Result<void> SavedReplies::record_use(store::Transaction& tx, const ValuesOf& of, Id saved_reply_id,
                                      Id outbox_id, std::string_view sent_text, TimeMs now_ms) {
  auto& db = tx.db();
  static const std::string sql =
      "SELECT " + std::string(kColumns) + " FROM saved_replies WHERE workspace_id = $1 AND id = $2";
  const auto reply = TRY(db.one(sql, {of.workspace_id, saved_reply_id}, read_row));
  if (!reply) return {};  // gone meanwhile: the reply itself matters more
  const auto values = TRY(read_values(db, of));
  const auto sent = trimmed(sent_text);
  const bool as_saved = std::any_of(reply->variants.begin(), reply->variants.end(), [&](const auto& variant) {
    return trimmed(fill(variant, values).text) == sent;
  });
  TRY(db.run(
      "INSERT INTO saved_reply_uses (workspace_id, outbox_id, saved_reply_id, case_id, target_post_id, "
      "edited, "
      "used_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {of.workspace_id, outbox_id, saved_reply_id, of.case_id, of.target_post_id, as_saved ? 0 : 1, now_ms}));
  TRY(
      db.run("UPDATE saved_replies SET uses = uses + 1, edited_uses = edited_uses + $3, last_used_at = $4 "
             "WHERE workspace_id = $1 AND id = $2",
             {of.workspace_id, saved_reply_id, as_saved ? 0 : 1, now_ms}));
  return {};
}

Result<void> SavedReplies::forget_use(store::Transaction& tx, Id workspace_id, Id outbox_id) {
  auto& db = tx.db();
  const auto use = TRY(
      db.one("SELECT saved_reply_id, edited FROM saved_reply_uses WHERE workspace_id = $1 AND outbox_id = $2",
             {workspace_id, outbox_id},
             [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
  if (!use) return {};
  TRY(db.run("DELETE FROM saved_reply_uses WHERE workspace_id = $1 AND outbox_id = $2",
             {workspace_id, outbox_id}));
  TRY(
      db.run("UPDATE saved_replies SET uses = uses - 1, edited_uses = edited_uses - $3 WHERE workspace_id = "
             "$1 AND id "
             "= $2",
             {workspace_id, use->first, use->second}));
  return {};
}

Result<std::vector<SavedResult>> SavedReplies::results(Id workspace_id) {
  auto reader = TRY(db_.reader());
  return reader->all(
      "SELECT u.saved_reply_id, COUNT(*), CAST(SUM(u.edited) AS BIGINT), "
      "SUM(CASE WHEN k.status = 'resolved' AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.workspace_id = "
      "u.workspace_id "
      "AND p.case_id = u.case_id AND p.posted_at > u.used_at AND p.direction = 'in') THEN 1 ELSE 0 END), "
      "SUM(CASE WHEN EXISTS (SELECT 1 FROM events e WHERE e.workspace_id = u.workspace_id AND e.case_id = "
      "u.case_id "
      "AND e.kind <> 'post.received' AND e.kind = 'case.reopened' AND e.at > u.used_at) THEN 1 ELSE 0 END) "
      "FROM (SELECT * FROM saved_reply_uses WHERE workspace_id = $1 ORDER BY outbox_id DESC LIMIT $2) u "
      "JOIN cases k ON k.workspace_id = u.workspace_id AND k.id = u.case_id "
      "GROUP BY u.saved_reply_id ORDER BY u.saved_reply_id",
      {workspace_id, kUsesCounted}, [](const store::Row& row) {
        return SavedResult{row.integer(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)};
      });
}

}  // namespace kiki::reply
