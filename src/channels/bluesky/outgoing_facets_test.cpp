#include "channels/bluesky/outgoing_facets.hpp"

#include <gtest/gtest.h>

namespace kiki::channels::bluesky {
namespace {

using Kind = OutgoingFacet::Kind;

std::vector<std::string> found(std::string_view text) {
  std::vector<std::string> out;
  std::size_t last = 0;
  for (const auto& facet : detect_facets(text)) {
    EXPECT_GE(facet.byte_start, last);
    EXPECT_GT(facet.byte_end, facet.byte_start);
    EXPECT_LE(facet.byte_end, text.size());
    last = facet.byte_end;
    const char* kind = facet.kind == Kind::kLink      ? "link "
                       : facet.kind == Kind::kMention ? "mention "
                                                      : "tag ";
    out.push_back(kind + facet.value);
  }
  return out;
}
using List = std::vector<std::string>;

TEST(OutgoingFacets, RangesCountBytes) {
  const std::string text = "こんにちは @name.example https://example.com/a #修理";
  const auto facets = detect_facets(text);
  ASSERT_EQ(facets.size(), 3u);
  EXPECT_EQ(facets[0].byte_start, 16u);
  EXPECT_EQ(text.substr(facets[0].byte_start, facets[0].byte_end - facets[0].byte_start), "@name.example");
  EXPECT_EQ(text.substr(facets[1].byte_start, facets[1].byte_end - facets[1].byte_start),
            "https://example.com/a");
  EXPECT_EQ(text.substr(facets[2].byte_start, facets[2].byte_end - facets[2].byte_start), "#修理");
  EXPECT_EQ(facets[2].value, "修理");
}

TEST(OutgoingFacets, AddressesEndWhereTheTextGoesOn) {
  EXPECT_EQ(found("https://example.com/をご覧ください"), List{"link https://example.com/"});
  EXPECT_EQ(found("See https://example.com/a."), List{"link https://example.com/a"});
  EXPECT_EQ(found("(https://example.com/a)"), List{"link https://example.com/a"});
  EXPECT_EQ(found("https://example.com/a_(b)"), List{"link https://example.com/a_(b)"});
  EXPECT_EQ(found("「https://example.com/a?b=c&d=e#f」"), List{"link https://example.com/a?b=c&d=e#f"});
  EXPECT_EQ(found("http:// https://"), List{});
  EXPECT_EQ(found("xhttps://example.com"), List{});
}

TEST(OutgoingFacets, MentionsAreHandlesNotMail) {
  EXPECT_EQ(found("@Name.Example様"), List{"mention name.example"});
  EXPECT_EQ(found("@name.example."), List{"mention name.example"});
  EXPECT_EQ(found("mail a@b.example"), List{});
  EXPECT_EQ(found("@name @"), List{});
  EXPECT_EQ(found("https://example.com/@a.example"), List{"link https://example.com/@a.example"});
}

TEST(OutgoingFacets, TagsAreWords) {
  EXPECT_EQ(found("#水漏れ、です"), List{"tag 水漏れ、です"});
  EXPECT_EQ(found("#水漏れ #help!"), (List{"tag 水漏れ", "tag help"}));
  EXPECT_EQ(found("＃全角"), List{"tag 全角"});
  EXPECT_EQ(found("#1 #2026 #"), List{});
  EXPECT_EQ(found("a#b"), List{});
  EXPECT_EQ(found("#" + std::string(65, 'a')), List{});
}

}  // namespace
}  // namespace kiki::channels::bluesky
