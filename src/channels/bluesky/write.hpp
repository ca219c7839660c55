#pragma once
// What leaves: replies, likes, reposts, deletions. Every record's key is chosen before the first try, so
// after a lost answer getRecord says whether it arrived; a second createRecord under the same key is refused
// (with a 500).

#include <optional>

#include "channels/bluesky/bluesky_channel.hpp"
#include "channels/bluesky/xrpc.hpp"

namespace kiki::channels::bluesky {

constexpr int kTextLimitGraphemes = 300;  // lexicon app.bsky.feed.post
constexpr std::size_t kPostTextLimitBytes = 3'000;
constexpr int kImagesLimit = 4;  // lexicon app.bsky.embed.images
constexpr std::size_t kImageLimitBytes =
    1'000'000;  // 2 MB since 2026, but older data servers still refuse more than 1

class Writer {
 public:
  Writer(Xrpc& xrpc, Tools& tools, const BlueskyOptions& options)
      : xrpc_(xrpc), tools_(tools), options_(options) {}

  Result<Sent> send(const Account& account, AccountState& state, const Outgoing& outgoing,
                    std::stop_token stop);
  Result<std::optional<Sent>> look_up(const Account& account, AccountState& state, const Outgoing& outgoing,
                                      std::stop_token stop);
  Result<bool> is_visible(const Account& account, const Outgoing& outgoing, const Sent& sent,
                          std::stop_token stop);

 private:
  Result<Sent> create(const Account& account, AccountState& state, const std::string& collection,
                      const std::string& rkey, const std::string& record, std::stop_token stop);
  Result<Sent> remove(const Account& account, AccountState& state, const std::string& uri,
                      std::stop_token stop);
  Result<Sent> undo(const Account& account, AccountState& state, const Outgoing& outgoing,
                    std::stop_token stop);
  // The like or repost of a post by us; "" when there is none.
  Result<std::string> own_record_about(const Account& account, const std::string& collection,
                                       const std::string& subject, std::stop_token stop);
  Result<std::string> post_record(const Account& account, AccountState& state, const Outgoing& outgoing,
                                  std::stop_token stop);
  Result<std::string> reply_reference(const Outgoing& outgoing, std::stop_token stop);
  Result<std::string> upload(const Account& account, AccountState& state, const Outgoing::Image& image,
                             std::stop_token stop);
  Result<bool> listed(const std::string& nsid, const std::string& list, const std::string& uri,
                      const std::string& did, std::stop_token stop);

  Xrpc& xrpc_;
  Tools& tools_;
  const BlueskyOptions& options_;
};

// "app.bsky.feed.post" for reply, … "" for an action that makes no record.
std::string_view collection_of(std::string_view action);
// Refuses a text over the network's limits, or an image: kUnprocessable.
Result<void> check_outgoing(const Outgoing& outgoing);

}  // namespace kiki::channels::bluesky
