#pragma once
// Queries and posts made at random for tests: few words in many spellings, so that most of what is compared
// is nearly the same. The engine and the reference evaluator have to agree on all of them.

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "listening/query/post.hpp"
#include "listening/query/query.hpp"

namespace kiki::listening::query {

struct RandomPost {  // keeps what a Post looks at
  std::string text;
  std::string language;
  std::string network;
  std::string author;
  std::string reply_to;
  std::string own_account;
  std::optional<std::int64_t> followers;
  std::vector<std::string> links;
  std::vector<std::string> mentions;
  std::vector<std::string> hashtags;
  bool has_image = false;
  bool has_video = false;
  bool is_reply = false;
  bool is_repost = false;
  bool is_quote = false;

  Post view() const;  // valid while this lives and does not change
};

class RandomQueries {
 public:
  explicit RandomQueries(std::uint64_t seed) : random_(seed) {}

  RandomPost post();
  // Its text is made of the query's own words and others: it matches far more often.
  RandomPost post(const Query& query);
  // A text of words, in their spellings, with something or nothing between them.
  std::string text(std::size_t words);
  // Up to `leaves` leaves. What make_query() takes, and what the parser would give for its print().
  Query query(std::size_t leaves = 6);

 private:
  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
  bool chance(std::size_t in) { return below(in) == 0; }
  std::string word();      // one of the few
  std::string spelling();  // a word, changed a little
  Node node(std::size_t leaves, std::size_t depth);
  Node leaf();
  Node text_leaf();
  Node near();

  std::mt19937_64 random_;
};

}  // namespace kiki::listening::query
