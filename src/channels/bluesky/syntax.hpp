#pragma once
// The protocol's identifiers, as far as this channel reads or writes them.
// https://atproto.com/specs/handle, /did, /at-uri-scheme, /record-key, /nsid,
// https://atproto.com/specs/lexicon#datetime

#include <optional>
#include <string>
#include <string_view>

namespace kiki::channels::bluesky {

bool is_handle(std::string_view text);
bool is_did(std::string_view text);
bool is_nsid(std::string_view text);
bool is_record_key(std::string_view text);
bool is_datetime(std::string_view text);

// at://AUTHORITY[/COLLECTION[/RKEY]]; nothing else (queries and fragments are not used).
struct AtUri {
  std::string_view authority;  // DID or handle
  std::string_view collection;
  std::string_view rkey;
};
std::optional<AtUri> parse_at_uri(std::string_view text);

// "at://DID/app.bsky.feed.post/RKEY" only.
std::optional<AtUri> parse_post_uri(std::string_view text);
std::string posts_of(std::string_view did);  // how the at-URIs of all its records begin
std::string post_uri(std::string_view did, std::string_view rkey);
// The page people see; works with the DID, so it survives a change of handle.
std::string post_url(std::string_view uri);
std::string profile_url(std::string_view did);

// What a person may type: "@Name.Example ", "at://…", a profile link of bsky.app. A handle in lower case or a
// DID.
std::optional<std::string> handle_from_input(std::string_view text);

}  // namespace kiki::channels::bluesky
