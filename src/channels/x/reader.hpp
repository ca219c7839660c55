#pragma once
// One account's reader: asks for mentions and messages, closes every gap, looks once a day what is gone.
// Where X tells by itself (a webhook or its stream) it asks at the start, after each loss, and every quarter
// of an hour.

#include <memory>
#include <string>
#include <vector>

#include "channels/contract/channel.hpp"
#include "channels/x/activity_stream.hpp"
#include "channels/x/api.hpp"
#include "channels/x/parse.hpp"
#include "channels/x/webhook.hpp"

namespace kiki::channels::x {

inline constexpr std::string_view kMentionsCursor = "mentions";  // the newest post's id
inline constexpr std::string_view kMessagesCursor = "messages";  // the newest message's id
inline constexpr std::string_view kOwnCursor = "own";            // the newest of our own posts
inline constexpr std::string_view kHeardAt = "heard_at";         // when all was heard last, milliseconds

class Reader {
 public:
  static constexpr TimeMs kFirstLookBackMs = 7LL * 86'400'000;
  static constexpr int kMentionPagesLimit = 8;  // X keeps the newest 800
  static constexpr int kMessagePagesLimit = 10;
  static constexpr std::int64_t kRecheckMs = 24LL * 3'600'000;
  static constexpr std::size_t kRecheckPosts = 100;  // one call
  static constexpr int kOwnPagesLimit = 5;
  static constexpr std::int64_t kOwnSoonMs = 3'600'000;  // after it was opened; then seldom
  static constexpr std::int64_t kAwayMs = 5 * 60'000;    // shorter is no gap to speak of

  Reader(Api& api, Tools& tools, const XOptions& options, ActivityStreams& streams, const Account& account,
         AccountState& state, Inlet& inlet)
      : api_(api),
        tools_(tools),
        options_(options),
        streams_(streams),
        account_(account),
        state_(state),
        inlet_(inlet) {}

  Result<void> run(std::stop_token stop);

  // One look each; how many came. Public for tests.
  Result<std::size_t> poll_mentions(std::stop_token stop);
  Result<std::size_t> poll_messages(std::stop_token stop);
  // Our own posts since somebody opened X's page to answer there by hand (Inlet::awaits_own_post).
  Result<std::size_t> poll_own(TimeMs opened_at, std::stop_token stop);
  // All was heard until now; after a time away the account's page says how many `posts` came of it.
  void note_heard(std::size_t posts);
  // Once a day: are the posts we hold still there, and as they were?
  Result<void> recheck(std::stop_token stop);
  // Does X tell of this event by itself?
  bool is_told(std::string_view event) const;

 private:
  struct Round;
  Result<std::size_t> keep(std::vector<RawItem> items, std::vector<std::string> ids, std::string_view cursor);
  Result<std::size_t> keep_in_order(std::vector<PageItem> found, std::string_view cursor);
  // A page of our own account's posts, `asked` at most; `next`: of this page, then of the one behind it.
  Result<std::vector<PageItem>> ask_page(ApiCall call, std::int64_t asked, std::string& next,
                                         std::stop_token stop);
  std::int64_t affordable(std::int64_t price, std::int64_t least, std::int64_t most);
  void health(std::string_view status, std::string_view detail);
  void take_seat(std::stop_token stop);
  std::optional<Error> look(Round& round, std::stop_token stop);
  void look_for_own(Round& round, std::stop_token stop);

  Api& api_;
  Tools& tools_;
  const XOptions& options_;
  ActivityStreams& streams_;
  const Account& account_;
  AccountState& state_;
  Inlet& inlet_;
  std::unique_ptr<ActivityStreams::Seat> seat_;
  std::string own_since_;  // while an answer by hand is awaited
  bool none_awaited_ = false;
  std::string health_status_, health_detail_;
};

// The fields of a post we ask for, with X's names of today.
Params post_fields();

}  // namespace kiki::channels::x
