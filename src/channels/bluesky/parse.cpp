#include "channels/bluesky/parse.hpp"

#include <algorithm>

#include "channels/bluesky/dag_json.hpp"
#include "channels/bluesky/incoming_embeds.hpp"
#include "channels/bluesky/incoming_facets.hpp"
#include "channels/bluesky/syntax.hpp"
#include "channels/bluesky/utf8.hpp"

namespace kiki::channels::bluesky {

namespace {

// The lexicon allows 3,000 bytes; servers that do not check may send more.
constexpr std::size_t kTextLimitBytes = 10'000;
constexpr std::size_t kNameLimitBytes = 640;
constexpr std::size_t kBioLimitBytes = 2'560;
constexpr std::size_t kHandleLimitBytes = 253;
constexpr std::size_t kLanguageLimitBytes = 35;
constexpr std::size_t kCidLimitBytes = 128;

struct Strong {  // com.atproto.repo.strongRef
  std::string uri;
  std::string cid;
};

Strong read_strong(JsonView ref) {
  const auto uri = ref["uri"].text();
  const auto cid = ref["cid"].text();
  if (!parse_at_uri(uri) || cid.empty() || cid.size() > kCidLimitBytes) return {};
  return {std::string(uri), std::string(cid)};
}

void append_strong(std::string& out, const Strong& ref) {
  out += "{\"uri\":";
  append_json_string(out, ref.uri);
  out += ",\"cid\":";
  append_json_string(out, ref.cid);
  out += "}";
}

// A reply names the post it answers and the first post of the thread, both with their cid.
// https://docs.bsky.app/docs/advanced-guides/posts#replies
std::string reply_reference(const Strong& root, const Strong& self) {
  std::string out = "{\"root\":";
  append_strong(out, root.uri.empty() ? self : root);
  out += ",\"parent\":";
  append_strong(out, self);
  out += "}";
  return out;
}

bool is_by(std::string_view uri, std::string_view did) {
  const auto parts = parse_at_uri(uri);
  return !did.empty() && parts && parts->authority == did;
}

// Authors may date their posts as they like; a time after we received it is not believed.
TimeMs posted_at(JsonView record, std::string_view seen_at, TimeMs received_at) {
  const TimeMs latest = std::min(parse_rfc3339(seen_at).value_or(received_at), received_at);
  const auto created = record["createdAt"].text();
  const auto time = is_datetime(created) ? parse_rfc3339(created) : std::nullopt;
  if (!time || *time <= 0) return latest;
  return std::min(*time, latest);
}

struct Source {
  std::string_view uri;
  std::string_view cid;
  std::string_view seen_at;
  JsonView record;
  JsonView view_embed;  // an AppView's, with addresses; may be absent
};

// Links in the text whose words show another (usually shortened) address.
void add_links(const std::vector<IncomingFacet>& facets, std::string_view text,
               std::vector<Attachment>& attachments) {
  for (const auto& facet : facets) {
    if (facet.kind != IncomingFacet::Kind::kLink || attachments.size() >= IncomingEmbeds::kLimit) continue;
    Attachment link;
    link.kind = "link";
    link.url = web_url(facet.value);
    const auto same = [&](const Attachment& other) { return other.url == link.url; };
    if (link.url.empty() || std::any_of(attachments.begin(), attachments.end(), same)) continue;
    link.title = clean(text.substr(facet.byte_start, facet.byte_end - facet.byte_start), kNameLimitBytes);
    attachments.push_back(std::move(link));
  }
}

Result<IncomingPost> read_post(const Account& account, const Source& source, Author author,
                               TimeMs received_at) {
  const auto uri = parse_post_uri(source.uri);
  if (!uri) return invalid("not the address of a post", "/uri");
  if (source.cid.empty() || source.cid.size() > kCidLimitBytes)
    return invalid("a post without its cid", "/cid");
  if (!source.record.is_object()) return invalid("a post without its record", "/record");
  if (author.external_id.empty()) author.external_id = uri->authority;
  if (author.external_id != uri->authority) return invalid("the author does not own the post", "/author/did");
  author.network = "bluesky";
  author.url = profile_url(author.external_id);

  IncomingPost post;
  const JsonView record = source.record;
  const auto text = record["text"].text();
  const auto facets = read_facets(record["facets"], text);
  const Strong self{std::string(source.uri), std::string(source.cid)};
  const Strong root = read_strong(record["reply"]["root"]);
  const Strong parent = read_strong(record["reply"]["parent"]);
  auto embeds = read_embeds(source.view_embed.is_object() ? source.view_embed : record["embed"]);

  post.external_id = self.uri;
  post.revision = self.cid;
  post.parent_external_id = parent.uri;
  post.thread_external_id = root.uri.empty() ? self.uri : root.uri;
  post.text = clean(text, kTextLimitBytes);
  (void)record["langs"]
      .each([&](JsonView language) -> Result<void> {
        if (post.language.empty() && language.text().size() <= kLanguageLimitBytes)
          post.language = clean(language.text(), kLanguageLimitBytes);
        return {};
      })
      .ok();
  post.url = post_url(self.uri);
  post.posted_at = posted_at(record, source.seen_at, received_at);
  post.attachments = std::move(embeds.attachments);
  add_links(facets, text, post.attachments);
  post.reply_reference = reply_reference(root, self);

  const std::string& own = account.external_id;
  const auto mentions_us = [&](const IncomingFacet& f) {
    return f.kind == IncomingFacet::Kind::kMention && f.value == own;
  };
  if (!own.empty() && author.external_id == own) {
    post.direction = Direction::kOut;
    post.reason = "own";
  } else if (is_by(parent.uri, own)) {
    post.reason = "reply";
  } else if (!own.empty() && std::any_of(facets.begin(), facets.end(), mentions_us)) {
    post.reason = "mention";
  } else if (is_by(embeds.quoted_uri, own)) {
    post.reason = "quote";
  } else if (is_by(root.uri, own)) {
    post.reason = "reply";
  } else {
    post.reason = "found";
  }
  post.author = std::move(author);
  return post;
}

Result<std::vector<Incoming>> parse_notification(const Account& account, JsonView root, TimeMs received_at) {
  const auto reason = root["reason"].text();
  std::vector<Incoming> out;
  if (reason != "mention" && reason != "reply" && reason != "quote")
    return out;  // likes, follows: nothing to answer
  auto post = TRY(read_post(
      account, {root["uri"].text(), root["cid"].text(), root["indexedAt"].text(), root["record"], {}},
      read_author(root["author"], false), received_at));
  if (post.direction == Direction::kIn) post.reason = reason;
  out.emplace_back(std::move(post));
  return out;
}

Result<std::vector<Incoming>> parse_record(const Account& account, JsonView root, TimeMs received_at) {
  Author author;
  author.external_id = clean(root["did"].text(), 2'048);
  auto post = TRY(read_post(account,
                            {root["uri"].text(), root["cid"].text(), root["time"].text(), root["record"], {}},
                            std::move(author), received_at));
  std::vector<Incoming> out;
  out.emplace_back(std::move(post));
  return out;
}

Result<std::vector<Incoming>> parse_post_view(const Account& account, JsonView root, TimeMs received_at) {
  auto post = TRY(read_post(
      account,
      {root["uri"].text(), root["cid"].text(), root["indexedAt"].text(), root["record"], root["embed"]},
      read_author(root["author"], false), received_at));
  if (post.direction == Direction::kIn) {
    post.direction = Direction::kContext;
    post.reason = "context";
  }
  std::vector<Incoming> out;
  out.emplace_back(std::move(post));
  return out;
}

Result<std::vector<Incoming>> parse_deletion(JsonView root, TimeMs received_at) {
  const auto uri = root["uri"].text();
  if (!parse_post_uri(uri)) return invalid("not the address of a post", "/uri");
  IncomingDeletion deletion;
  deletion.external_id = uri;
  deletion.deleted_at = std::min(parse_rfc3339(root["time"].text()).value_or(received_at), received_at);
  std::vector<Incoming> out;
  out.emplace_back(std::move(deletion));
  return out;
}

Result<std::vector<Incoming>> parse_account(JsonView root, TimeMs received_at) {
  const auto did = root["did"].text();
  if (!is_did(did)) return invalid("not an account", "/did");
  IncomingAuthorGone gone;
  gone.network = "bluesky";
  gone.external_id = did;
  gone.posts_prefix = posts_of(did);
  gone.gone_at = std::min(parse_rfc3339(root["time"].text()).value_or(received_at), received_at);
  std::vector<Incoming> out;
  if (is_gone_for_good(root["status"].text())) out.emplace_back(std::move(gone));
  return out;
}

Result<std::vector<Incoming>> parse_identity(JsonView root) {
  const auto did = root["did"].text();
  const auto handle = root["handle"].text();
  if (!is_did(did)) return invalid("not an account", "/did");
  if (!is_handle(handle)) return invalid("not a handle", "/handle");
  IncomingProfile profile;
  profile.author.network = "bluesky";
  profile.author.external_id = did;
  profile.author.handle = handle;
  std::vector<Incoming> out;
  out.emplace_back(std::move(profile));
  return out;
}

}  // namespace

// A deactivated or suspended account may come back, and its posts with it.
// https://atproto.com/specs/account#hosting-status
bool is_gone_for_good(std::string_view account_status) {
  return account_status == "deleted" || account_status == "takendown";
}

Author read_author(JsonView profile, bool full) {
  Author author;
  author.network = "bluesky";
  author.external_id = clean(profile["did"].text(), 2'048);
  const auto handle = profile["handle"].text();
  // What the AppView shows when a handle no longer leads back to its owner.
  if (handle != "handle.invalid") author.handle = clean(handle, kHandleLimitBytes);
  author.name = clean(profile["displayName"].text(), kNameLimitBytes);
  author.avatar_url = web_url(profile["avatar"].text());
  author.url = profile_url(author.external_id);
  if (full) {
    author.full_profile = true;
    author.bio = clean(profile["description"].text(), kBioLimitBytes);
    if (const auto followers = profile["followersCount"].integer(); followers.ok() && *followers >= 0)
      author.followers = *followers;
  }
  return author;
}

Result<std::vector<Incoming>> parse_item(const Account& account, const RawItem& item, TimeMs received_at) {
  const auto document = TRY(JsonDocument::parse(item.body, JsonLimits{2 << 20, 64}));
  const JsonView root = document.root();
  if (!root.is_object()) return invalid("not an object", "");
  if (item.source == kNotificationSource) return parse_notification(account, root, received_at);
  if (item.source == kRecordSource) return parse_record(account, root, received_at);
  if (item.source == kPostViewSource) return parse_post_view(account, root, received_at);
  if (item.source == kDeletionSource) return parse_deletion(root, received_at);
  if (item.source == kAccountSource) return parse_account(root, received_at);
  if (item.source == kIdentitySource) return parse_identity(root);
  return invalid("an unknown source", "");
}

}  // namespace kiki::channels::bluesky
