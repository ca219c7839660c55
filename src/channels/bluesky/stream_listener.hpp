#pragma once
// Reads the public stream and offers what somebody wants. Reconnects for ever, with a cursor; a post may be
// offered twice (the platform drops repeats), but none is passed over, except where the server no longer has
// it: then health says so.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "channels/bluesky/bluesky_channel.hpp"
#include "channels/bluesky/firehose_frame.hpp"
#include "net/websocket_client.hpp"

namespace kiki::channels::bluesky {

enum class StreamKind : std::uint8_t { kFirehose, kJetstream, kLegacyJetstream };

// "auto" looks at the URL's path. kInvalid for a kind that is not known.
Result<StreamKind> stream_kind(const BlueskyOptions& options);

// Where the stream was left. Stored as JSON; belongs to one URL, because every server counts for itself.
struct StreamCursor {
  std::int64_t position = 0;  // seq, or microseconds for the legacy Jetstream; 0 = from now on
  std::int64_t time_us = 0;   // when the server saw the last message; 0 = not known
  std::string text(const std::string& url) const;
  static StreamCursor read(std::string_view stored, const std::string& url);
};

// The URL with filters and cursor.
std::string stream_request_url(const std::string& url, StreamKind kind, const StreamCursor& cursor);

class StreamListener {
 public:
  static constexpr std::int64_t kCheckpointMs = 2'000;
  static constexpr std::size_t kCheckpointItems = 1'000;
  static constexpr std::size_t kIdentitiesLimit =
      1'000;  // waiting; further ones are left to the next profile

  using ReadStream = std::function<Result<void>(const net::WebSocketOptions&, std::stop_token,
                                                const std::function<Result<void>(std::string_view, bool)>&)>;

  StreamListener(Tools& tools, const BlueskyOptions& options, StreamInlet& inlet,
                 ReadStream read = net::read_websocket)
      : tools_(tools), options_(options), inlet_(inlet), read_(std::move(read)) {}

  Result<void> run(std::stop_token stop);

 private:
  Result<void> message(std::string_view bytes);
  Result<void> firehose_message(std::string_view bytes);
  Result<void> jetstream_message(std::string_view text);
  Result<void> firehose_record(const FirehoseOp& op, std::string_view rkey);
  Result<void> offer_deletion(const std::string& uri, std::string_view did, std::string_view time);
  // The end of an account, or a sign that its handle may be another one now.
  Result<void> account_changed(std::string_view did, bool active, std::string_view status,
                               std::string_view time);
  void identity_changed(std::string_view did, std::string_view time);
  // Asks directory and handle, away from the stream: whoever changes a handle chooses how slow it answers.
  void check_identities(std::stop_token stop);
  bool had(std::int64_t position) const;  // is this message one we have taken already?
  void moved_to(std::int64_t position, std::int64_t time_us);
  Result<void> checkpoint();  // mutex_ is held
  void health(std::string_view status, std::string_view detail);
  void unreadable(const Error& error);
  // After a connection has ended: what becomes of the cursor. True when a gap has to be told.
  void lost_connection(const Error& error);

  Tools& tools_;
  const BlueskyOptions& options_;
  StreamInlet& inlet_;
  ReadStream read_;
  StreamKind kind_ = StreamKind::kFirehose;

  std::mutex mutex_;  // everything below, and every call of the inlet: a second thread makes the checkpoints
  StreamCursor cursor_;
  bool moved_ = false;
  std::size_t offered_ = 0;
  TimeMs checkpoint_at_ = 0;
  TimeMs connecting_since_ = 0;  // 0 = not connecting or reading
  std::uint64_t messages_ = 0;
  std::uint64_t unreadable_ = 0;
  std::string gap_;
  std::string health_status_, health_detail_;
  FirehoseFrame frame_;

  std::mutex identities_mutex_;
  std::condition_variable_any identity_came_;
  std::deque<std::pair<std::string, std::string>> identities_;  // DID and time, at most kIdentitiesLimit
};

}  // namespace kiki::channels::bluesky
