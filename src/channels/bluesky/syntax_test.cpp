#include "channels/bluesky/syntax.hpp"

#include <functional>

#include "base/clock.hpp"
#include "channels/bluesky/interop_files_test.hpp"
#include "channels/bluesky/tid.hpp"

namespace kiki::channels::bluesky {
namespace {

struct List {
  const char* name;
  std::function<bool(std::string_view)> is;
};

class SyntaxLists : public testing::TestWithParam<List> {};

TEST_P(SyntaxLists, HoldAgainstTheProtocolsFiles) {
  const auto& list = GetParam();
  const std::string valid = std::string("syntax/") + list.name + "_syntax_valid.txt";
  NEEDS_INTEROP_FILE(valid);
  const auto good = read_list(interop_path(valid));
  ASSERT_FALSE(good.empty());
  for (const auto& line : good) EXPECT_TRUE(list.is(line)) << line.substr(0, 200);
  const auto bad = read_list(interop_path(std::string("syntax/") + list.name + "_syntax_invalid.txt"));
  ASSERT_FALSE(bad.empty());
  for (const auto& line : bad) EXPECT_FALSE(list.is(line)) << line.substr(0, 200);
}

INSTANTIATE_TEST_SUITE_P(
    Bluesky, SyntaxLists,
    testing::Values(List{"handle", is_handle}, List{"did", is_did}, List{"nsid", is_nsid},
                    List{"recordkey", is_record_key}, List{"tid", is_tid}, List{"datetime", is_datetime},
                    List{"aturi", [](std::string_view text) { return parse_at_uri(text).has_value(); }},
                    List{"atidentifier",
                         [](std::string_view text) { return is_did(text) || is_handle(text); }}),
    [](const auto& list) { return std::string(list.param.name); });

TEST(Syntax, DatetimesThatAreNoTimesAreRefused) {
  NEEDS_INTEROP_FILE("syntax/datetime_parse_invalid.txt");
  for (const auto& line : read_list(interop_path("syntax/datetime_parse_invalid.txt"))) {
    EXPECT_FALSE(is_datetime(line) && parse_rfc3339(line)) << line;
  }
}

TEST(Syntax, PostUriNeedsADidAndTheCollection) {
  const auto uri = parse_post_uri("at://did:plc:abc/app.bsky.feed.post/3kabc");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->authority, "did:plc:abc");
  EXPECT_EQ(uri->rkey, "3kabc");
  EXPECT_FALSE(parse_post_uri("at://did:plc:abc/app.bsky.feed.like/3kabc"));
  EXPECT_FALSE(parse_post_uri("at://name.example/app.bsky.feed.post/3kabc"));
  EXPECT_FALSE(parse_post_uri("at://did:plc:abc/app.bsky.feed.post"));
  EXPECT_FALSE(parse_post_uri(""));
}

TEST(Syntax, PagesAreNamedByTheDid) {
  EXPECT_EQ(post_url("at://did:plc:abc/app.bsky.feed.post/3kabc"),
            "https://bsky.app/profile/did:plc:abc/post/3kabc");
  EXPECT_EQ(post_url("javascript:alert(1)"), "");
}

TEST(Syntax, HandlesAsPeopleTypeThem) {
  EXPECT_EQ(handle_from_input(" @Bakery.Example\n"), "bakery.example");
  EXPECT_EQ(handle_from_input("https://bsky.app/profile/bakery.example/"), "bakery.example");
  EXPECT_EQ(handle_from_input("at://did:plc:abc"), "did:plc:abc");
  EXPECT_FALSE(handle_from_input("bakery"));
  EXPECT_FALSE(handle_from_input("a@b.example"));
  EXPECT_FALSE(handle_from_input(""));
}

TEST(Tid, SortsLikeTimeAndTellsIt) {
  const TimeMs time = 1'763'800'000'123;
  const auto early = make_tid(time * 1000, 0), late = make_tid(time * 1000 + 1, 0);
  EXPECT_TRUE(is_tid(early));
  EXPECT_LT(early, late);
  EXPECT_EQ(time_of_tid(early), time);
  EXPECT_FALSE(time_of_tid("self"));
}

TEST(Tid, KnownValue) {
  // From the reference implementation: microseconds 1728000000000000, writer 24.
  EXPECT_EQ(time_of_tid(make_tid(1'728'000'000'000'000, 24)), 1'728'000'000'000);
  EXPECT_EQ(make_tid(0, 0), "2222222222222");
  EXPECT_EQ(make_tid(0, 1023), "22222222222zz");
}

TEST(Tid, TwoInOneMillisecondDiffer) {
  ManualClock clock;
  SeededRandom random(7);
  EXPECT_NE(choose_tid(clock, random), choose_tid(clock, random));
}

}  // namespace
}  // namespace kiki::channels::bluesky
