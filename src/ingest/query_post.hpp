#pragma once
// A post as the query language sees it. Views into what it was made of.

#include "channels/contract/channel.hpp"
#include "listening/query/post.hpp"

namespace kiki::ingest {

inline listening::query::Post query_post(const channels::IncomingPost& post) {
  listening::query::Post seen;
  seen.text = post.text;
  seen.language = post.language;
  seen.network = post.author.network;
  seen.author = post.author.handle;
  seen.followers = post.author.followers;
  seen.is_reply = !post.parent_external_id.empty();
  for (const auto& attachment : post.attachments) {
    if (attachment.kind == "image") seen.has_image = true;
    if (attachment.kind == "video") seen.has_video = true;
    if (attachment.kind == "quote") seen.is_quote = true;
    if (attachment.kind == "link") seen.links.push_back(attachment.url);
  }
  return seen;
}

// A stream knows its authors by id alone: no handle and no followers.
inline listening::query::Post query_post(const channels::StreamPost& post, std::string_view network) {
  listening::query::Post seen;
  seen.text = post.text;
  seen.language = post.language;
  seen.network = network;
  seen.is_reply = !post.parent_external_id.empty();
  seen.links = post.links;
  seen.hashtags = post.hashtags;
  seen.has_image = post.has_image;
  seen.has_video = post.has_video;
  seen.is_quote = post.is_quote;
  return seen;
}

}  // namespace kiki::ingest
