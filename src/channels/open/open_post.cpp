#include "channels/open/open_post.hpp"

#include <array>

#include "channels/open/open_channel.hpp"

namespace kiki::channels::open {

namespace {

constexpr std::array<std::string_view, 15> kPostKeys = {
    "external_id", "thread_id", "parent_id", "text",   "posted_at",   "language", "url",      "network",
    "visibility",  "direction", "reason",    "author", "attachments", "revision", "continues"};
constexpr std::array<std::string_view, 8> kAuthorKeys = {"id",  "name", "handle",    "avatar_url",
                                                         "url", "bio",  "followers", "customer_id"};
constexpr std::array<std::string_view, 6> kAttachmentKeys = {"kind",  "url",   "alt",
                                                             "title", "width", "height"};

template <std::size_t N>
Result<void> only_known_keys(JsonView object, const std::array<std::string_view, N>& known) {
  return object.each_member([&](std::string_view key, JsonView member) -> Result<void> {
    for (const auto& name : known) {
      if (key == name && !name.empty()) return {};
    }
    return invalid("unknown member", member.pointer());
  });
}

Result<std::string> url_or_empty(JsonView value) {
  auto text = TRY(value.string_or("", kUrlBytes));
  if (!text.empty() && !text.starts_with("https://") && !text.starts_with("http://")) {
    return invalid("expected an http or https URL", value.pointer());
  }
  return text;
}

Result<std::string> one_of(JsonView value, std::string_view otherwise,
                           std::initializer_list<std::string_view> allowed) {
  auto text = TRY(value.string_or(otherwise, 40));
  std::string list;
  for (auto option : allowed) {
    if (text == option) return text;
    list += (list.empty() ? "" : ", ") + std::string(option);
  }
  return invalid("expected one of: " + list, value.pointer());
}

// A label for the row's mark: short, lower case, so that it can be an i18n key.
Result<std::string> network_label(JsonView value) {
  auto text = TRY(value.string_or("open", 24));
  for (char c : text) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!fine) return invalid("expected only a-z, 0-9, - and _", value.pointer());
  }
  if (text.empty()) return invalid("must not be empty", value.pointer());
  return text;
}

Result<std::string> required_id(JsonView value) {
  auto text = TRY(value.string(kIdBytes));
  if (text.empty()) return invalid("must not be empty", value.pointer());
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return invalid("must not hold control characters", value.pointer());
  }
  return text;
}

Result<Attachment> read_attachment(JsonView value) {
  if (!value.is_object()) return invalid("expected an object", value.pointer());
  TRY(only_known_keys(value, kAttachmentKeys));
  Attachment attachment;
  attachment.kind = TRY(one_of(value["kind"], "link", {"image", "video", "link", "quote", "file"}));
  attachment.url = TRY(url_or_empty(value["url"]));
  if (attachment.url.empty()) return invalid("expected a URL", value.pointer() + "/url");
  attachment.alt = TRY(value["alt"].string_or("", 2'000));
  attachment.title = TRY(value["title"].string_or("", kNameBytes));
  attachment.width = TRY(value["width"].integer_or(0));
  attachment.height = TRY(value["height"].integer_or(0));
  return attachment;
}

Result<Author> read_author(JsonView value, std::string network, std::string_view prefix) {
  if (!value.is_object()) return invalid("expected an object", value.pointer());
  TRY(only_known_keys(value, kAuthorKeys));
  Author author;
  author.network = std::move(network);
  author.external_id = std::string(prefix) + TRY(required_id(value["id"]));
  author.name = TRY(value["name"].string_or("", kNameBytes));
  author.handle = TRY(value["handle"].string_or("", kIdBytes));
  author.avatar_url = TRY(url_or_empty(value["avatar_url"]));
  author.url = TRY(url_or_empty(value["url"]));
  author.bio = TRY(value["bio"].string_or("", 2'000));
  author.customer_id = TRY(value["customer_id"].string_or("", kIdBytes));
  if (!value["followers"].is_null()) {
    const auto followers = TRY(value["followers"].integer());
    if (followers < 0) return invalid("must not be negative", value["followers"].pointer());
    author.followers = followers;
  }
  author.full_profile = author.followers.has_value() || !author.bio.empty();
  return author;
}

}  // namespace

Result<IncomingPost> read_open_post(Id account_id, JsonView post, TimeMs received_at) {
  if (!post.is_object()) return invalid("expected an object", post.pointer());
  TRY(only_known_keys(post, kPostKeys));
  const auto prefix = to_string(account_id) + "/";
  IncomingPost incoming;
  const auto external_id = TRY(required_id(post["external_id"]));
  incoming.external_id = prefix + external_id;
  incoming.text = TRY(post["text"].string(kPostTextBytes));
  const auto parent = TRY(post["parent_id"].string_or("", kIdBytes));
  if (!parent.empty()) incoming.parent_external_id = prefix + parent;
  auto thread = TRY(post["thread_id"].string_or("", kIdBytes));
  if (thread.empty()) thread = parent.empty() ? external_id : parent;
  incoming.thread_external_id = prefix + thread;
  incoming.revision = TRY(post["revision"].string_or("", kIdBytes));
  incoming.language = TRY(post["language"].string_or("", 35));
  incoming.url = TRY(url_or_empty(post["url"]));
  auto network = TRY(network_label(post["network"]));
  const auto visibility = TRY(one_of(post["visibility"], "public", {"public", "private"}));
  incoming.visibility = visibility == "private" ? Visibility::kPrivate : Visibility::kPublic;
  incoming.continues = TRY(post["continues"].string_or("", kIdBytes));
  if (!incoming.continues.empty() && incoming.visibility != Visibility::kPrivate)
    return invalid("only a private post continues a case", post["continues"].pointer());
  const auto direction = TRY(one_of(post["direction"], "in", {"in", "out", "context"}));
  incoming.direction = direction == "in"    ? Direction::kIn
                       : direction == "out" ? Direction::kOut
                                            : Direction::kContext;
  incoming.reason = TRY(one_of(post["reason"], incoming.direction == Direction::kIn ? "message" : "context",
                               {"mention", "reply", "quote", "message", "found", "context"}));
  const auto posted_at = TRY(post["posted_at"].string_or("", 40));
  if (posted_at.empty()) {
    incoming.posted_at = received_at;
  } else {
    const auto time = parse_rfc3339(posted_at);
    if (!time) return invalid("expected an RFC 3339 time with an offset", post["posted_at"].pointer());
    incoming.posted_at = *time;
  }
  incoming.author = TRY(read_author(post["author"], std::move(network), prefix));
  const auto attachments = post["attachments"];
  if (!attachments.is_null()) {
    if (!attachments.is_array()) return invalid("expected an array", attachments.pointer());
    if (attachments.size() > kAttachments) return invalid("more than 20 attachments", attachments.pointer());
    TRY(attachments.each([&](JsonView value) -> Result<void> {
      incoming.attachments.push_back(TRY(read_attachment(value)));
      return {};
    }));
  }
  return incoming;
}

}  // namespace kiki::channels::open
