#pragma once
// The filtered stream: X is told what the topics want (rules), and brings it as it is written. After every
// connection that was lost, a search from the last known post on closes the gap.
// https://docs.x.com/x-api/posts/filtered-stream/introduction

#include <set>
#include <string>
#include <vector>

#include "channels/contract/channel.hpp"
#include "channels/x/api.hpp"
#include "channels/x/reconnect.hpp"

namespace kiki::channels::x {

class StreamListener {
 public:
  static constexpr std::size_t kRuleLimitCharacters =
      512;  // as a search takes them too; a rule may have 1,024
  static constexpr std::size_t kRulesLimit = 1'000;
  static constexpr std::string_view kRuleTag = "kikimimi";  // rules with another tag are not ours
  static constexpr std::int64_t kLookMs = 5'000;            // at checkpoints and changed topics
  static constexpr std::int64_t kSearchBackMs = 7LL * 86'400'000 - 3'600'000;  // X searches seven days
  static constexpr int kGapPagesLimit = 10;

  StreamListener(Api& api, Tools& tools, const XOptions& options, StreamInlet& inlet)
      : api_(api), tools_(tools), options_(options), inlet_(inlet) {}

  Result<void> run(std::stop_token stop);

  // Parts of it, public for tests.
  // Rules and place for the next connection; false while no topic wants anything.
  Result<bool> prepare(std::stop_token stop);
  Result<void> synchronise_rules(const std::vector<std::string>& wanted, std::stop_token stop);
  Result<void> close_gap(const std::vector<std::string>& rules, const std::string& since,
                         std::stop_token stop);
  Result<void> take_line(std::string_view line);

 private:
  Result<std::vector<std::pair<std::string, std::string>>> rules_there(std::stop_token stop);
  Result<void> change_rules(const std::string& body, std::stop_token stop);
  Result<void> offer(const std::string& raw);
  Result<void> checkpoint();
  Result<std::vector<std::string>> wanted_rules();
  Result<void> look(std::stop_token stop);
  void health(std::string_view status, std::string_view detail);

  Api& api_;
  Tools& tools_;
  const XOptions& options_;
  StreamInlet& inlet_;
  std::vector<std::string> rules_;  // as X has them
  std::set<std::string> refused_;   // X cannot read them: not sent again
  std::string newest_, kept_;       // ids: seen, and durable
  bool told_nothing_ = false;       // that no topic wants anything, which stops X's bill
  TimeMs looked_at_ = 0;
  ReconnectSchedule schedule_{options_.backoff_unit_ms};
  std::string health_status_, health_detail_;
};

// X bills a repost like a post, and it says nothing new: none is asked for. Needs kRepostCharacters more.
inline constexpr std::size_t kRepostCharacters = 16;
std::vector<std::string> without_reposts(std::vector<std::string> rules);
// Rules joined by OR to as few searches as X's limit allows.
std::vector<std::string> searches_of(const std::vector<std::string>& rules, std::size_t limit_characters);

}  // namespace kiki::channels::x
