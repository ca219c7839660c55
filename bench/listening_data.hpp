#pragma once
// Made-up posts and queries for the bench of listening: the same for the same seed, and with the proportions
// that decide the cost. A few words are in nearly every post and most in hardly any (Zipf), a query names
// rare things (brands, their spellings) and narrows them with common words, and half of everything is
// Japanese.

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace kiki::bench {

class Words {
 public:
  explicit Words(std::uint64_t seed);
  // By rank, 0 the most common.
  const std::string& english(std::size_t rank) const { return english_[rank % english_.size()]; }
  const std::string& japanese(std::size_t rank) const { return japanese_[rank % japanese_.size()]; }
  std::size_t size() const { return japanese_.size(); }

 private:
  std::vector<std::string> english_;
  std::vector<std::string> japanese_;
};

class ListeningData {
 public:
  explicit ListeningData(std::uint64_t seed) : words_(seed), random_(seed + 1) {}

  std::string text();                         // of a post: 60 % Japanese, about 120 bytes
  std::string post_line(std::size_t number);  // the JSON line of one
  std::string line_of(std::size_t number, std::string_view text);
  std::string query();  // 5 terms on average; AND, OR, NOT, NEAR, phrases, fields

  // Sets that are meant to hurt, and texts for them of the same length as text().
  struct Adversarial {
    std::string name;
    std::vector<std::string> queries;
    std::vector<std::string> lines;
  };
  std::vector<Adversarial> adversarial(std::size_t queries, std::size_t posts);

  std::mt19937_64& random() { return random_; }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  std::size_t common_rank();  // log-uniform: Zipf
  std::string brand(bool japanese);
  std::string context(bool japanese);

  Words words_;
  std::mt19937_64 random_;
};

}  // namespace kiki::bench
