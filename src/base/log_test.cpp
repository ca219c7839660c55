#include "base/log.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace kiki {
namespace {

struct LogTest : testing::Test {
  ~LogTest() override { log::set_level(log::Level::kInfo); }
};

TEST_F(LogTest, WritesOneJsonObjectALine) {
  log::Capture capture;
  log::info("post stored",
            {{"post_id", std::int64_t{77}}, {"new", true}, {"seconds", 0.25}, {"network", "bluesky"}});
  const auto document = JsonDocument::parse(capture.text());
  ASSERT_TRUE(document.ok()) << capture.text();
  const JsonView line = document->root();
  EXPECT_TRUE(parse_rfc3339(line["time"].text()).has_value());
  EXPECT_EQ(line["level"].text(), "info");
  EXPECT_EQ(line["message"].text(), "post stored");
  EXPECT_EQ(line["post_id"].integer().value(), 77);
  EXPECT_TRUE(line["new"].boolean().value());
  EXPECT_EQ(line["seconds"].number().value(), 0.25);
  EXPECT_EQ(line["network"].text(), "bluesky");
  EXPECT_EQ(capture.text().back(), '\n');
}

TEST_F(LogTest, StaysValidJsonWhateverTheBytes) {
  std::string hostile = "\"\\\n\r\t\x01\x7F 東京 \xF0\x9F\x91\x8D ";
  hostile += '\0';
  hostile += "\xFF\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80 \xE6\x9D";
  log::Capture capture;
  log::warning(hostile, {{hostile, hostile}});
  EXPECT_TRUE(JsonDocument::parse(capture.text()).ok()) << capture.text();
  EXPECT_NE(capture.text().find("東京 👍"), std::string::npos);
}

TEST_F(LogTest, CarriesTheErrorAsFields) {
  log::Capture capture;
  log::error("send failed", Error{ErrorKind::kRateLimited, "slow down", "https", "quota", 5},
             {{"outbox_id", 3}});
  const auto document = JsonDocument::parse(capture.text());
  ASSERT_TRUE(document.ok());
  const JsonView line = document->root();
  EXPECT_EQ(line["error"].text(), "rate_limited");
  EXPECT_EQ(line["error_message"].text(), "slow down");
  EXPECT_EQ(line["error_code"].text(), "quota");
  EXPECT_EQ(line["error_where"].text(), "https");
  EXPECT_EQ(line["outbox_id"].number_or_zero(), 3);
}

TEST_F(LogTest, ObeysTheLevel) {
  log::Capture capture;
  log::debug("hidden");
  log::set_level(log::Level::kDebug);
  log::debug("shown");
  log::set_level(log::Level::kError);
  log::warning("quiet");
  EXPECT_EQ(capture.text().find("hidden"), std::string::npos);
  EXPECT_NE(capture.text().find("shown"), std::string::npos);
  EXPECT_EQ(capture.text().find("quiet"), std::string::npos);
  EXPECT_EQ(log::parse_level("warning").value(), log::Level::kWarning);
  EXPECT_FALSE(log::parse_level("loud").ok());
}

TEST_F(LogTest, LinesOfThreadsDoNotMix) {
  log::Capture capture;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int k = 0; k < 100; ++k) log::info("line", {{"thread", i}, {"k", k}});
    });
  }
  for (auto& thread : threads) thread.join();
  std::istringstream lines(capture.text());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_TRUE(JsonDocument::parse(line).ok()) << line;
  EXPECT_EQ(count, 400);
}

}  // namespace
}  // namespace kiki
