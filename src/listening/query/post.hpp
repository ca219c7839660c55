#pragma once
// What a query can see of a post. Views: whoever asks keeps the texts.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace kiki::listening::query {

struct Post {
  std::string_view text;
  std::string_view language;               // BCP 47, as the network or the detector said; empty: not known
  std::string_view network;                // "bluesky"
  std::string_view author;                 // handle without @
  std::optional<std::int64_t> followers;   // of the author
  std::string_view reply_to;               // handle of whom it answers; empty: not known, or no reply
  std::vector<std::string_view> links;     // those in the text are found without being named here
  std::vector<std::string_view> mentions;  // handles without @, likewise
  std::vector<std::string_view> hashtags;  // without #, likewise
  bool has_image = false;
  bool has_video = false;
  bool is_reply = false;
  bool is_repost = false;
  bool is_quote = false;
  // The handle of our own account that wrote it, as the query's workspace sees it; empty: not ours.
  std::string_view own_account;
};

}  // namespace kiki::listening::query
