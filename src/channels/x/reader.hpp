#pragma once
// Reads what is addressed to an account. X calls us where it can; then polling only closes gaps: at the start
// and whenever X has not called for a while. Where it cannot, polling is the cheapest way there is: a look
// that finds nothing costs nothing, and a mention found costs a fifth of a delivered event.

#include <string>
#include <vector>

#include "channels/contract/channel.hpp"
#include "channels/x/api.hpp"

namespace kiki::channels::x {

inline constexpr std::string_view kMentionsCursor = "mentions";  // the newest post's id
inline constexpr std::string_view kMessagesCursor = "messages";  // the newest message's id

class Reader {
 public:
  static constexpr std::int64_t kWebhookFreshMs = 15 * 60'000;
  static constexpr TimeMs kFirstLookBackMs = 7LL * 86'400'000;
  static constexpr int kMentionPagesLimit = 8;  // X keeps the newest 800
  static constexpr int kMessagePagesLimit = 10;
  static constexpr std::int64_t kRecheckMs = 24LL * 3'600'000;
  static constexpr std::size_t kRecheckPosts = 100;  // one call

  Reader(Api& api, Tools& tools, const XOptions& options, const Account& account, AccountState& state,
         Inlet& inlet)
      : api_(api), tools_(tools), options_(options), account_(account), state_(state), inlet_(inlet) {}

  Result<void> run(std::stop_token stop);

  // One look each; how many came. Public for tests.
  Result<std::size_t> poll_mentions(std::stop_token stop);
  Result<std::size_t> poll_messages(std::stop_token stop);
  // Once a day: are the posts we hold still there, and as they were?
  Result<void> recheck(std::stop_token stop);
  // Has X called lately, and is it to call of this event?
  bool is_called(std::string_view event) const;

 private:
  Result<std::size_t> keep(std::vector<RawItem> items, std::vector<std::string> ids, std::string_view cursor);
  std::int64_t affordable(std::int64_t price, std::int64_t least, std::int64_t most);
  void health(std::string_view status, std::string_view detail);

  Api& api_;
  Tools& tools_;
  const XOptions& options_;
  const Account& account_;
  AccountState& state_;
  Inlet& inlet_;
  std::string health_status_, health_detail_;
};

// The fields of a post we ask for, with X's names of today.
Params post_fields();

}  // namespace kiki::channels::x
