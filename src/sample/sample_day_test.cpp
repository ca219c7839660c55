#include "sample/sample_day.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/json.hpp"
#include "channels/open/open_channel.hpp"

namespace kiki::sample {
namespace {

TEST(SampleDayScript, EveryPostPassesTheOpenChannelsDoor) {
  auto script = read_script(script_text());
  ASSERT_TRUE(script.ok()) << script.error().message << " " << script.error().where;
  EXPECT_GE(script->posts.size(), 190u);
  EXPECT_FALSE(script->topics.empty());
  std::set<std::string> ids;
  std::set<std::string> networks;
  int japanese = 0;
  int english = 0;
  for (const auto& post : script->posts) {
    auto checked = channels::open::check_open_post(post.body);
    EXPECT_TRUE(checked.ok()) << post.external_id << checked.error().where;
    EXPECT_TRUE(ids.insert(post.external_id).second) << post.external_id << " twice";
    auto document = JsonDocument::parse(post.body);
    networks.insert(std::string(document->root()["network"].text()));
    japanese += document->root()["language"].text() == "ja" ? 1 : 0;
    english += document->root()["language"].text() == "en" ? 1 : 0;
    const auto parent = document->root()["parent_id"].text();
    EXPECT_TRUE(parent.empty() || ids.contains(std::string(parent)))
        << post.external_id << " answers what comes later";
    for (const auto& [after_s, text] : post.answers) {
      EXPECT_GT(after_s, 0);
      EXPECT_FALSE(text.empty());
    }
  }
  EXPECT_GE(networks.size(), 5u);
  EXPECT_GT(japanese, 100);
  EXPECT_GT(english, 40);
}

TEST(SampleDayScript, AStormRises) {
  auto script = read_script(script_text());
  ASSERT_TRUE(script.ok());
  // Posts about the kettle in the quietest and the loudest ten minutes of the day.
  int calm = 0;
  int storm = 0;
  for (const auto& post : script->posts) {
    const bool kettle = post.body.find("KT-08") != std::string::npos ||
                        post.body.find("8C") != std::string::npos ||
                        post.body.find("ケトル") != std::string::npos;
    if (kettle && post.at_s >= 3'000 && post.at_s < 3'600) ++calm;
    if (kettle && post.at_s >= 9'700 && post.at_s < 10'300) ++storm;
  }
  EXPECT_GE(storm, 20);
  EXPECT_LE(calm * 5, storm);
}

TEST(SampleDayScript, RefusesWhatIsNoScript) {
  EXPECT_FALSE(read_script("[]").ok());
  EXPECT_FALSE(read_script(R"({"account_name":"a","topics":[],"posts":[{"at_s":"soon","post":{}}]})").ok());
}

}  // namespace
}  // namespace kiki::sample
