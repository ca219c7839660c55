#pragma once
// One message of com.atproto.sync.subscribeRepos: two DAG-CBOR values, a header {op, t} and a body.
// https://atproto.com/specs/event-stream and lexicon com.atproto.sync.subscribeRepos

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "channels/bluesky/cid.hpp"

namespace kiki::channels::bluesky {

struct FirehoseOp {
  std::string_view action;  // create, update, delete
  std::string_view path;    // "app.bsky.feed.post/3l4…"
  Cid cid;                  // of the record; empty for a deletion
};

// Views into the message. Use one frame again and again: ops keeps its memory.
struct FirehoseFrame {
  enum class Kind : std::uint8_t { kCommit, kSync, kIdentity, kAccount, kInfo, kError, kUnknown };
  static constexpr std::size_t kOpsLimit = 1'000;  // the lexicon says 200; older servers sent more

  Kind kind = Kind::kUnknown;
  std::int64_t seq = 0;  // 0 for kInfo, kError, kUnknown
  std::string_view did;
  std::string_view rev;
  std::string_view time;
  bool too_big = false;     // commit without its blocks
  std::string_view blocks;  // CAR
  std::vector<FirehoseOp> ops;
  bool active = true;       // kAccount
  std::string_view status;  // kAccount: takendown, suspended, deleted, deactivated …
  std::string_view handle;  // kIdentity
  std::string_view name;    // kInfo: OutdatedCursor; kError: FutureCursor, ConsumerTooSlow
  std::string_view message;
};

// kCorrupt for what is no frame. A type that is not known (a later version of the protocol) is kUnknown, not
// an error.
Result<void> decode_firehose_frame(std::string_view bytes, FirehoseFrame& frame);

// What matching needs of a post's record, without building anything.
struct PostGlance {
  std::string_view text;
  std::string_view language;  // the first of langs
  std::string_view parent_uri;
  std::string_view root_uri;
  std::vector<std::string_view> links;     // of facets and of a link card
  std::vector<std::string_view> hashtags;  // of facets, without #
  bool has_image = false;
  bool has_video = false;
  bool is_quote = false;  // of another post
};
// Of embeds and facets, what is not understood is left out.
Result<PostGlance> glance_at_post(std::string_view record_cbor);

}  // namespace kiki::channels::bluesky
