#include "cases/intake.hpp"

#include <algorithm>
#include <utility>

#include "cases/case_triage.hpp"
#include "cases/excerpt.hpp"
#include "cases/post_text.hpp"
#include "cases/private_links.hpp"
#include "cases/waiting.hpp"
#include "search/search_index.hpp"

namespace kiki::cases {

using model::CaseStatus;
using model::Direction;

namespace {

constexpr TimeMs kMinuteMs = 60'000;
constexpr TimeMs kEarlyAnswerKeptMs = 7 * 24 * 60 * kMinuteMs;
constexpr std::int64_t kEarlyAnswersLimit = 10'000;  // a workspace

std::string memo_key(Id workspace_id, std::string_view a, std::string_view b) {
  std::string key = to_string(workspace_id);
  key.reserve(key.size() + a.size() + b.size() + 2);
  key += '\n';
  key += a;
  key += '\n';
  key += b;
  return key;
}

std::string_view thread_of(const PostFacts& facts) {
  return facts.thread_external_id.empty() ? facts.external_id : facts.thread_external_id;
}

bool is_found(const PostFacts& facts) {
  return facts.reason == "found";
}

std::string ids_json(std::span<const Id> ids) {
  std::string json = "[";
  for (const Id id : ids) {
    if (json.size() > 1) json += ',';
    json += '"' + to_string(id) + '"';
  }
  return json += ']';
}

}  // namespace

struct Intake::Stored {
  Id id = 0;
  Id case_id = 0;
  Id conversation_id = 0;
  Direction direction = Direction::kIn;
  std::string reason;
  std::string revision;
  std::string text;
  std::string extra;
  bool is_deleted = false;
  std::int64_t journal_seq = 0;
};

Result<Applied> Intake::post(const PostFacts& facts) {
  auto stored = TRY(find_post(facts.workspace_id, facts.external_id));
  // The stream offers again what we hold: that alone makes nobody a customer.
  const bool wanted = !is_found(facts) || !facts.topic_ids.empty();
  if (stored && stored->direction == Direction::kContext && facts.direction == Direction::kIn && wanted &&
      !stored->is_deleted) {
    // Seen as somebody else's post in a thread; now it is a need of its own.
    TRY(db().run("DELETE FROM posts WHERE workspace_id = $1 AND id = $2", {facts.workspace_id, stored->id}));
    TRY(forget_files(db(), facts.workspace_id, stored->id));
    if (stored->journal_seq != facts.journal_seq) TRY(forget_journal_body(db(), stored->journal_seq));
    stored.reset();
  }
  if (stored) return known_post(facts, *stored);
  if (TRY(take_tombstone(facts))) return Applied{Outcome::kDeleted, 0, 0, false};
  if (facts.direction == Direction::kIn && facts.needs_topic && is_found(facts) && facts.topic_ids.empty()) {
    // A topic was changed, or mutes the author, since the stream's item was journaled.
    if (facts.is_whole_item) TRY(forget_journal_body(db(), facts.journal_seq));
    return Applied{Outcome::kUnwanted, 0, 0, false};
  }
  return facts.direction == Direction::kIn ? new_customer_post(facts) : new_other_post(facts);
}

Result<Applied> Intake::new_customer_post(const PostFacts& facts) {
  const auto author = TRY(identity(facts.workspace_id, facts.author));
  auto place = TRY(customer_place(facts, author.identity_id));
  TakenLink link;
  if (!facts.continues.empty() && facts.is_private) place = TRY(continued_place(facts, author, place, link));
  const bool opened = !place;
  if (opened) place = TRY(open_case(facts, author));
  auto* state = TRY(case_state(facts.workspace_id, place->case_id));
  Applied applied{Outcome::kNew, ids_.next(), place->case_id, false, !author.page_read};
  TRY(insert_post(facts, applied.post_id, *place, author.identity_id));
  TRY(count_topics(facts, state->id));
  TRY(index_text(facts, applied.post_id));

  const auto before = state->status;
  customer_wrote(*state, facts);
  std::string data = R"({"direction":"in","status":")";
  data += model::name(state->status);
  data += opened ? R"(","opened":true})" : R"("})";
  TRY(tell("post.received", *state, applied.post_id, std::move(data)));
  if (!link.refused.empty() && link.case_id != state->id) {
    // Whoever reads this one is told which case they may have meant.
    TRY(tell(
        "private.refused", *state, applied.post_id,
        R"({"why":")" + std::string(link.refused) + R"(","case_id":")" + to_string(link.case_id) + "\"}"));
  }
  if (before != state->status && !opened) {
    if (before == CaseStatus::kSnoozed || before == CaseStatus::kWatched) {
      TRY(tell("case.woken", *state, applied.post_id, R"({"by":"post"})"));
    } else if (before == CaseStatus::kResolved || before == CaseStatus::kDismissed) {
      TRY(tell("case.reopened", *state, applied.post_id,
               R"({"from":")" + std::string(model::name(before)) + "\"}"));
    }
  }
  TRY(look_for_early_answers(facts));
  if (!facts.parent_external_id.empty()) {
    applied.parent_is_missing = !TRY(find_post(facts.workspace_id, facts.parent_external_id)).has_value();
  }
  return applied;
}

// Our own post that was written elsewhere, or one of somebody else in a thread: belongs where the thread is.
Result<Applied> Intake::new_other_post(const PostFacts& facts) {
  const auto place = TRY(thread_place(facts));
  if (!place) {
    if (facts.direction == Direction::kOut) TRY(remember_early_answer(facts));
    return Applied{Outcome::kUnplaced, 0, 0, false};
  }
  if (facts.direction == Direction::kOut) {
    if (const auto known = TRY(found_elsewhere(facts, *place))) return *known;
  }
  auto* state = TRY(case_state(facts.workspace_id, place->case_id));
  Applied applied{Outcome::kNew, ids_.next(), place->case_id, false};
  std::optional<Id> author;
  if (facts.direction == Direction::kContext) {
    const auto known =
        TRY(people::find_identity(db(), facts.workspace_id, facts.author.network, facts.author.external_id));
    if (known) author = known->id;
  }
  TRY(insert_post(facts, applied.post_id, *place, author));
  if (facts.direction == Direction::kOut) {
    TRY(index_text(facts, applied.post_id));
    TRY(we_wrote(*state, facts));
    TRY(look_for_early_answers(facts));
  }
  const bool was_watched = state->status == CaseStatus::kWatched;
  if (was_watched) {  // whoever writes, it is what was watched for
    TRY(recompute_waiting(db(), *state));
    come_back(*state, now_ms_);
  }
  std::string data = R"({"direction":")" + std::string(model::name(facts.direction)) + R"(","status":")";
  data += model::name(state->status);
  TRY(tell("post.received", *state, applied.post_id, std::move(data += "\"}")));
  if (was_watched) TRY(tell("case.woken", *state, applied.post_id, R"({"by":"post"})"));
  return applied;
}

void Intake::customer_wrote(CaseState& state, const PostFacts& facts) {
  state.changed = true;
  ++state.post_count;
  state.last_post_at = std::max(state.last_post_at, facts.posted_at);
  const bool is_newest = !state.last_in_at || facts.posted_at >= *state.last_in_at;
  if (is_newest) {
    state.last_in_at = facts.posted_at;
    state.network = facts.network;
    auto line = first_line(facts.text, kPreviewCharacters, facts.marks);
    state.preview = std::move(line.text);
    state.preview_marks = to_json_text(line.marks);
  }
  if (!is_unanswered(facts.posted_at, state.last_out_at)) return;  // history that came late
  if (facts.verdict != nullptr) {
    auto triage = parse_triage(state.triage);
    if (!state.waiting_since || state.triage.empty()) {
      triage = of_first(*facts.verdict);
    } else {
      add_post(triage, *facts.verdict);
    }
    state.triage = to_text(triage);
  }

  const bool addressed = !is_found(facts);
  const bool ours = state.first_reply_at.has_value() || !state.is_found;  // a conversation we are part of
  if (!addressed && !ours && facts.watched_only) {
    if (state.is_new || state.status == CaseStatus::kDismissed) {
      state.status = CaseStatus::kDismissed;
      state.dismiss_reason = kWatchedOnly;
    }
    return;
  }
  if (addressed) state.is_found = false;
  switch (state.status) {
    case CaseStatus::kFound:
      state.status = addressed ? CaseStatus::kOpen : CaseStatus::kFound;
      break;
    case CaseStatus::kResolved:
      state.status = addressed || ours ? CaseStatus::kOpen : CaseStatus::kFound;
      break;
    case CaseStatus::kDismissed:
      state.status = addressed ? CaseStatus::kOpen : CaseStatus::kFound;
      break;
    case CaseStatus::kWatched:
      state.status = addressed || ours ? CaseStatus::kOpen : CaseStatus::kFound;
      break;
    case CaseStatus::kOpen:
    case CaseStatus::kWaiting:
    case CaseStatus::kSnoozed:
      state.status = CaseStatus::kOpen;
      break;
  }
  state.snoozed_until.reset();
  state.resolved_at.reset();
  state.dismiss_reason.clear();
  state.waiting_since = std::min(state.waiting_since.value_or(facts.posted_at), facts.posted_at);
  state.promised_from.reset();
  if (state.status == CaseStatus::kOpen) state.promised_from = state.waiting_since;
}

Result<void> Intake::we_wrote(CaseState& state, const PostFacts& facts) {
  state.changed = true;
  ++state.post_count;
  state.last_post_at = std::max(state.last_post_at, facts.posted_at);
  state.last_out_at = std::max(state.last_out_at.value_or(facts.posted_at), facts.posted_at);
  state.first_reply_at = std::min(state.first_reply_at.value_or(facts.posted_at), facts.posted_at);
  if (state.status == CaseStatus::kWatched) {  // somebody answered after all, elsewhere
    state.status = CaseStatus::kWaiting;
    state.snoozed_until.reset();
    state.dismiss_reason.clear();
    return {};
  }
  if (!state.waiting_since || facts.posted_at < *state.waiting_since) return {};
  if (!state.last_in_at || facts.posted_at >= *state.last_in_at) {
    state.waiting_since.reset();
    state.promised_from.reset();
    state.snoozed_until.reset();
    if (state.status != CaseStatus::kResolved && state.status != CaseStatus::kDismissed) {
      state.status = CaseStatus::kWaiting;
    }
    return {};
  }
  // It answers some posts, and the customer wrote again since.
  const auto next =
      TRY(db().one("SELECT MIN(posted_at) FROM posts WHERE workspace_id = $1 AND case_id = $2 AND posted_at "
                   "> $3 AND direction = 'in'",
                   {state.workspace_id, state.id, facts.posted_at},
                   [](const store::Row& row) { return row.maybe_integer(0); }));
  if (const auto since = next.value_or(std::nullopt)) {
    state.waiting_since = since;
    if (state.status == CaseStatus::kOpen) state.promised_from = since;
  }
  return {};
}

Result<Applied> Intake::known_post(const PostFacts& facts, Stored& stored) {
  Applied applied{Outcome::kDuplicate, stored.id, stored.case_id, false};
  const auto forget_raw = [&]() -> Result<void> {
    // The same text a second time: when the post is deleted one day, no copy may be left.
    if (facts.is_whole_item && facts.journal_seq != stored.journal_seq) {
      TRY(forget_journal_body(db(), facts.journal_seq));
    }
    return {};
  };
  if (stored.is_deleted) {
    TRY(forget_raw());
    applied.outcome = Outcome::kDeleted;
    return applied;
  }
  if (stored.direction == Direction::kIn && stored.reason == "found" && facts.direction == Direction::kIn &&
      !is_found(facts)) {
    TRY(address(facts, stored));
    applied.outcome = Outcome::kAddressed;
  }
  const bool same_text = stored.text == facts.text;
  const bool same_revision = stored.revision == facts.revision;
  const bool told_now = stored.revision.empty() && !facts.revision.empty();
  // The network tells the revision later, or of our own post for the first time (it may have tidied the
  // text).
  const bool first_revision =
      (stored.revision.empty() && same_text) || (told_now && stored.direction == Direction::kOut);
  if ((same_revision && (same_text || !facts.revision.empty())) || first_revision) {
    if (!same_revision) {
      TRY(
          db().run("UPDATE posts SET revision = $3, url = CASE WHEN url = '' THEN $4 ELSE url END "
                   "WHERE workspace_id = $1 AND id = $2",
                   {facts.workspace_id, stored.id, facts.revision, facts.url}));
    }
    TRY(forget_raw());
    return applied;
  }
  if (has_old_revision(stored.extra, facts.revision)) {
    TRY(forget_raw());
    return applied;
  }
  TRY(edit(facts, stored));
  applied.outcome = Outcome::kEdited;
  return applied;
}

Result<void> Intake::edit(const PostFacts& facts, const Stored& stored) {
  const auto extra = with_old_revision(facts.extra, stored.extra, stored.revision);
  TRY(db().run(
      "UPDATE posts SET text = $3, revision = $4, language = $5, marks = $6, topic_ids = $7, extra = $8, "
      "edited_at = $9, journal_seq = $10 WHERE workspace_id = $1 AND id = $2",
      {facts.workspace_id, stored.id, facts.text, facts.revision, facts.language, to_json_text(facts.marks),
       ids_json(facts.topic_ids), extra, now_ms_, facts.journal_seq}));
  TRY(want_files(facts, stored.id));
  if (stored.journal_seq != facts.journal_seq) TRY(forget_journal_body(db(), stored.journal_seq));
  if (stored.direction != Direction::kContext) {
    TRY(search::remove_post(tx_, facts.workspace_id, stored.id, stored.text));
    TRY(search::index_post(tx_, facts.workspace_id, stored.id, facts.text));
  }
  auto* state = TRY(case_state(facts.workspace_id, stored.case_id));
  if (stored.direction == Direction::kIn) {
    // What is not written yet would be missing for the newly worked out preview.
    TRY(refresh_quotes(db(), *state, stored.text));
    TRY(count_topics(facts, state->id));
  }
  state->changed = true;
  return tell("post.edited", *state, stored.id,
              R"({"direction":")" + std::string(model::name(stored.direction)) + "\"}");
}

// Found by a keyword first, and now the same post comes as a mention: it is addressed to us.
Result<void> Intake::address(const PostFacts& facts, const Stored& stored) {
  TRY(db().run("UPDATE posts SET reason = $3, account_id = $4 WHERE workspace_id = $1 AND id = $2",
               {facts.workspace_id, stored.id, facts.reason, facts.account_id}));
  TRY(db().run("UPDATE conversations SET account_id = $3 WHERE workspace_id = $1 AND id = $2",
               {facts.workspace_id, stored.conversation_id, facts.account_id}));
  auto* state = TRY(case_state(facts.workspace_id, stored.case_id));
  state->account_id = facts.account_id;
  state->is_found = false;
  state->changed = true;
  std::string data = R"({"from":")" + std::string(model::name(state->status));
  if (state->status == CaseStatus::kFound) {
    state->status = CaseStatus::kOpen;
    if (!state->waiting_since) state->waiting_since = facts.posted_at;
    state->promised_from = state->waiting_since;
  }
  data += R"(","to":")" + std::string(model::name(state->status)) + R"(","addressed":true})";
  return tell("case.status", *state, stored.id, std::move(data));
}

Result<Applied> Intake::deletion(Id workspace_id, std::string_view external_id, TimeMs deleted_at) {
  const auto stored = TRY(find_post(workspace_id, external_id));
  if (!stored) {
    workspaces_[workspace_id].has_tombstones = true;
    TRY(
        db().run("INSERT INTO tombstones (workspace_id, external_id, deleted_at) VALUES ($1, $2, $3) "
                 "ON CONFLICT (workspace_id, external_id) DO NOTHING",
                 {workspace_id, external_id, deleted_at}));
    return Applied{Outcome::kDeleted, 0, 0, false};
  }
  if (stored->is_deleted) return Applied{Outcome::kDuplicate, stored->id, stored->case_id, false};
  auto* state = TRY(case_state(workspace_id, stored->case_id));
  TRY(empty_post(tx_, log_, *state, stored->id, deleted_at));
  return Applied{Outcome::kDeleted, stored->id, stored->case_id, false};
}

std::string behind_prefix(std::string_view prefix) {
  std::string behind(prefix);
  ++behind.back();
  return behind;
}

Result<void> Intake::author_gone(Id workspace_id, std::string_view network, std::string_view external_id,
                                 std::string_view posts_prefix, TimeMs gone_at) {
  struct Said {
    Id post_id;
    Id case_id;
  };
  const auto said_of = [](const store::Row& row) { return Said{row.integer(0), row.integer(1)}; };
  std::vector<Said> said;
  if (const auto known = TRY(people::find_identity(db(), workspace_id, network, external_id))) {
    auto case_ids =
        TRY(db().all("SELECT id FROM cases WHERE workspace_id = $1 AND person_id = $2",
                     {workspace_id, known->person_id}, [](const store::Row& row) { return row.integer(0); }));
    for (const auto& [case_id, state] : cases_) {  // opened a moment ago, not written yet
      if (state.is_new && state.workspace_id == workspace_id && state.person_id == known->person_id)
        case_ids.push_back(case_id);
    }
    for (const Id case_id : case_ids) {
      std::ranges::move(TRY(db().all("SELECT id, case_id FROM posts WHERE workspace_id = $1 AND case_id = $2 "
                                     "AND identity_id = $3 AND deleted_at IS NULL",
                                     {workspace_id, case_id, known->id}, said_of)),
                        std::back_inserter(said));
    }
  }
  for (const auto& post : said) {
    auto* state = TRY(case_state(workspace_id, post.case_id));
    TRY(empty_post(tx_, log_, *state, post.post_id, gone_at));
  }
  if (posts_prefix.empty()) return {};
  for (const auto& post :
       TRY(db().all("SELECT id, case_id FROM posts WHERE workspace_id = $1 AND external_id >= $2 AND "
                    "external_id < $3 AND deleted_at IS NULL",
                    {workspace_id, posts_prefix, behind_prefix(posts_prefix)}, said_of))) {
    auto* state = TRY(case_state(workspace_id, post.case_id));
    TRY(empty_post(tx_, log_, *state, post.post_id, gone_at));
  }
  return {};
}

Result<void> Intake::profile(Id workspace_id, const people::IdentityFacts& facts) {
  // Only of people we know: nobody else's page is kept.
  const auto known = TRY(people::find_identity(db(), workspace_id, facts.network, facts.external_id));
  if (!known) return {};
  TRY(people::upsert_identity(tx_, ids_, workspace_id, facts, now_ms_));
  if (facts.customer_id.empty() || facts.customer_id == known->customer_id) return {};
  events::Event event;  // who they are at the brand is looked for on an open card
  event.workspace_id = workspace_id;
  event.kind = "person.changed";
  event.data = R"({"person_id":")" + to_string(known->person_id) + "\"}";
  return log_.append(tx_, std::move(event));
}

Result<bool> Intake::take_tombstone(const PostFacts& facts) {
  auto& has = workspaces_[facts.workspace_id].has_tombstones;
  if (!has) {
    has = TRY(db().one("SELECT 1 FROM tombstones WHERE workspace_id = $1 LIMIT 1", {facts.workspace_id},
                       [](const store::Row&) { return true; }))
              .has_value();
  }
  if (!*has) return false;
  const auto found =
      TRY(db().one("SELECT 1 FROM tombstones WHERE workspace_id = $1 AND external_id = $2",
                   {facts.workspace_id, facts.external_id}, [](const store::Row&) { return true; }));
  if (!found) return false;
  if (facts.is_whole_item) TRY(forget_journal_body(db(), facts.journal_seq));
  return true;
}

Result<void> Intake::remember_early_answer(const PostFacts& facts) {
  if (facts.parent_external_id.empty()) return {};
  const auto kept = TRY(db().one("SELECT COUNT(*) FROM early_answers WHERE workspace_id = $1",
                                 {facts.workspace_id}, [](const store::Row& row) { return row.integer(0); }));
  if (kept.value_or(0) >= kEarlyAnswersLimit) {
    TRY(db().run("DELETE FROM early_answers WHERE workspace_id = $1 AND received_at < $2",
                 {facts.workspace_id, now_ms_ - kEarlyAnswerKeptMs}));
  }
  TRY(db().run(
      "INSERT INTO early_answers (workspace_id, parent_external_id, journal_seq, received_at) "
      "VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, parent_external_id, journal_seq) DO NOTHING",
      {facts.workspace_id, facts.parent_external_id, facts.journal_seq, facts.received_at}));
  workspaces_[facts.workspace_id].has_early_answers = true;
  return {};
}

Result<void> Intake::look_for_early_answers(const PostFacts& facts) {
  auto& has = workspaces_[facts.workspace_id].has_early_answers;
  if (!has) {
    has = TRY(db().one("SELECT 1 FROM early_answers WHERE workspace_id = $1 LIMIT 1", {facts.workspace_id},
                       [](const store::Row&) { return true; }))
              .has_value();
  }
  if (!*has) return {};
  auto seqs = TRY(db().all(
      "SELECT journal_seq FROM early_answers WHERE workspace_id = $1 AND parent_external_id = $2 "
      "ORDER BY journal_seq",
      {facts.workspace_id, facts.external_id}, [](const store::Row& row) { return row.integer(0); }));
  if (seqs.empty()) return {};
  TRY(db().run("DELETE FROM early_answers WHERE workspace_id = $1 AND parent_external_id = $2",
               {facts.workspace_id, facts.external_id}));
  early_answers_.insert(early_answers_.end(), seqs.begin(), seqs.end());
  return {};
}

std::vector<std::int64_t> Intake::take_early_answers() {
  return std::exchange(early_answers_, {});
}

Result<std::optional<Intake::Stored>> Intake::find_post(Id workspace_id, std::string_view external_id) {
  return db().one(
      "SELECT id, case_id, conversation_id, direction, reason, revision, text, extra, deleted_at, "
      "journal_seq FROM posts "
      "WHERE external_id = $1 AND workspace_id = $2",
      {external_id, workspace_id}, [](const store::Row& row) {
        Stored stored;
        stored.id = row.integer(0);
        stored.case_id = row.integer(1);
        stored.conversation_id = row.integer(2);
        stored.direction = model::parse_direction(row.text(3));
        stored.reason = row.string(4);
        stored.revision = row.string(5);
        stored.text = row.string(6);
        stored.extra = row.string(7);
        stored.is_deleted = !row.null(8);
        stored.journal_seq = row.integer(9);
        return stored;
      });
}

Result<people::Known> Intake::identity(Id workspace_id, const people::IdentityFacts& facts) {
  auto key = memo_key(workspace_id, facts.network, facts.external_id);
  const auto memo = identities_.find(key);
  if (memo != identities_.end()) return memo->second;
  const auto known = TRY(people::upsert_identity(tx_, ids_, workspace_id, facts, now_ms_));
  identities_.emplace(std::move(key), known);
  return known;
}

Result<std::optional<Intake::Place>> Intake::customer_place(const PostFacts& facts, Id identity_id) {
  auto key = memo_key(facts.workspace_id, thread_of(facts), to_string(identity_id));
  const auto memo = conversations_.find(key);
  if (memo != conversations_.end()) return std::optional(memo->second);
  static const std::string sql =
      "SELECT v.id, " + kStateFields +
      " FROM conversations v JOIN cases c ON c.workspace_id = v.workspace_id AND c.id = "
      "v.case_id WHERE v.workspace_id = $1 AND v.external_id = $2 AND v.identity_id = $3";
  auto found =
      TRY(db().one(sql, {facts.workspace_id, thread_of(facts), identity_id},
                   [](const store::Row& row) { return std::pair(row.integer(0), read_state(row, 1)); }));
  if (!found) return joining_place(facts, identity_id);
  const Place place{found->first, found->second.id};
  cases_.emplace(place.case_id, std::move(found->second));  // keeps what this batch has changed already
  conversations_.emplace(std::move(key), place);
  return std::optional(place);
}

Result<std::optional<Intake::Place>> Intake::thread_place(const PostFacts& facts) {
  if (!facts.parent_external_id.empty()) {
    const auto parent = TRY(find_post(facts.workspace_id, facts.parent_external_id));
    if (parent) return std::optional(Place{parent->conversation_id, parent->case_id});
  }
  // The conversation where somebody wrote last.
  return db().one(
      "SELECT v.id, v.case_id FROM conversations v WHERE v.workspace_id = $1 AND v.external_id = $2 "
      "ORDER BY v.created_at DESC, v.id DESC LIMIT 1",
      {facts.workspace_id, thread_of(facts)},
      [](const store::Row& row) { return Place{row.integer(0), row.integer(1)}; });
}

Result<Intake::Place> Intake::open_case(const PostFacts& facts, const people::Known& author) {
  CaseState state;
  state.workspace_id = facts.workspace_id;
  state.id = ids_.next();
  state.number = TRY(next_number(facts.workspace_id));
  state.person_id = author.person_id;
  state.identity_id = author.identity_id;
  state.account_id = facts.account_id;
  state.network = facts.network;
  state.is_found = is_found(facts);
  state.status = state.is_found ? CaseStatus::kFound : CaseStatus::kOpen;
  state.title = first_line(facts.title.empty() ? facts.text : facts.title, kTitleCharacters).text;
  state.opened_at = now_ms_;
  state.last_post_at = facts.posted_at;
  state.is_new = true;
  const auto place = TRY(add_conversation(facts, author.identity_id, state.id));
  cases_.emplace(state.id, std::move(state));
  return place;
}

Result<Intake::Place> Intake::add_conversation(const PostFacts& facts, Id identity_id, Id case_id) {
  const Place place{ids_.next(), case_id};
  TRY(
      db().run("INSERT INTO conversations (workspace_id, id, account_id, network, external_id, visibility, "
               "identity_id, case_id, "
               "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
               {facts.workspace_id, place.conversation_id, facts.account_id, facts.network, thread_of(facts),
                facts.is_private ? "private" : "public", identity_id, place.case_id, now_ms_}));
  conversations_.insert_or_assign(memo_key(facts.workspace_id, thread_of(facts), to_string(identity_id)),
                                  place);
  return place;
}

Result<std::optional<Intake::Place>> Intake::continued_place(const PostFacts& facts,
                                                             const people::Known& author,
                                                             std::optional<Place> place, TakenLink& taken) {
  taken = TRY(take_private_link(tx_, log_, facts.workspace_id, facts.account_id, facts.continues,
                                author.identity_id, facts.posted_at, now_ms_));
  if (taken.case_id == 0 || !taken.refused.empty() || (place && place->case_id == taken.case_id))
    return place;
  if (!place) {
    place = TRY(add_conversation(facts, author.identity_id, taken.case_id));
  } else {
    // A place with one thread for ever, as messengers have: what was said before stays where it was.
    place->case_id = taken.case_id;
    TRY(db().run("UPDATE conversations SET case_id = $3 WHERE workspace_id = $1 AND id = $2",
                 {facts.workspace_id, place->conversation_id, place->case_id}));
    conversations_.insert_or_assign(
        memo_key(facts.workspace_id, thread_of(facts), to_string(author.identity_id)), *place);
  }
  TRY(note_conversation(tx_, facts.workspace_id, facts.continues, place->conversation_id));
  return place;
}

Result<CaseState*> Intake::case_state(Id workspace_id, Id case_id) {
  const auto memo = cases_.find(case_id);
  if (memo != cases_.end()) return &memo->second;
  auto state = TRY(load_state(db(), workspace_id, case_id));
  if (!state) return internal_error("a post points to a case that is not there");
  return &cases_.emplace(case_id, *std::move(state)).first->second;
}

Result<void> Intake::insert_post(const PostFacts& facts, Id post_id, const Place& place,
                                 std::optional<Id> identity_id) {
  TRY(
      db().run("INSERT INTO posts (workspace_id, id, case_id, conversation_id, account_id, identity_id, "
               "network, direction, "
               "reason, external_id, parent_external_id, revision, text, language, url, marks, topic_ids, "
               "extra, posted_at, "
               "received_at, journal_seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
               "$14, $15, $16, $17, "
               "$18, $19, $20, $21)",
               {facts.workspace_id,
                post_id,
                place.case_id,
                place.conversation_id,
                facts.account_id,
                identity_id,
                facts.network,
                model::name(facts.direction),
                facts.reason,
                facts.external_id,
                facts.parent_external_id,
                facts.revision,
                facts.text,
                facts.language,
                facts.url,
                to_json_text(facts.marks),
                ids_json(facts.topic_ids),
                facts.extra,
                facts.posted_at,
                facts.received_at,
                facts.journal_seq}));
  if (facts.files.empty()) return {};
  return want_files(facts, post_id);
}

Result<void> Intake::index_text(const PostFacts& facts, Id post_id) {
  if (facts.search_document)
    return search::index_post_document(tx_, facts.workspace_id, post_id, *facts.search_document);
  return search::index_post(tx_, facts.workspace_id, post_id, facts.text);
}

Result<void> Intake::count_topics(const PostFacts& facts, Id case_id) {
  for (const Id topic_id : facts.topic_ids) {
    TRY(
        db().run("INSERT INTO case_topics (workspace_id, topic_id, case_id) VALUES ($1, $2, $3) "
                 "ON CONFLICT (workspace_id, topic_id, case_id) DO NOTHING",
                 {facts.workspace_id, topic_id, case_id}));
    for (const std::int64_t minutes : {1, 10, 60}) {
      const auto length_ms = minutes * kMinuteMs;
      ++topic_posts_[{facts.workspace_id, topic_id, minutes, now_ms_ / length_ms * length_ms}];
    }
  }
  return {};
}

Result<std::int64_t> Intake::next_number(Id workspace_id) {
  auto& next = workspaces_[workspace_id].next_number;
  if (!next) {
    // An update, so that on PostgreSQL nobody else takes the same numbers meanwhile.
    next = TRY(db().one(
        "UPDATE workspaces SET next_case_number = next_case_number WHERE id = $1 RETURNING next_case_number",
        {workspace_id}, [](const store::Row& row) { return row.integer(0); }));
    if (!next) return not_found("There is no such workspace.");
  }
  return (*next)++;
}

Result<void> Intake::tell(std::string_view kind, const CaseState& state, Id post_id, std::string data) {
  events::Event event;
  event.workspace_id = state.workspace_id;
  event.at = now_ms_;
  event.kind = kind;
  event.case_id = state.id;
  event.post_id = post_id;
  event.data = std::move(data);
  return log_.append(tx_, std::move(event));
}

Result<void> Intake::finish() {
  CountChanges counts;
  for (auto& [id, state] : cases_) {
    if (state.changed || state.is_new) TRY(write_state(db(), state, counts));
  }
  TRY(counts.write(db()));
  for (const auto& [workspace_id, workspace] : workspaces_) {
    if (!workspace.next_number) continue;
    TRY(db().run("UPDATE workspaces SET next_case_number = $2 WHERE id = $1",
                 {workspace_id, *workspace.next_number}));
  }
  for (const auto& [key, posts] : topic_posts_) {
    const auto& [workspace_id, topic_id, minutes, start] = key;
    TRY(db().run(
        "INSERT INTO topic_counts (workspace_id, topic_id, minutes, start, posts) VALUES ($1, $2, $3, $4, "
        "$5) "
        "ON CONFLICT (workspace_id, topic_id, minutes, start) DO UPDATE SET posts = topic_counts.posts + "
        "excluded.posts",
        {workspace_id, topic_id, minutes, start, posts}));
  }
  return {};
}

}  // namespace kiki::cases
