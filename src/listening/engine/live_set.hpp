#pragma once
// A set of queries that people change while it is in use. The many that rest stand in one RuleSet; what was
// changed lately stands in a second, small one, and hides what it replaces. So a change is live in a moment
// however many queries there are; when there are many changes, a thread makes one set of both.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "listening/engine/rule_set.hpp"

namespace kiki::listening::engine {

// Immutable; shared by all threads, each with its own Scratch.
class LayeredSet {
 public:
  // Reads the post into the scratch and finds the ids of the queries that match, ascending.
  void match(const query::Post& post, Scratch& scratch, std::vector<std::uint64_t>& ids) const;
  bool matches_any(const query::Post& post, Scratch& scratch) const;
  std::size_t queries() const;
  std::size_t bytes() const;

 private:
  friend class LiveSet;
  std::shared_ptr<const RuleSet> base_;
  std::shared_ptr<const RuleSet> recent_;
  std::vector<std::uint64_t> replaced_;  // of base_, ascending: changed or gone
};

class LiveSet {
 public:
  struct Change {
    std::uint64_t id = 0;
    std::shared_ptr<const query::Query> query;  // kept, for the next merge
    text::SearchFold fold;
  };
  static constexpr std::size_t kRecentLimit = 1'000;  // then both are made one

  explicit LiveSet(std::size_t recent_limit = kRecentLimit);
  ~LiveSet();
  LiveSet(const LiveSet&) = delete;
  LiveSet& operator=(const LiveSet&) = delete;

  // All at once, in place of what there was.
  void load(const std::vector<Change>& all);
  // Live when they return. A later change of the same id replaces the earlier one.
  void put(Change change);
  void remove(std::uint64_t id);
  std::shared_ptr<const LayeredSet> set() const;
  // Waits until no thread is merging.
  void settle();

 private:
  struct Source {
    std::shared_ptr<const query::Query> query;
    text::SearchFold fold;
  };
  void changed();  // changes_ is held
  void merge();

  const std::size_t recent_limit_;
  std::mutex changes_;  // makes one change at a time; guards what follows
  std::unordered_map<std::uint64_t, Source> sources_;
  std::map<std::uint64_t, bool> recent_;  // ids changed since base_; false: removed
  std::shared_ptr<const RuleSet> base_;
  std::thread merging_;
  bool is_merging_ = false;
  bool stops_ = false;
  mutable std::mutex swap_;  // guards set_
  std::shared_ptr<const LayeredSet> set_;
};

}  // namespace kiki::listening::engine
