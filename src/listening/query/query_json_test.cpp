#include "listening/query/query_json.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "listening/query/message.hpp"
#include "listening/query/random_query.hpp"
#include "listening/query/tree.hpp"

namespace kiki::listening::query {
namespace {

// "all of these [“電池”, also inside longer words; …]"
std::string in_words(const Explained& part) {
  std::string out = english(part.key, part.values);
  if (part.children.empty()) return out;
  out += " [";
  for (const Explained& child : part.children) out += in_words(child) + "; ";
  out.resize(out.size() - 2);
  return out + ']';
}
std::string in_words(std::string_view text) {
  return in_words(explain(parse(text).query->root));
}

TEST(QueryTree, SaysAQueryInWords) {
  EXPECT_EQ(in_words("iphone 電池 -(batter* OR \"battery life\")"),
            "all of these [the word “iphone”; “電池”, also inside longer words; not this [at least one of "
            "these [words that "
            "begin with “batter”; the words “battery life” in this order]]]");
  EXPECT_EQ(in_words("bad NEAR/2 battery"), "at most 2 words apart [the word “bad”; the word “battery”]");
  EXPECT_EQ(explain(parse("電池 ONEAR 切れ").query->root).key, "query.tree.onear.characters");
  EXPECT_EQ(explain(parse("battery NEAR 切れ").query->root).key, "query.tree.near.characters");
  EXPECT_EQ(explain(parse("battery NEAR (切れ OR bad)").query->root).key, "query.tree.near.either");
  EXPECT_EQ(in_words("followers:>=10"), "the author has >= 10 followers");
  EXPECT_EQ(in_words("from:bra*"), "written by bra*");
}

TEST(QueryTree, HasASentenceForEveryPart) {
  RandomQueries random(11);
  for (int i = 0; i < 3000; ++i) {
    const std::string words = in_words(explain(random.query(8).root));
    ASSERT_EQ(words.find("query.tree"), std::string::npos) << words;
    ASSERT_EQ(words.find('{'), std::string::npos) << words;
  }
}

TEST(QueryJson, CountsInUtf16) {
  const std::string text = "😡 (電池 OR)";
  const auto out = to_json(parse(text), text);
  EXPECT_FALSE(out.at("valid").as_bool());
  EXPECT_TRUE(out.at("tree").is_null());
  const auto& mistake = out.at("mistakes").as_array().at(0).as_object();
  EXPECT_EQ(mistake.at("code"), "missing_right");
  EXPECT_EQ(mistake.at("start").to_number<int>(), 7);
  EXPECT_EQ(mistake.at("end").to_number<int>(), 9);
  EXPECT_EQ(mistake.at("values").as_object().at("operator"), "OR");
  const auto& tokens = out.at("tokens").as_array();
  ASSERT_EQ(tokens.size(), 5U);
  EXPECT_EQ(tokens[0].as_object().at("kind"), "word");
  EXPECT_EQ(tokens[0].as_object().at("end").to_number<int>(), 2);
  EXPECT_EQ(tokens[3].as_object().at("kind"), "operator");
}

TEST(QueryJson, GivesTreeFormAndAdvice) {
  const std::string text = "foo OR bar -baz";
  const auto out = to_json(parse(text), text);
  EXPECT_EQ(out.at("normal_form"), "foo OR (bar -baz)");
  EXPECT_EQ(out.at("tree").as_object().at("key"), "query.tree.or");
  EXPECT_EQ(out.at("advice").as_array().at(0).as_object().at("instead"), "(foo OR bar) -baz");
  EXPECT_TRUE(out.at("mistakes").as_array().empty());
  EXPECT_NO_FATAL_FAILURE(to_json(parse("\xFF"), "\xFF"));
}

}  // namespace
}  // namespace kiki::listening::query
