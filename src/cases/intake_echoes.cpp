// What comes back of what we did: receipts of our replies, our own post that an agent wrote on the network's
// page, and how a customer stands to us; and the files that a post brings.

#include <algorithm>
#include <boost/json.hpp>

#include "cases/intake.hpp"
#include "cases/post_text.hpp"
#include "cases/private_links.hpp"
#include "cases/waiting.hpp"
#include "search/search_index.hpp"

namespace kiki::cases {

namespace {

// failed stands above all but read: who read it has it.
int rank_of(std::string_view receipt) {
  if (receipt == "delivered") return 1;
  if (receipt == "failed") return 2;
  return receipt == "read" ? 3 : 0;
}

struct Sent {
  Id outbox_id = 0;
  Id post_id = 0;
  Id case_id = 0;
  std::string state;
  std::string receipt;
};

}  // namespace

Result<void> Intake::relation(Id workspace_id, const people::IdentityFacts& facts, std::string_view relation,
                              TimeMs changed_at) {
  TRY(profile(workspace_id, facts));
  const auto known = TRY(people::find_identity(db(), workspace_id, facts.network, facts.external_id));
  if (!known) {  // who follows us before they write is nobody's customer yet
    TRY(db().run(
        "INSERT INTO stranger_relations (workspace_id, network, external_id, relation, relation_at) VALUES "
        "($1, $2, $3, $4, $5) ON CONFLICT (workspace_id, network, external_id) DO UPDATE SET relation = "
        "excluded.relation, relation_at = excluded.relation_at WHERE stranger_relations.relation_at <= "
        "excluded.relation_at",
        {workspace_id, facts.network, facts.external_id, relation, changed_at}));
    return {};
  }
  const auto changed = TRY(db().run(
      "UPDATE identities SET relation = $3, relation_at = $4 WHERE workspace_id = $1 AND id = $2 AND "
      "relation_at <= $4 AND relation <> $3",
      {workspace_id, known->id, relation, changed_at}));
  if (changed == 0) return {};
  events::Event event;
  event.workspace_id = workspace_id;
  event.kind = "person.changed";
  event.data = R"({"person_id":")" + to_string(known->person_id) + "\"}";
  return log_.append(tx_, std::move(event));
}

Result<void> Intake::receipt(Id workspace_id, const Receipt& receipt) {
  const int rank = rank_of(receipt.kind);
  const bool is_copy = receipt.kind == "copy_failed";
  if (rank == 0 && !is_copy) return {};
  const auto sent = TRY(db().one(
      "SELECT o.id, p.id, p.case_id, o.state, o.receipt FROM posts p JOIN outbox o ON o.workspace_id = "
      "p.workspace_id AND o.post_id = p.id AND o.action = 'reply' WHERE p.external_id = $1 AND "
      "p.workspace_id = $2 AND p.direction = 'out' ORDER BY o.id DESC LIMIT 1",
      {receipt.external_id, workspace_id}, [](const store::Row& row) {
        return Sent{row.integer(0), row.integer(1), row.integer(2), row.string(3), row.string(4)};
      }));
  if (sent && is_copy) {
    // The customer has it: it stands in the case, once, and nothing waits.
    const auto told = boost::json::serialize(
        boost::json::object{{"reply_id", to_string(sent->outbox_id)}, {"detail", receipt.detail}});
    const auto known =
        TRY(db().one("SELECT 1 FROM events WHERE workspace_id = $1 AND case_id = $2 AND kind = "
                     "'reply.copy_failed' AND kind <> 'post.received' AND data = $3 LIMIT 1",
                     {workspace_id, sent->case_id, told}, [](const store::Row&) { return true; }));
    if (known) return {};
    return tell("reply.copy_failed", *TRY(case_state(workspace_id, sent->case_id)), sent->post_id, told);
  }
  if (!sent || rank <= rank_of(sent->receipt) || sent->state == "held" || sent->state == "cancelled")
    return {};
  TRY(
      db().run("UPDATE outbox SET receipt = $3, receipt_detail = $4, receipt_at = $5 WHERE workspace_id = $1 "
               "AND id = $2",
               {workspace_id, sent->outbox_id, receipt.kind, receipt.detail, receipt.at}));
  boost::json::object data{{"reply_id", to_string(sent->outbox_id)}, {"receipt", receipt.kind}};
  auto* state = TRY(case_state(workspace_id, sent->case_id));
  if (receipt.kind == "failed") {
    TRY(
        db().run("UPDATE outbox SET state = 'failed', next_at = NULL, error = $3, error_code = 'not_arrived' "
                 "WHERE workspace_id = $1 AND id = $2",
                 {workspace_id, sent->outbox_id, receipt.detail}));
    // Nobody answered the customer after all: the case comes back, also when somebody thought it was done.
    const bool was_closed = state->status == model::CaseStatus::kResolved;
    TRY(recompute_waiting(db(), *state));
    if (state->status != model::CaseStatus::kDismissed) open_now(*state, now_ms_);
    if (was_closed) TRY(tell("case.reopened", *state, sent->post_id, R"({"from":"resolved"})"));
    data["state"] = "failed";
    data["action"] = "reply";
  }
  return tell(receipt.kind == "failed" ? "reply.returned" : "reply.receipt", *state, sent->post_id,
              boost::json::serialize(data));
}

// An agent opened the network's page with a text of ours (outbox state "elsewhere"), and here is the post: it
// is that one, not a second one. Told "done there" before or not.
Result<std::optional<Applied>> Intake::found_elsewhere(const PostFacts& facts, const Place& place) {
  if (facts.parent_external_id.empty()) return std::optional<Applied>();
  struct Row {
    Id id = 0;
    Id post_id = 0;
    Id created_by = 0;
  };
  const auto row = TRY(db().one(
      "SELECT id, post_id, created_by FROM outbox WHERE workspace_id = $1 AND case_id = $2 AND account_id = "
      "$3 AND target_external_id = $4 AND state IN ('elsewhere', 'done_there') ORDER BY id LIMIT 1",
      {facts.workspace_id, place.case_id, facts.account_id, facts.parent_external_id},
      [](const store::Row& found) { return Row{found.integer(0), found.integer(1), found.integer(2)}; }));
  if (!row) return std::optional<Applied>();
  auto* state = TRY(case_state(facts.workspace_id, place.case_id));
  Applied applied{Outcome::kNew, row->post_id, place.case_id, false, false};
  if (row->post_id == 0) {
    applied.post_id = ids_.next();
    TRY(insert_post(facts, applied.post_id, place, std::nullopt));
    TRY(index_text(facts, applied.post_id));
    TRY(we_wrote(*state, facts));
    TRY(look_for_early_answers(facts));
  } else {
    // What stands there is what counts: it may have been changed on the way.
    const auto old = TRY(db().one("SELECT text FROM posts WHERE workspace_id = $1 AND id = $2",
                                  {facts.workspace_id, row->post_id},
                                  [](const store::Row& found) { return found.string(0); }));
    TRY(search::remove_post(tx_, facts.workspace_id, row->post_id, old.value_or("")));
    TRY(
        db().run("UPDATE posts SET external_id = $3, revision = $4, url = $5, text = $6, extra = $7, "
                 "posted_at = $8, journal_seq = $9 WHERE workspace_id = $1 AND id = $2",
                 {facts.workspace_id, row->post_id, facts.external_id, facts.revision, facts.url, facts.text,
                  facts.extra, facts.posted_at, facts.journal_seq}));
    TRY(index_text(facts, row->post_id));
  }
  TRY(db().run("UPDATE posts SET author_user_id = $3 WHERE workspace_id = $1 AND id = $2",
               {facts.workspace_id, applied.post_id, row->created_by}));
  TRY(
      db().run("UPDATE outbox SET state = 'confirmed', post_id = $3, sent_at = COALESCE(sent_at, $4), "
               "confirmed_at = $5 WHERE workspace_id = $1 AND id = $2",
               {facts.workspace_id, row->id, applied.post_id, facts.posted_at, now_ms_}));
  TRY(offer_private_links(tx_, log_, facts.workspace_id, row->id, now_ms_));
  TRY(tell(
      "reply.state", *state, applied.post_id,
      R"({"reply_id":")" + to_string(row->id) + R"(","action":"reply","state":"confirmed","found":true})"));
  return std::optional(applied);
}

Result<void> Intake::want_files(const PostFacts& facts, Id post_id) {
  // An edit may bring others; those it still has are not fetched again.
  const auto known =
      TRY(db().all("SELECT number FROM post_files WHERE workspace_id = $1 AND post_id = $2",
                   {facts.workspace_id, post_id}, [](const store::Row& row) { return row.integer(0); }));
  for (const auto number : known) {
    const bool stays =
        std::ranges::any_of(facts.files, [&](const auto& file) { return file.number == number; });
    if (stays) continue;
    TRY(db().run("DELETE FROM post_files WHERE workspace_id = $1 AND post_id = $2 AND number = $3",
                 {facts.workspace_id, post_id, number}));
  }
  for (const auto& file : facts.files) {
    TRY(db().run(
        "INSERT INTO post_files (workspace_id, post_id, number, account_id, journal_seq, reference, state, "
        "next_try_at, name, content_type, size_bytes) VALUES ($1, $2, $3, $4, $5, $6, 'wanted', $7, $8, $9, "
        "$10) ON CONFLICT (workspace_id, post_id, number) DO UPDATE SET journal_seq = excluded.journal_seq, "
        "state = CASE WHEN post_files.reference = excluded.reference THEN post_files.state ELSE 'wanted' "
        "END, "
        "next_try_at = CASE WHEN post_files.reference = excluded.reference THEN post_files.next_try_at ELSE "
        "excluded.next_try_at END, "
        "body = CASE WHEN post_files.reference = excluded.reference THEN post_files.body ELSE NULL END, "
        "tries = CASE WHEN post_files.reference = excluded.reference THEN post_files.tries ELSE 0 END, "
        "reference = excluded.reference",
        {facts.workspace_id, post_id, file.number, facts.account_id, facts.journal_seq, file.reference,
         now_ms_, file.name, file.content_type, file.size_bytes}));
  }
  return {};
}

}  // namespace kiki::cases
