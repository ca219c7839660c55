#include "base/json.hpp"

#include <gtest/gtest.h>

namespace kiki {
namespace {

JsonDocument parsed(std::string_view text) {
  auto document = JsonDocument::parse(text);
  EXPECT_TRUE(document.ok()) << text << ": " << (document.ok() ? "" : document.error().message);
  return std::move(document).value();
}

TEST(Json, ReadsValues) {
  const JsonDocument document = parsed(
      R"({"text":"東京👍","n":-5,"big":9223372036854775807,"x":1.5,"yes":true,"none":null,"list":[1,2,3]})");
  const JsonView root = document.root();
  EXPECT_EQ(root["text"].string().value(), "東京👍");
  EXPECT_EQ(root["n"].integer().value(), -5);
  EXPECT_EQ(root["big"].integer().value(), INT64_MAX);
  EXPECT_EQ(root["x"].number().value(), 1.5);
  EXPECT_EQ(root["n"].number().value(), -5.0);
  EXPECT_TRUE(root["yes"].boolean().value());
  EXPECT_TRUE(root["none"].is_null());
  EXPECT_TRUE(root["none"].exists());
  EXPECT_TRUE(root["absent"].is_null());
  EXPECT_FALSE(root["absent"].exists());
  EXPECT_EQ(root["list"].size(), 3u);
  EXPECT_EQ(root["list"].raw(), "[1,2,3]");
  std::int64_t sum = 0;
  const auto done = root["list"].each([&](JsonView item) -> Result<void> {
    sum += TRY(item.integer());
    return {};
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(sum, 6);
}

TEST(Json, NamesThePlaceOfAWrongValue) {
  const JsonDocument document = parsed(R"({"posts":[{"id":1},{"id":"x"}],"a/b~c":{"d":1}})");
  const auto result = document.root()["posts"].each([](JsonView post) -> Result<void> {
    TRY(post["id"].integer());
    return {};
  });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(result.error().where, "/posts/1/id");
  EXPECT_EQ(result.error().message, "/posts/1/id: expected an integer of 64 bits");
  EXPECT_EQ(document.root()["a/b~c"]["d"].string().error().where, "/a~1b~0c/d");
  EXPECT_EQ(document.root()["x"]["y"].string().error().message, "/x/y: expected a string, but it is missing");
  EXPECT_EQ(document.root().string().error().message, "the document: expected a string");
  EXPECT_EQ(document.root()["posts"].each_member([](auto, auto) { return Result<void>(); }).error().where,
            "/posts");
}

TEST(Json, OptionalValuesHaveDefaultsButNotOtherTypes) {
  const JsonDocument document = parsed(R"({"a":null,"b":"x","c":1.5,"d":1e30})");
  const JsonView root = document.root();
  EXPECT_EQ(root["a"].string_or("d").value(), "d");
  EXPECT_EQ(root["z"].integer_or(4).value(), 4);
  EXPECT_EQ(root["z"].boolean_or(true).value(), true);
  EXPECT_FALSE(root["b"].integer_or(4).ok());
  EXPECT_FALSE(root["b"].boolean_or(true).ok());
  EXPECT_FALSE(root["c"].string_or("").ok());
  EXPECT_EQ(root["b"].text("?"), "x");
  EXPECT_EQ(root["c"].text("?"), "?");
  EXPECT_EQ(root["b"].number_or_zero(), 0);
  EXPECT_EQ(root["c"].number_or_zero(), 1);
  EXPECT_EQ(root["d"].number_or_zero(), 0);
  EXPECT_EQ(root["b"].string(0).error().kind, ErrorKind::kTooLarge);
}

TEST(Json, WalksMembersInOrder) {
  const JsonDocument document = parsed(R"({"b":1,"a":{"c":"x"}})");
  std::string seen;
  const auto done = document.root().each_member([&](std::string_view key, JsonView value) -> Result<void> {
    seen += std::string(key) + "=" + value.raw() + "@" + value.pointer() + " ";
    return {};
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(seen, R"(b=1@/b a={"c":"x"}@/a )");
}

TEST(Json, TheDocumentMayMove) {
  JsonDocument first = parsed(R"({"a":"kept"})");
  const JsonView view = first.root()["a"];
  const JsonDocument second = std::move(first);
  EXPECT_EQ(view.text(), "kept");
  EXPECT_EQ(second.root()["a"].text(), "kept");
}

struct BadText {
  std::string text;
  std::string where;
};

TEST(Json, TellsTheByteOffsetOfTheFault) {
  const BadText bad[] = {
      {"", "byte 0"},
      {"   ", "byte 3"},
      {"{\"a\":}", "byte 5"},
      {"{\"a\":1,}", "byte 7"},
      {"[1,2", "byte 4"},
      {"[1] 2", "byte 4"},
      {"{\"a\":\"\xFF\"}", "byte 6"},
      {"{\"a\":\"\xED\xA0\x80\"}", "byte 6"},
      {"\"\\ud800\"", "byte 7"},
      {"\"\\udc00\"", "byte 7"},
      {"[\"a\nb\"]", "byte 3"},
      {"[123456789012345678901234567890]", "byte 1"},
      {"[\"9\", 1e999]", "byte 6"},
      {"\xEF\xBB\xBF{}", "byte 0"},
      {"nul", "byte 3"},
  };
  for (const BadText& one : bad) {
    const auto document = JsonDocument::parse(one.text);
    ASSERT_FALSE(document.ok()) << one.text;
    EXPECT_EQ(document.error().kind, ErrorKind::kInvalid) << one.text;
    EXPECT_EQ(document.error().where, one.where) << one.text << " " << document.error().message;
  }
}

TEST(Json, AcceptsEscapedPairs) {
  EXPECT_EQ(parsed("\"\\ud83d\\udc4d\"").root().text(), "👍");
  EXPECT_EQ(parsed("\"\\uD83D\\uDC4D \\\\udc00\"").root().text(), "👍 \\udc00");
}

TEST(Json, HoldsTheLimits) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + "1" + std::string(depth, ']');
  };
  EXPECT_TRUE(JsonDocument::parse(nested(32)).ok());
  EXPECT_EQ(JsonDocument::parse(nested(33)).error().kind, ErrorKind::kTooLarge);
  EXPECT_EQ(JsonDocument::parse(nested(33)).error().where, "byte 32");
  EXPECT_TRUE(JsonDocument::parse(nested(3), {100, 3}).ok());
  EXPECT_EQ(JsonDocument::parse(nested(4), {100, 3}).error().kind, ErrorKind::kTooLarge);
  EXPECT_TRUE(JsonDocument::parse(nested(40), {100, 50}).ok());
  EXPECT_EQ(JsonDocument::parse("[1,2,3]", {6, 32}).error().kind, ErrorKind::kTooLarge);
  EXPECT_EQ(JsonDocument::parse(nested(100'000)).error().kind, ErrorKind::kTooLarge);
  const std::string large = "\"" + std::string(6 << 20, 'x') + "\"";
  EXPECT_EQ(JsonDocument::parse(large, {8 << 20, 32})->root().text().size(), 6u << 20);
  EXPECT_EQ(parsed("[7]").root().raw(), "[7]");
}

}  // namespace
}  // namespace kiki
