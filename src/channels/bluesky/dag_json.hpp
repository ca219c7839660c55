#pragma once
// DAG-CBOR as AT Protocol's JSON: links are {"$link":"bafy…"}, bytes {"$bytes":"base64"}. So that a record
// from the firehose is stored and parsed in the same shape as one from Jetstream.
// https://atproto.com/specs/data-model

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace kiki::channels::bluesky {

// Appends; on an error `out` holds a part. `bytes` must be exactly one value.
Result<void> append_dag_json(std::string& out, std::string_view bytes);

// With quotes. The text must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

}  // namespace kiki::channels::bluesky
