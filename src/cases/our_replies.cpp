// Our own posts, for the reply and delivery stages: they come in before the network has seen them, and get
// their id there later, or never.

#include <algorithm>

#include "cases/case_state.hpp"
#include "cases/cases.hpp"
#include "cases/intake.hpp"
#include "cases/opinions.hpp"
#include "cases/post_text.hpp"
#include "cases/waiting.hpp"
#include "search/search_index.hpp"

namespace kiki::cases {

using model::CaseStatus;

namespace {

struct Target {
  Id conversation_id = 0;
  Id case_id = 0;
  std::string network;
  std::string external_id;
};

struct OwnPost {
  Id id = 0;
  Id case_id = 0;
  std::string text;
};

OwnPost read_own_post(const store::Row& row) {
  return {row.integer(0), row.integer(1), row.string(2)};
}

Result<void> write(store::Connection& db, CaseState& state) {
  CountChanges counts;
  TRY(write_state(db, state, counts));
  return counts.write(db);
}

Result<CaseState> load(store::Connection& db, Id workspace_id, Id case_id) {
  auto state = TRY(load_state(db, workspace_id, case_id));
  if (!state) return not_found("There is no such case.");
  return *std::move(state);
}

Result<void> drop_post(store::Transaction& tx, Id workspace_id, const OwnPost& post) {
  TRY(search::remove_post(tx, workspace_id, post.id, post.text));
  TRY(tx.db().run("DELETE FROM posts WHERE workspace_id = $1 AND id = $2", {workspace_id, post.id}));
  TRY(forget_files(tx.db(), workspace_id, post.id));
  return {};
}

}  // namespace

Result<void> Cases::record_reply(store::Transaction& tx, const OurReply& reply) {
  auto& db = tx.db();
  auto state = TRY(load(db, reply.workspace_id, reply.case_id));
  const auto target = TRY(db.one(
      "SELECT conversation_id, case_id, network, external_id FROM posts WHERE workspace_id = $1 AND id = $2",
      {reply.workspace_id, reply.target_post_id}, [](const store::Row& row) {
        return Target{row.integer(0), row.integer(1), row.string(2), row.string(3)};
      }));
  if (!target || target->case_id != reply.case_id) return not_found("There is no such post in this case.");
  const auto now_ms = clock_.now_ms();
  const auto posted_at = reply.posted_at == 0 ? now_ms : reply.posted_at;
  const auto external_id =
      reply.external_id.empty() ? "outbox:" + to_string(reply.post_id) : reply.external_id;
  const auto inserted = TRY(db.run(
      "INSERT INTO posts (workspace_id, id, case_id, conversation_id, account_id, network, direction, "
      "reason, "
      "external_id, parent_external_id, text, language, extra, author_user_id, posted_at, received_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, 'out', 'reply', $7, $8, $9, $10, $11, $12, $13, $14) "
      "ON CONFLICT (external_id, workspace_id) DO NOTHING",
      {reply.workspace_id, reply.post_id, reply.case_id, target->conversation_id, reply.account_id,
       target->network, external_id, target->external_id, reply.text, reply.language, reply.extra,
       reply.author_user_id, posted_at, now_ms}));
  if (inserted == 0) return conflict("This reply is there already.", "unique");
  TRY(search::index_post(tx, reply.workspace_id, reply.post_id, reply.text));
  TRY(db.run(
      "DELETE FROM drafts WHERE workspace_id = $1 AND case_id = $2 AND user_id = $3 AND kind = 'reply'",
      {reply.workspace_id, reply.case_id, reply.author_user_id}));
  if (const auto opinion = TRY(take_opinion(db, reply.workspace_id, reply.case_id)))
    TRY(tell_opinion_answered(tx, log_, {reply.workspace_id, reply.case_id, reply.author_user_id, {}},
                              *opinion, CaseStatus::kOpen));
  ++state.post_count;
  state.status = CaseStatus::kWaiting;
  state.waiting_since.reset();
  state.promised_from.reset();
  state.snoozed_until.reset();
  state.resolved_at.reset();
  state.dismiss_reason.clear();
  state.last_post_at = std::max(state.last_post_at, posted_at);
  state.last_out_at = std::max(state.last_out_at.value_or(posted_at), posted_at);
  if (!state.first_reply_at) state.first_reply_at = posted_at;
  return write(db, state);
}

Result<void> Cases::reply_sent(store::Transaction& tx, Id workspace_id, Id post_id,
                               std::string_view external_id, std::string_view revision,
                               std::string_view url) {
  auto& db = tx.db();
  if (!external_id.empty()) {
    const auto copy =
        TRY(db.one("SELECT id, case_id, text FROM posts WHERE external_id = $1 AND workspace_id = $2",
                   {external_id, workspace_id}, read_own_post));
    if (copy && copy->id != post_id) {
      TRY(drop_post(tx, workspace_id, *copy));
      auto state = TRY(load(db, workspace_id, copy->case_id));
      --state.post_count;
      TRY(write(db, state));
    }
    TRY(db.run("UPDATE posts SET external_id = $3 WHERE workspace_id = $1 AND id = $2",
               {workspace_id, post_id, external_id}));
  }
  if (!revision.empty()) {
    TRY(db.run("UPDATE posts SET revision = $3 WHERE workspace_id = $1 AND id = $2",
               {workspace_id, post_id, revision}));
  }
  if (!url.empty()) {
    TRY(db.run("UPDATE posts SET url = $3 WHERE workspace_id = $1 AND id = $2",
               {workspace_id, post_id, url}));
  }
  return {};
}

Result<void> Cases::remove_reply(store::Transaction& tx, Id workspace_id, Id post_id) {
  const auto post = TRY(tx.db().one(
      "SELECT id, case_id, text FROM posts WHERE workspace_id = $1 AND id = $2 AND direction = 'out'",
      {workspace_id, post_id}, read_own_post));
  if (!post) return not_found("There is no such reply.");
  TRY(drop_post(tx, workspace_id, *post));
  auto state = TRY(load(tx.db(), workspace_id, post->case_id));
  --state.post_count;
  TRY(settle_waiting(tx.db(), state, clock_.now_ms()));
  return write(tx.db(), state);
}

Result<void> Cases::refresh_waiting(store::Transaction& tx, Id workspace_id, Id case_id) {
  auto state = TRY(load(tx.db(), workspace_id, case_id));
  TRY(settle_waiting(tx.db(), state, clock_.now_ms()));
  return write(tx.db(), state);
}

Result<void> Cases::reply_sent_again(store::Transaction& tx, Id workspace_id, Id case_id, Id post_id) {
  const auto now_ms = clock_.now_ms();
  TRY(
      tx.db().run("UPDATE posts SET posted_at = $3, received_at = $3 WHERE workspace_id = $1 AND id = $2 AND "
                  "direction = 'out'",
                  {workspace_id, post_id, now_ms}));
  auto state = TRY(load(tx.db(), workspace_id, case_id));
  state.last_post_at = std::max(state.last_post_at, now_ms);
  TRY(settle_waiting(tx.db(), state, now_ms));
  return write(tx.db(), state);
}

Result<void> Cases::post_deleted(store::Transaction& tx, Id workspace_id, std::string_view external_id,
                                 TimeMs deleted_at) {
  struct Found {
    Id id = 0;
    Id case_id = 0;
    bool is_deleted = false;
  };
  const auto post = TRY(
      tx.db().one("SELECT id, case_id, deleted_at FROM posts WHERE external_id = $1 AND workspace_id = $2",
                  {external_id, workspace_id},
                  [](const store::Row& row) { return Found{row.integer(0), row.integer(1), !row.null(2)}; }));
  if (!post || post->is_deleted) return {};
  auto state = TRY(load(tx.db(), workspace_id, post->case_id));
  TRY(empty_post(tx, log_, state, post->id, deleted_at));
  return write(tx.db(), state);
}

}  // namespace kiki::cases
