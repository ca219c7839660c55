#pragma once
// One message of Jetstream, the firehose as JSON, in both of its forms: the legacy /subscribe and
// network.bsky.jetstream.subscribeEvents (2026).
// https://github.com/bluesky-social/jetstream

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"

namespace kiki::channels::bluesky {

struct JetstreamEvent {
  enum class Kind : std::uint8_t { kCommit, kIdentity, kAccount, kSync, kInfo, kError, kUnknown };
  Kind kind = Kind::kUnknown;
  std::int64_t cursor = 0;   // seq (new) or unix microseconds (legacy); 0 for kInfo and kError
  std::int64_t time_us = 0;  // when the stream saw it
  std::string_view did;
  std::string_view rev;
  std::string_view operation;  // create, update, delete
  std::string_view collection;
  std::string_view rkey;
  std::string_view cid;
  std::string_view time;  // new form only
  bool active = true;     // kAccount
  std::string_view status;
  std::string_view name;  // kInfo, kError
  std::string_view message;
  JsonView record;  // absent for deletions
};

// Views into `document`, which must live as long. kCorrupt for what is no event; unknown kinds are kUnknown.
Result<JetstreamEvent> decode_jetstream_event(const JsonDocument& document);

}  // namespace kiki::channels::bluesky
