// A deletion, from the network or by us: what was said is gone from everywhere, that something was said
// stays.

#include "cases/case_triage.hpp"
#include "cases/excerpt.hpp"
#include "cases/intake.hpp"
#include "cases/post_text.hpp"
#include "cases/waiting.hpp"
#include "search/search_index.hpp"

namespace kiki::cases {
namespace {

struct Quoted {
  std::string text;
  std::string marks;
};

// "[[0,3],[7,9]]" as to_json_text() wrote it.
std::vector<model::Mark> parse_marks(std::string_view json) {
  std::vector<std::int32_t> numbers;
  bool in_number = false;
  for (const char c : json) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !in_number) numbers.push_back(0);
    if (digit) numbers.back() = numbers.back() * 10 + (c - '0');
    in_number = digit;
  }
  std::vector<model::Mark> marks;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) marks.push_back({numbers[i], numbers[i + 1]});
  return marks;
}

Quoted read_quoted(const store::Row& row) {
  return {row.string(0), row.string(1)};
}

}  // namespace

Result<void> refresh_quotes(store::Connection& db, CaseState& state, std::string_view old_text) {
  const auto newest =
      TRY(db.one("SELECT text, marks FROM posts WHERE workspace_id = $1 AND case_id = $2 AND direction = "
                 "'in' AND deleted_at IS NULL "
                 "ORDER BY posted_at DESC, id DESC LIMIT 1",
                 {state.workspace_id, state.id}, read_quoted));
  state.preview.clear();
  state.preview_marks = "[]";
  state.triage.clear();  // it may quote what is gone: judged anew from the newest post that is left
  if (newest) {
    state.triage = to_text(of_first(triage::rules().judge({.text = newest->text, .to_us = !state.is_found})));
    auto line = first_line(newest->text, kPreviewCharacters, parse_marks(newest->marks));
    state.preview = std::move(line.text);
    state.preview_marks = to_json_text(line.marks);
  }
  if (!state.title_set && state.title == first_line(old_text, kTitleCharacters).text) {
    const auto oldest =
        TRY(db.one("SELECT text, marks FROM posts WHERE workspace_id = $1 AND case_id = $2 AND direction = "
                   "'in' AND deleted_at IS NULL "
                   "ORDER BY posted_at, id LIMIT 1",
                   {state.workspace_id, state.id}, read_quoted));
    state.title = oldest ? first_line(oldest->text, kTitleCharacters).text : std::string();
  }
  // Names given by hand, kept for taking them back, may quote what is gone now.
  TRY(
      db.run("UPDATE events SET data = '{\"title\":true}' WHERE workspace_id = $1 AND case_id = $2 AND "
             "kind = 'case.tagged' AND data LIKE '{\"title\":true,%'",
             {state.workspace_id, state.id}));
  state.changed = true;
  return {};
}

Result<void> empty_post(store::Transaction& tx, events::EventLog& log, CaseState& state, Id post_id,
                        TimeMs deleted_at) {
  auto& db = tx.db();
  struct Old {
    std::string text;
    std::string direction;
    std::int64_t journal_seq = 0;
  };
  const auto old =
      TRY(db.one("SELECT text, direction, journal_seq FROM posts WHERE workspace_id = $1 AND id = $2",
                 {state.workspace_id, post_id},
                 [](const store::Row& row) { return Old{row.string(0), row.string(1), row.integer(2)}; }));
  if (!old) return {};
  TRY(
      db.run("UPDATE posts SET text = '', language = '', marks = '[]', extra = '{}', deleted_at = $3 "
             "WHERE workspace_id = $1 AND id = $2",
             {state.workspace_id, post_id, deleted_at}));
  if (old->direction != "context") TRY(search::remove_post(tx, state.workspace_id, post_id, old->text));
  TRY(forget_files(db, state.workspace_id, post_id));
  TRY(forget_journal_body(db, old->journal_seq));
  if (old->direction == "in") TRY(refresh_quotes(db, state, old->text));
  // Without our answer the customer waits again.
  if (old->direction == "out" && state.status == model::CaseStatus::kWaiting) {
    TRY(settle_waiting(db, state, deleted_at));
  }
  state.changed = true;
  events::Event event;
  event.workspace_id = state.workspace_id;
  event.kind = "post.deleted";
  event.case_id = state.id;
  event.post_id = post_id;
  event.data = R"({"direction":")" + old->direction + "\"}";
  return log.append(tx, std::move(event));
}

}  // namespace kiki::cases
