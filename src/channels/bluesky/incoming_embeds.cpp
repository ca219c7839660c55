#include "channels/bluesky/incoming_embeds.hpp"

#include <algorithm>

#include "channels/bluesky/syntax.hpp"
#include "channels/bluesky/utf8.hpp"

namespace kiki::channels::bluesky {

namespace {

constexpr std::size_t kUrlLimitBytes = 2'048;
constexpr std::size_t kAltLimitBytes = 10'000;
constexpr std::size_t kTitleLimitBytes = 600;
constexpr std::int64_t kSideLimitPixels = 100'000;

void add(IncomingEmbeds& out, Attachment attachment) {
  if (out.attachments.size() < IncomingEmbeds::kLimit) out.attachments.push_back(std::move(attachment));
}

void read_size(JsonView item, Attachment& attachment) {
  const auto width = item["aspectRatio"]["width"].number_or_zero();
  const auto height = item["aspectRatio"]["height"].number_or_zero();
  if (width <= 0 || height <= 0 || width > kSideLimitPixels || height > kSideLimitPixels) return;
  attachment.width = width;
  attachment.height = height;
}

// images, gallery: the record's items and the view's have the same place; only the view's have addresses.
void read_images(JsonView items, IncomingEmbeds& out) {
  (void)items
      .each([&](JsonView item) -> Result<void> {
        Attachment image;
        image.kind = "image";
        image.url = web_url(item["fullsize"].text());
        image.thumbnail_url = web_url(item["thumb"].text(item["thumbnail"].text()));
        image.alt = clean(item["alt"].text(), kAltLimitBytes);
        read_size(item, image);
        add(out, std::move(image));
        return {};
      })
      .ok();
}

void read_video(JsonView embed, IncomingEmbeds& out) {
  Attachment video;
  video.kind = "video";
  video.url = web_url(embed["playlist"].text());
  video.thumbnail_url = web_url(embed["thumbnail"].text());
  video.alt = clean(embed["alt"].text(), kAltLimitBytes);
  read_size(embed, video);
  add(out, std::move(video));
}

void read_external(JsonView external, IncomingEmbeds& out) {
  Attachment link;
  link.kind = "link";
  link.url = web_url(external["uri"].text());
  if (link.url.empty()) return;
  link.title = clean(external["title"].text(), kTitleLimitBytes);
  link.thumbnail_url = web_url(external["thumb"].text());
  add(out, std::move(link));
}

// `record` is {uri,cid} in a record, or a view with author and value.
void read_quote(JsonView record, IncomingEmbeds& out) {
  const auto uri = record["uri"].text();
  if (!parse_at_uri(uri)) return;
  if (!parse_post_uri(uri)) return;  // a feed, a list, a starter pack
  out.quoted_uri = uri;
  Attachment quote;
  quote.kind = "quote";
  quote.url = post_url(uri);
  const auto handle = record["author"]["handle"].text();
  const auto text = record["value"]["text"].text();
  if (!handle.empty())
    quote.title = clean("@" + std::string(handle) + ": " + std::string(text), kTitleLimitBytes);
  add(out, std::move(quote));
}

void read_one(JsonView embed, IncomingEmbeds& out) {
  std::string_view type = embed["$type"].text();
  type = type.substr(0, type.find('#'));  // "app.bsky.embed.images#view" holds the same members
  if (type == "app.bsky.embed.images") {
    read_images(embed["images"], out);
  } else if (type == "app.bsky.embed.gallery") {
    read_images(embed["items"], out);
  } else if (type == "app.bsky.embed.video") {
    read_video(embed, out);
  } else if (type == "app.bsky.embed.external") {
    read_external(embed["external"], out);
  } else if (type == "app.bsky.embed.record") {
    read_quote(embed["record"], out);
  }
}

}  // namespace

std::string web_url(std::string_view text) {
  if (text.size() > kUrlLimitBytes || !(text.starts_with("https://") || text.starts_with("http://")))
    return {};
  const auto bad = [](char c) {
    return static_cast<std::uint8_t>(c) <= 0x20 || c == '"' || c == '<' || c == '>' || c == 0x7f;
  };
  if (std::any_of(text.begin(), text.end(), bad)) return {};
  return clean(text, kUrlLimitBytes);
}

IncomingEmbeds read_embeds(JsonView embed) {
  IncomingEmbeds out;
  if (!embed.is_object()) return out;
  if (embed["$type"].text().starts_with("app.bsky.embed.recordWithMedia")) {
    read_one(embed["media"], out);
    read_quote(embed["record"]["record"], out);
  } else {
    read_one(embed, out);
  }
  return out;
}

}  // namespace kiki::channels::bluesky
