#pragma once
// Reads what is addressed to a connected account: polls listNotifications, journals what is new (oldest
// first, together with the cursor), closes the gap after a downtime by paging back to the last known one, and
// now and then looks whether the posts we hold still exist.
//
// The list is sorted by the author's own time, so a post written offline yesterday appears among yesterday's:
// therefore the cursor is the set of the last known posts, not a time.

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "channels/bluesky/bluesky_channel.hpp"
#include "channels/bluesky/xrpc.hpp"

namespace kiki::channels::bluesky {

class NotificationReader {
 public:
  static constexpr std::size_t kKnownLimit = 400;
  static constexpr int kPagesLimit = 100;  // of 100: what one gap may hold
  static constexpr std::size_t kBatchItems = 200;
  static constexpr std::size_t kRecheckPosts = 500;
  static constexpr std::size_t kAskedPerStep = 5;               // data servers; each may take its time
  static constexpr std::size_t kPostsPerCall = 25;              // lexicon app.bsky.feed.getPosts
  static constexpr TimeMs kFirstLookBackMs = 7LL * 86'400'000;  // what a newly connected account brings along

  NotificationReader(Xrpc& xrpc, Tools& tools, const BlueskyOptions& options, const Account& account,
                     AccountState& state, Inlet& inlet)
      : xrpc_(xrpc), tools_(tools), options_(options), account_(account), state_(state), inlet_(inlet) {}

  // Until stop is requested, or a person must act.
  Result<void> run(std::stop_token stop);

  // One look at the notifications. Public for tests.
  Result<std::size_t> poll(std::stop_token stop);
  // One step of the check for deletions: starts a round when one is due, else asks about the next posts of
  // it.
  Result<void> recheck(std::stop_token stop);

 private:
  struct Item {
    std::string key;
    RawItem raw;
  };
  // What the author's own data server says: an AppView may hide a post, or not have seen it.
  Result<bool> is_deleted(const std::string& uri, std::stop_token stop);
  Result<void> load_cursor();
  std::string cursor_value() const;
  void remember(std::string key);
  Result<std::vector<Item>> collect(std::stop_token stop);
  Result<void> mark_seen(std::stop_token stop);
  void health(std::string_view status, std::string_view detail);

  Xrpc& xrpc_;
  Tools& tools_;
  const BlueskyOptions& options_;
  const Account& account_;
  AccountState& state_;
  Inlet& inlet_;

  bool loaded_ = false;
  bool first_time_ = false;
  std::deque<std::string> known_;  // oldest first
  std::set<std::string> known_set_;

  TimeMs next_round_at_ = 0;
  std::vector<HeldPost> to_check_;
  std::set<std::string> missing_before_, missing_now_;

  std::string health_status_, health_detail_;
};

}  // namespace kiki::channels::bluesky
