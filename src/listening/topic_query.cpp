#include "listening/topic_query.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "text/normalize.hpp"
#include "text/utf8.hpp"

namespace kiki::listening {
namespace {

constexpr std::string_view kGiveaways =
    R"("プレゼント企画" OR "プレゼントキャンペーン" OR "フォロー&リポスト" OR "フォロー＆RT" )"
    R"(OR "フォロー&RT" OR "フォロー RT" OR "リポストで応募" OR "RTで応募" OR "拡散希望" )"
    R"(OR "抽選で" NEAR/20 (プレゼント OR 当たる) OR #懸賞 OR #プレゼント企画 OR giveaway )"
    R"(OR "follow and repost" OR "follow and retweet" OR "follow and rt" )"
    R"(OR (follow NEAR/6 (retweet OR repost) "win"))";

// One word as a query says it: bare where that means the word itself, in quotes otherwise.
std::string quoted(std::string_view word) {
  const auto bare = query::parse(word);
  if (bare.query) {
    const auto& root = bare.query->root;
    const bool is_term = root.kind == query::Kind::kTerm && root.text == word && !root.open_left &&
                         !root.open_right && !root.has_any;
    if (is_term || root.kind == query::Kind::kTag) return std::string(word);
  }
  std::string inside;
  for (const auto& c : text::code_points(word)) {
    // A quote inside of quotes would end them; a space there means "only punctuation between".
    const bool is_quote =
        c.value == U'"' || c.value == U'“' || c.value == U'”' || c.value == U'＂' || c.value == U'„';
    if (is_quote) {
      inside += ' ';
    } else {
      inside.append(word.substr(c.offset, c.bytes));
    }
  }
  return '"' + inside + '"';
}

bool has_letter(std::string_view word, std::string_view form) {
  return !text::fold(word).empty() && query::parse(form).query.has_value();
}

query::Node negated(query::Node child) {
  query::Node node;
  node.kind = query::Kind::kNot;
  node.children.push_back(std::move(child));
  return node;
}

bool contains_word(std::string_view folded, std::string_view word) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  for (auto at = folded.find(word); at != std::string_view::npos; at = folded.find(word, at + 1)) {
    const bool begins = at == 0 || !is_letter(folded[at - 1]);
    const auto end = at + word.size();
    if (begins && (end == folded.size() || !is_letter(folded[end]))) return true;
  }
  return false;
}

}  // namespace

std::string query_of_words(const std::vector<std::string>& words, const std::vector<std::string>& excluded) {
  std::string any;
  std::size_t count = 0;
  for (const auto& word : words) {
    const auto form = quoted(word);
    if (!has_letter(word, form)) continue;
    any += (count++ > 0 ? " OR " : "") + form;
  }
  if (count == 0) return {};
  std::string none;
  for (const auto& word : excluded) {
    const auto form = quoted(word);
    if (has_letter(word, form)) none += " -" + form;
  }
  if (none.empty()) return any;
  return (count > 1 ? "(" + any + ")" : any) + none;
}

Result<query::Query> parse_query(std::string_view text, const std::string& pointer) {
  auto parsed = query::parse(text);
  if (parsed.query) return std::move(*parsed.query);
  CHECK(!parsed.mistakes.empty());
  return Error{ErrorKind::kInvalid, query::message_of(parsed.mistakes.front()), pointer, "query", 0};
}

Result<query::Query> heard_query(const Topic& topic) {
  auto parsed = TRY(parse_query(topic.query, "/query"));
  if (!topic.mutes.giveaways) return parsed;
  query::Node root;
  root.kind = query::Kind::kAnd;
  if (parsed.root.kind == query::Kind::kAnd) {
    root.children = std::move(parsed.root.children);
  } else {
    root.children.push_back(std::move(parsed.root));
  }
  root.children.push_back(negated(giveaway_query().root));
  return query::make_query(std::move(root));
}

const query::Query& giveaway_query() {
  static const query::Query kQuery = [] {
    auto parsed = query::parse(kGiveaways);
    CHECK(parsed.query.has_value());
    return std::move(*parsed.query);
  }();
  return kQuery;
}

bool looks_like_bot(std::string_view handle, std::string_view name, std::string_view bio) {
  const auto folded_handle = text::fold(handle.substr(0, handle.find('.')));
  if (folded_handle.ends_with("bot") || folded_handle.starts_with("bot_") ||
      contains_word(folded_handle, "bot"))
    return true;
  const auto says = text::fold(std::string(name) + " \n " + std::string(bio));
  const auto botto = says.find("ボット");
  const bool is_botto =
      botto != std::string::npos && !std::string_view(says).substr(0, botto).ends_with("ロ");  // no ロボット
  return contains_word(says, "bot") || is_botto || says.find("自動投稿") != std::string::npos ||
         says.find("自動ツイート") != std::string::npos;
}

}  // namespace kiki::listening
