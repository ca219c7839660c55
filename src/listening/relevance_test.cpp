#include "listening/relevance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "base/json.hpp"

namespace kiki::listening {
namespace {

void learn(Lessons& lessons, const std::vector<std::string>& features, bool wanted) {
  const auto count = [&](const std::string& word) {
    ++(wanted ? lessons[word].wanted : lessons[word].skipped);
  };
  count("");
  for (const auto& feature : features) count(feature);
}

TEST(Relevance, SaysNothingBeforeItKnowsEnough) {
  Lessons lessons;
  for (int i = 0; i < 7; ++i) {
    learn(lessons, {"broken"}, true);
    learn(lessons, {"coupon"}, false);
  }
  EXPECT_FALSE(relevance(lessons, {"broken"}).has_value());
  learn(lessons, {"broken"}, true);
  learn(lessons, {"coupon"}, false);
  EXPECT_GT(*relevance(lessons, {"broken"}), 80);
  EXPECT_LT(*relevance(lessons, {"coupon"}), 10);
  EXPECT_EQ(*relevance(lessons, {"never", "seen"}), 50);
}

TEST(Relevance, FeaturesAreWordsAndFacts) {
  const auto features = features_of("動かない？ https://example.com", "anna");
  const auto has = [&](std::string_view one) {
    return std::find(features.begin(), features.end(), one) != features.end();
  };
  EXPECT_TRUE(has("has:link"));
  EXPECT_TRUE(has("has:question"));
  EXPECT_TRUE(has("from:anna"));
}

struct Decided {
  std::vector<std::string> features;
  bool wanted = false;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The found posts of the sample day; whoever asks, complains, wishes or praises is wanted, chatter and noise
// are skipped.
std::vector<Decided> sample_day() {
  std::map<std::string, std::string, std::less<>> kinds;
  std::istringstream table(read_file(KIKI_SOURCE_DIR "/src/triage/sample_kinds.tsv"));
  for (std::string line; std::getline(table, line);) {
    const auto tab = line.find('\t');
    if (tab == std::string::npos) continue;
    auto kind = line.substr(tab + 1);
    kinds.emplace(line.substr(0, tab), kind.substr(0, kind.find('\t')));
  }
  std::vector<Decided> posts;
  const auto document = JsonDocument::parse(read_file(KIKI_SOURCE_DIR "/src/sample/sample_day.json"));
  EXPECT_TRUE(document.ok());
  EXPECT_TRUE(document->root()["posts"]
                  .each([&](JsonView one) -> Result<void> {
                    const auto post = one["post"];
                    if (post["reason"].text() != "found") return {};
                    const auto kind = kinds.find(post["external_id"].text());
                    if (kind == kinds.end()) return {};
                    posts.push_back({features_of(post["text"].text(), post["author"]["handle"].text()),
                                     kind->second != "chatter" && kind->second != "noise"});
                    return {};
                  })
                  .ok());
  return posts;
}

// The chance that a wanted post is scored above a skipped one.
double area_under_curve(const std::vector<std::pair<int, bool>>& scored) {
  double above = 0;
  double pairs = 0;
  for (const auto& [a, wanted] : scored) {
    if (!wanted) continue;
    for (const auto& [b, other] : scored) {
      if (other) continue;
      ++pairs;
      above += a > b ? 1.0 : a == b ? 0.5 : 0.0;
    }
  }
  return pairs > 0 ? above / pairs : 0;
}

// docs/decisions/relevance.md has the numbers. Each post is judged by what was learnt from all others.
TEST(Relevance, OrdersTheSampleDay) {
  const auto posts = sample_day();
  ASSERT_GT(posts.size(), 60U);
  std::vector<std::pair<int, bool>> scored;
  int folded = 0;
  int folded_wrongly = 0;
  for (std::size_t left_out = 0; left_out < posts.size(); ++left_out) {
    Lessons lessons;
    for (std::size_t i = 0; i < posts.size(); ++i) {
      if (i != left_out) learn(lessons, posts[i].features, posts[i].wanted);
    }
    const auto score = relevance(lessons, posts[left_out].features).value_or(50);
    scored.emplace_back(score, posts[left_out].wanted);
    if (score >= kFoldBelowScore) continue;
    ++folded;
    if (posts[left_out].wanted) ++folded_wrongly;
  }
  const auto area = area_under_curve(scored);
  const auto wanted =
      std::count_if(posts.begin(), posts.end(), [](const Decided& post) { return post.wanted; });
  std::cout << "posts " << posts.size() << ", wanted " << wanted << ", area under the curve " << area
            << ", folded " << folded << ", of them wanted " << folded_wrongly << "\n";
  EXPECT_GT(area, 0.6);
}

}  // namespace
}  // namespace kiki::listening
