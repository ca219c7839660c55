#include "listening/relevance.hpp"

#include <algorithm>
#include <cmath>

#include "text/words.hpp"

namespace kiki::listening {
namespace {

constexpr double kSmoothing = 0.5;
constexpr std::size_t kFeaturesLimit = 200;

}  // namespace

std::vector<std::string> features_of(std::string_view text, std::string_view author) {
  std::vector<std::string> features;
  for (auto& word : text::words_of(text)) {
    if (features.size() == kFeaturesLimit) break;
    features.push_back(std::move(word.text));
  }
  if (!text::links_of(text).empty()) features.emplace_back("has:link");
  if (text.find('?') != std::string_view::npos || text.find("？") != std::string_view::npos)
    features.emplace_back("has:question");
  if (!author.empty()) features.push_back("from:" + std::string(author));
  return features;
}

bool knows_enough(const Lesson& cases) {
  return cases.wanted >= kLeastDecisions && cases.skipped >= kLeastDecisions;
}

std::optional<int> relevance(const Lessons& lessons, const std::vector<std::string>& features) {
  const auto cases = lessons.find("");
  if (cases == lessons.end() || !knows_enough(cases->second)) return std::nullopt;
  const auto wanted = static_cast<double>(cases->second.wanted);
  const auto skipped = static_cast<double>(cases->second.skipped);
  double evidence = std::log(wanted / skipped);
  std::size_t known = 0;
  for (const auto& feature : features) {
    const auto lesson = lessons.find(feature);
    if (lesson == lessons.end()) continue;
    ++known;
    evidence +=
        std::log((static_cast<double>(lesson->second.wanted) + kSmoothing) / (wanted + 2 * kSmoothing)) -
        std::log((static_cast<double>(lesson->second.skipped) + kSmoothing) / (skipped + 2 * kSmoothing));
  }
  // Words are no independent witnesses: a long text would always be certain.
  if (known > 0) evidence /= std::sqrt(std::sqrt(static_cast<double>(known)));
  const double probability = 1.0 / (1.0 + std::exp(-evidence));
  return static_cast<int>(std::lround(std::clamp(probability, 0.0, 1.0) * 100));
}

}  // namespace kiki::listening
