#include "listening/query/random_query.hpp"

#include <gtest/gtest.h>

#include "listening/query/parse.hpp"
#include "listening/query/reference_evaluator.hpp"

namespace kiki::listening::query {
namespace {

TEST(RandomQuery, PrintsAndReadsBackTheSame) {
  RandomQueries random(1);
  for (int i = 0; i < 4'000; ++i) {
    const Query query = random.query(10);
    const std::string text = print(query);
    const Parsed parsed = parse(text);
    ASSERT_TRUE(parsed.query) << text << ": " << parsed.mistakes[0].code;
    ASSERT_EQ(*parsed.query, query) << text << "\n" << print(*parsed.query);
    ASSERT_EQ(print(*parsed.query), text);
    ASSERT_EQ(parsed.query->anchored, query.anchored);
    ASSERT_EQ(parsed.query->terms, query.terms);
  }
}

TEST(RandomQuery, IsOftenNearlyRight) {
  // A generator that hardly ever matches, or always, would test nothing.
  RandomQueries random(2);
  int found = 0;
  constexpr int kTries = 2'000;
  for (int i = 0; i < kTries; ++i) {
    const RandomPost post = random.post();
    found += matches(random.query(4), post.view()) ? 1 : 0;
  }
  EXPECT_GT(found, kTries / 20);
  EXPECT_LT(found, kTries * 19 / 20);
}

TEST(RandomQuery, MarksStandInTheText) {
  RandomQueries random(3);
  for (int i = 0; i < 1'000; ++i) {
    const RandomPost post = random.post();
    const Query query = random.query(4);
    const Evaluation found = evaluate(query, post.view());
    if (!found.matches) {
      ASSERT_TRUE(found.marks.empty() && found.findings.empty());
      continue;
    }
    std::size_t at = 0;
    for (const auto& mark : found.marks) {
      ASSERT_LE(at, mark.begin);
      ASSERT_LT(mark.begin, mark.end);
      ASSERT_LE(mark.end, post.text.size());
      at = mark.end;
    }
  }
}

TEST(RandomQuery, FollowsTheLawsOfLogic) {
  RandomQueries random(4);
  const auto with = [](Kind kind, std::vector<Node> children) {
    Node node;
    node.kind = kind;
    node.children = std::move(children);
    Query query = make_query(std::move(node));
    query.asks_for_account = true;  // so that our own posts are no exception
    return query;
  };
  for (int i = 0; i < 1'000; ++i) {
    const RandomPost owner = random.post();
    const Post post = owner.view();
    const Node a = random.query(3).root;
    const Node b = random.query(3).root;
    const bool is_a = matches(with(Kind::kAnd, {a}), post);
    const bool is_b = matches(with(Kind::kAnd, {b}), post);
    ASSERT_EQ(matches(with(Kind::kAnd, {a, b}), post), is_a && is_b);
    ASSERT_EQ(matches(with(Kind::kOr, {a, b}), post), is_a || is_b);
    ASSERT_EQ(matches(with(Kind::kNot, {a}), post), !is_a);
  }
}

TEST(RandomQuery, ANearerMatchIsAlsoAFartherOne) {
  RandomQueries random(5);
  int seen = 0;
  for (int i = 0; i < 4'000; ++i) {
    Query query = random.query(1);
    const RandomPost owner = random.post(query);
    if (query.root.kind != Kind::kNear || !matches(query, owner.view())) continue;
    ++seen;
    ++query.root.distance;
    ASSERT_TRUE(matches(query, owner.view())) << print(query) << "\n" << owner.text;
    query.root.in_order = false;
    ASSERT_TRUE(matches(query, owner.view())) << print(query) << "\n" << owner.text;
  }
  EXPECT_GT(seen, 100);
}

}  // namespace
}  // namespace kiki::listening::query
