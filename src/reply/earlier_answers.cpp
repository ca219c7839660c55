#include "reply/earlier_answers.hpp"

#include <algorithm>

#include "reply/saved/similarity.hpp"
#include "search/search_index.hpp"
#include "text/personal_data.hpp"
#include "text/words.hpp"

namespace kiki::reply {

namespace {

constexpr std::size_t kWordsAsked = 6;
constexpr std::size_t kPostsRead = 30;

struct Post {
  Id id = 0;
  Id case_id = 0;
  TimeMs at = 0;
  std::string name;
  std::string handle;
  int percent = 0;
};

std::vector<std::string> asked_words(std::string_view text) {
  std::vector<std::string> words;
  for (const auto& word : text::words_of(text)) {
    if (word.tells && words.size() < kWordsAsked) words.push_back(word.text);
  }
  return words;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  if (what.size() < 3) return;  // one letter is everywhere
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

Result<std::vector<EarlierAnswer>> find_earlier_answers(store::Connection& db, const ValuesOf& of,
                                                        const CaseValues& values, std::size_t limit) {
  std::vector<EarlierAnswer> answers;
  search::Condition any;
  any.kind = search::Condition::Kind::kAny;
  for (const auto& word : asked_words(values.post_text)) {
    for (auto& phrase : text::query_tokens(word)) {
      search::Condition one;
      one.phrase = std::move(phrase);
      if (!one.phrase.tokens.empty()) any.parts.push_back(std::move(one));
    }
  }
  if (any.parts.empty()) return answers;
  const auto ids = TRY(search::find_posts(db, of.workspace_id, any, 0, kPostsCompared));
  const auto wanted = saved::grams_of(values.post_text);
  std::vector<Post> posts;
  for (const Id id : ids) {
    auto post =
        TRY(db.one("SELECT p.id, p.case_id, p.posted_at, i.name, i.handle, p.text FROM posts p JOIN cases k "
                   "ON k.workspace_id = "
                   "p.workspace_id AND k.id = p.case_id LEFT JOIN identities i ON i.workspace_id = "
                   "p.workspace_id AND i.id = "
                   "p.identity_id WHERE p.workspace_id = $1 AND p.id = $2 AND p.direction = 'in' AND "
                   "p.deleted_at IS NULL AND "
                   "p.case_id <> $3 AND k.status = 'resolved'",
                   {of.workspace_id, id, of.case_id}, [&](const store::Row& row) {
                     return Post{row.integer(0), row.integer(1),
                                 row.integer(2), row.string(3),
                                 row.string(4),  saved::alike_percent(wanted, saved::grams_of(row.text(5)))};
                   }));
    if (post && post->percent >= kAlikePercent) posts.push_back(std::move(*post));
  }
  std::stable_sort(posts.begin(), posts.end(),
                   [](const Post& a, const Post& b) { return a.percent > b.percent; });
  if (posts.size() > kPostsRead) posts.resize(kPostsRead);
  for (const auto& post : posts) {
    if (answers.size() >= limit) break;
    auto answer = TRY(db.one(
        "SELECT p.text, p.posted_at, k.number FROM posts p JOIN conversations c ON c.workspace_id = "
        "p.workspace_id AND "
        "c.id = p.conversation_id JOIN outbox o ON o.workspace_id = p.workspace_id AND o.post_id = p.id AND "
        "o.action = "
        "'reply' JOIN cases k ON k.workspace_id = p.workspace_id AND k.id = p.case_id "
        "WHERE p.workspace_id = $1 AND p.case_id = $2 AND p.direction = 'out' AND p.posted_at >= $3 AND "
        "p.deleted_at IS "
        "NULL AND c.visibility = 'public' AND o.state IN ('sent', 'confirmed') AND NOT EXISTS (SELECT 1 FROM "
        "posts q "
        "WHERE q.workspace_id = p.workspace_id AND q.case_id = p.case_id AND q.direction = 'in' AND "
        "q.posted_at > "
        "p.posted_at) ORDER BY p.posted_at DESC, p.id DESC LIMIT 1",
        {of.workspace_id, post.case_id, post.at}, [&](const store::Row& row) {
          return EarlierAnswer{row.string(0), post.percent, post.case_id, row.integer(2), row.integer(1)};
        }));
    if (!answer || answer->text.empty()) continue;
    // Codes and links that were theirs alone are no words for others; nor is anybody's data.
    const auto theirs = TRY(
        db.one("SELECT 1 FROM outbox WHERE workspace_id = $1 AND case_id = $2 AND body LIKE '%\"written\"%'",
               {of.workspace_id, post.case_id}, [](const store::Row&) { return true; }));
    if (theirs || !text::find_personal_data(answer->text).empty()) continue;
    const auto name = values.customer_name.empty() ? values.customer_handle : values.customer_name;
    replace_all(answer->text, post.name, name);
    replace_all(answer->text, post.handle, values.customer_handle);
    const bool twice = std::any_of(answers.begin(), answers.end(),
                                   [&](const EarlierAnswer& other) { return other.text == answer->text; });
    if (!twice) answers.push_back(std::move(*answer));
  }
  return answers;
}

}  // namespace kiki::reply
