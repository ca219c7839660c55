#include "listening/suggest.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

#include "listening/preview.hpp"
#include "listening/stored_post.hpp"
#include "listening/topic_query.hpp"
#include "text/normalize.hpp"
#include "text/search_fold.hpp"
#include "text/utf8.hpp"
#include "text/words.hpp"

namespace kiki::listening {
namespace {

constexpr int kPageRows = 400;
constexpr TimeMs kDayMs = 86'400'000;
constexpr std::int64_t kLeastPosts = 2;
constexpr std::size_t kExampleBytes = 400;

enum class Verdict : std::uint8_t { kRight, kWrong, kOpen };

struct Tally {
  std::int64_t right = 0;
  std::int64_t wrong = 0;
  std::int64_t open = 0;
  std::string example;
  std::int64_t all() const { return right + wrong + open; }
  void add(Verdict verdict, const std::string& text) {
    if (all() == 0) example = text::cut_at_code_point(text, kExampleBytes);
    (verdict == Verdict::kRight ? right : verdict == Verdict::kWrong ? wrong : open) += 1;
  }
};
using Tallies = std::unordered_map<std::string, Tally>;

void collect_terms(const query::Node& node, std::set<std::string>& terms) {
  if (node.kind == query::Kind::kNot) {
    for (const auto& child : node.children) collect_terms(child, terms);
    return;
  }
  if (query::is_text_leaf(node.kind)) terms.insert(text::fold(node.text));
  for (const auto& child : node.children) collect_terms(child, terms);
}

Result<Verdict> verdict_of(store::Connection& db, Id workspace_id, Id case_id, std::map<Id, Verdict>& known) {
  const auto found = known.find(case_id);
  if (found != known.end()) return found->second;
  const auto row =
      TRY(db.one("SELECT status, origin, dismiss_reason FROM cases WHERE workspace_id = $1 AND id = $2",
                 {workspace_id, case_id}, [](const store::Row& r) {
                   if (r.text(1) != "found") return Verdict::kRight;  // they turned to us
                   if (r.text(0) == "dismissed")
                     return r.text(2) == "competitor" ? Verdict::kOpen : Verdict::kWrong;
                   return r.text(0) == "found" ? Verdict::kOpen : Verdict::kRight;
                 }));
  return known.emplace(case_id, row.value_or(Verdict::kOpen)).first->second;
}

// The name that a post holds ours against: what stands before or behind a word of comparing.
void collect_compared(const std::string& text, Verdict verdict, const std::set<std::string>& ours,
                      Tallies& compared) {
  static constexpr std::string_view kBehindName[] = {"より",         "と迷",     "と比べ", "に乗り換え",
                                                     "から乗り換え", "のほうが", "の方が"};
  static constexpr std::string_view kBeforeName[] = {" than ",        " instead of ", "switched to ",
                                                     "switching to ", " vs ",         " vs. "};
  const auto folded = text::fold(text);
  const auto words = text::words_of(text);
  const auto take = [&](std::string_view around, bool at_end) {
    for (const auto& word : words) {
      if (!word.tells || word.text.starts_with('#') || ours.contains(word.text)) continue;
      if (at_end ? around.ends_with(word.text) : around.starts_with(word.text)) {
        compared[word.text].add(verdict, text);
        return;
      }
    }
  };
  for (const auto marker : kBehindName) {
    if (const auto at = folded.find(marker); at != std::string::npos)
      take(std::string_view(folded).substr(0, at), true);
  }
  for (const auto marker : kBeforeName) {
    const auto at = folded.find(marker);
    if (at == std::string::npos) continue;
    auto rest = std::string_view(folded).substr(at + marker.size());
    for (const std::string_view article : {"the ", "a ", "an ", "my "}) {
      if (rest.starts_with(article)) rest.remove_prefix(article.size());
    }
    take(rest, false);
  }
}

void keep_best(std::vector<Suggestion>& all, std::vector<Suggestion> some) {
  std::stable_sort(some.begin(), some.end(), [](const Suggestion& a, const Suggestion& b) {
    const bool cuts = a.kind == Suggestion::Kind::kLeaveOut;
    const auto worth = [&](const Suggestion& s) {
      return cuts ? s.wrong - 3 * s.right : 2 * s.right + s.open - 2 * s.wrong;
    };
    return worth(a) > worth(b);
  });
  if (some.size() > kSuggestionsPerKind) some.resize(kSuggestionsPerKind);
  std::move(some.begin(), some.end(), std::back_inserter(all));
}

Suggestion suggestion(Suggestion::Kind kind, const std::string& word, const Tally& tally) {
  return {kind, word, query_of_words({word}, {}), tally.right, tally.wrong, tally.open, tally.example};
}

// Without voicing marks and long vowels, in hiragana: バッグ and パック look alike then, on purpose.
std::u32string sketch(std::string_view word) {
  std::u32string out;
  for (const char32_t c : text::fold_for_search(word).code_points) {
    static constexpr std::u32string_view kVoiced = U"がぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽゔ";
    static constexpr std::u32string_view kPlain = U"かきくけこさしすせそたちつてとはひふへほはひふへほう";
    if (c == U'ー') continue;
    const auto at = kVoiced.find(c);
    out += at == std::u32string_view::npos ? c : kPlain[at];
  }
  return out;
}

}  // namespace

std::string_view name(Suggestion::Kind kind) {
  switch (kind) {
    case Suggestion::Kind::kAdd:
      return "add";
    case Suggestion::Kind::kSpelling:
      return "spelling";
    case Suggestion::Kind::kLeaveOut:
      return "leave_out";
    case Suggestion::Kind::kCompetitor:
      return "competitor";
  }
  return "";
}

bool is_near_spelling(std::string_view word, std::string_view known) {
  if (word == known) return false;
  const auto a = sketch(word);
  const auto b = sketch(known);
  if (a.size() >= 3 && a == b) return true;
  if (std::min(a.size(), b.size()) < 5) return false;
  const auto& longer = a.size() >= b.size() ? a : b;
  const auto& shorter = a.size() >= b.size() ? b : a;
  if (longer.size() - shorter.size() > 1) return false;
  std::size_t front = 0;
  while (front < shorter.size() && longer[front] == shorter[front]) ++front;
  if (longer.size() != shorter.size()) return longer.substr(front + 1) == shorter.substr(front);
  if (longer.substr(front + 1) == shorter.substr(front + 1)) return true;
  return front + 1 < longer.size() && longer[front] == shorter[front + 1] &&
         longer[front + 1] == shorter[front] && longer.substr(front + 2) == shorter.substr(front + 2);
}

Result<std::vector<Suggestion>> suggest(store::Connection& db, const Clock& clock, const Topic& topic) {
  Topic asked = topic;
  asked.enabled = true;
  const auto query = TRY(heard_query(asked));
  const auto set = build_topic_set({asked});
  std::set<std::string> ours;
  collect_terms(query.root, ours);
  const auto began = clock.now_ms();
  const auto since_id = first_id_of(began - kPreviewDays * kDayMs);

  Tallies inside;   // telling words of posts it finds
  Tallies outside;  // and of those it does not
  Tallies compared;
  std::map<Id, Verdict> verdicts;
  Id before = std::numeric_limits<Id>::max();
  for (std::size_t seen = 0; seen < kSuggestPosts && clock.now_ms() - began <= kSuggestBudgetMs;) {
    const auto page = TRY(read_posts_between(db, asked.workspace_id, since_id, before, kPageRows, true));
    for (const auto& post : page) {
      const auto verdict = TRY(verdict_of(db, asked.workspace_id, post.case_id, verdicts));
      const bool found = set->matches(post.seen());
      auto& tallies = found ? inside : outside;
      for (const auto& word : text::words_of(post.text)) {
        if (word.tells) tallies[word.text].add(verdict, post.text);
      }
      if (found) collect_compared(post.text, verdict, ours, compared);
    }
    seen += page.size();
    if (page.size() < kPageRows) break;
    before = page.back().id;
  }

  std::vector<Suggestion> add;
  std::vector<Suggestion> spelling;
  std::vector<Suggestion> leave_out;
  std::vector<Suggestion> competitor;
  using Kind = Suggestion::Kind;
  for (const auto& [word, tally] : outside) {
    if (ours.contains(word)) continue;
    const bool near =
        std::any_of(ours.begin(), ours.end(), [&](const auto& own) { return is_near_spelling(word, own); });
    if (near && tally.right + tally.open > tally.wrong) {
      spelling.push_back(suggestion(Kind::kSpelling, word, tally));
      continue;
    }
    const auto in = inside.find(word);
    // Goes with what the topic wants far more often than without.
    if (in == inside.end() || in->second.right < kLeastPosts || in->second.all() * 2 < tally.all()) continue;
    if (tally.right + tally.open >= 1 && tally.wrong <= tally.right + tally.open)
      add.push_back(suggestion(Kind::kAdd, word, tally));
  }
  for (const auto& [word, tally] : inside) {
    if (ours.contains(word) || tally.wrong < kLeastPosts || tally.wrong < 4 * tally.right) continue;
    leave_out.push_back(suggestion(Kind::kLeaveOut, word, tally));
  }
  for (const auto& [word, tally] : compared) competitor.push_back(suggestion(Kind::kCompetitor, word, tally));
  std::vector<Suggestion> all;
  for (auto* some : {&spelling, &add, &leave_out, &competitor}) {
    std::sort(some->begin(), some->end(), [](const auto& a, const auto& b) { return a.word < b.word; });
    keep_best(all, std::move(*some));
  }
  return all;
}

}  // namespace kiki::listening
