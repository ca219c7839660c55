#include "channels/x/parse.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "channels/x/json_read.hpp"
#include "channels/x/post_reader.hpp"
#include "channels/x/post_text.hpp"

namespace kiki::channels::x {

namespace {

constexpr std::size_t kMessageLimitBytes = 100'000;
constexpr std::size_t kItemsLimit = 1'000;
constexpr JsonLimits kItemLimits{4 << 20, 64};

using Facts = std::vector<Incoming>;

// "TweetMentionCreate" and "tweet.mention.create" are today's "post.mention.create".
std::string event_name(std::string_view told) {
  std::string name;
  for (const char c : told.substr(0, 100)) {
    if (c >= 'A' && c <= 'Z') {
      if (!name.empty() && name.back() != '.') name.push_back('.');
      name.push_back(static_cast<char>(c - 'A' + 'a'));
    } else {
      name.push_back(c);
    }
  }
  if (name.starts_with("tweet.")) name.replace(0, 5, "post");
  return name;
}

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// "ref:…" is the word of a link of ours that X wrote into the message for them (private_place).
std::string take_link_word(std::string& text) {
  static constexpr std::string_view kMark = "ref:";
  for (auto at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at + 1)) {
    if (at > 0 && text[at - 1] != ' ' && text[at - 1] != '\n') continue;
    auto end = at + kMark.size();
    while (end < text.size() && is_word_char(text[end])) ++end;
    const auto length = end - at - kMark.size();
    if (length < 20 || length > 200) continue;
    auto word = text.substr(at + kMark.size(), length);
    text.erase(at, end - at);
    text.erase(0, text.find_first_not_of(" \n"));
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.pop_back();
    return word;
  }
  return {};
}

struct MessageFacts {
  std::string id;
  std::string sender;
  std::string other;         // whom an answer goes to; empty in a group
  std::string conversation;  // "1-2", or a group's number
  Author author;
  ShownText text;
  std::vector<Attachment> attachments;
  TimeMs at = 0;
};

IncomingPost finish_message(const Account& account, MessageFacts facts, TimeMs received_at) {
  IncomingPost post;
  const bool ours = !account.external_id.empty() && facts.sender == account.external_id;
  post.direction = ours ? Direction::kOut : Direction::kIn;
  post.reason = ours ? "own" : "message";
  post.visibility = Visibility::kPrivate;
  post.external_id = "x:dm:" + facts.id;
  post.thread_external_id = "x:dm:" + facts.conversation;
  post.author = std::move(facts.author);
  post.text = std::move(facts.text.text);
  if (!ours) post.continues = take_link_word(post.text);
  post.attachments = std::move(facts.attachments);
  if (!post.continues.empty() && post.text.empty() && post.attachments.empty()) post.incomplete = "only_link";
  const auto told = facts.at > 0 ? facts.at : time_of_id(facts.id);
  post.posted_at = told > 0 ? std::min(told, received_at) : received_at;
  if (!facts.other.empty()) {
    post.url = "https://x.com/messages/" + facts.conversation;
    post.reply_reference = json::serialize(json::object{{"to", facts.other}});
  } else {
    post.reply_reference = json::serialize(json::object{{"conversation", facts.conversation}});
  }
  return post;
}

// Files of messages open only to the two who wrote: we fetch them, with the account's own rights.
void make_private(std::vector<Attachment>& attachments) {
  for (auto& file : attachments) {
    if (file.kind != "image" && file.kind != "video") continue;
    file.reference = file.url.empty() ? file.thumbnail_url : file.url;
    file.url.clear();
    file.thumbnail_url.clear();
  }
}

// v1.1, in account activity and inside dm.received.
void read_legacy_messages(const Account& account, JsonView root, TimeMs received_at, Facts& out) {
  for_each(root["direct_message_events"], [&](JsonView event) {
    if (out.size() >= kItemsLimit || event["type"].text() != "message_create") return;
    const auto create = event["message_create"];
    MessageFacts facts;
    facts.id = event["id"].text();
    facts.sender = create["sender_id"].text();
    const auto recipient = create["target"]["recipient_id"].text();
    if (!is_id(facts.id) || !is_id(facts.sender) || !is_id(recipient)) return;
    facts.other = facts.sender == account.external_id ? std::string(recipient) : facts.sender;
    facts.conversation = conversation_of(facts.sender, recipient);
    facts.author = read_user(root["users"][facts.sender], false);
    facts.author.external_id = facts.sender;
    facts.at = number_of(event["created_timestamp"].text());
    const auto data = create["message_data"];
    auto entities = read_entities(account, data["entities"]);
    const auto media = data["attachment"]["media"];
    if (media.is_object()) {
      // The picture's own address stands in the text as well.
      for (auto& entity : entities) {
        const auto id = media["id_str"].text();
        if (entity.kind == Entity::Kind::kLink && !id.empty() && entity.target.find(id) != std::string::npos)
          entity.kind = Entity::Kind::kOwnMedia;
      }
      if (auto list = JsonDocument::parse("[" + media.raw() + "]"); list.ok())
        add_legacy_media(list->root(), facts.attachments);
      make_private(facts.attachments);
    }
    facts.text = show_text(data["text"].text(), std::move(entities), 0, kMessageLimitBytes);
    out.emplace_back(finish_message(account, std::move(facts), received_at));
  });
}

Result<void> read_message(const Account& account, JsonView root, TimeMs received_at, Facts& out) {
  const auto event = root["data"];
  const auto includes = root["includes"];
  if (event["event_type"].text("MessageCreate") != "MessageCreate") return {};
  MessageFacts facts;
  facts.id = event["id"].text();
  facts.sender = event["sender_id"].text();
  facts.conversation = clean(event["dm_conversation_id"].text(), 60);
  if (!is_id(facts.id)) return invalid("not a message of X", "/data/id");
  if (!is_id(facts.sender)) return invalid("a message without its sender", "/data/sender_id");
  if (facts.conversation.empty())
    return invalid("a message without its conversation", "/data/dm_conversation_id");
  if (const auto dash = facts.conversation.find('-'); dash != std::string::npos) {
    const auto one = facts.conversation.substr(0, dash);
    const auto two = facts.conversation.substr(dash + 1);
    if (!is_id(one) || !is_id(two)) return invalid("not a conversation of X", "/data/dm_conversation_id");
    facts.other = one == account.external_id ? two : one;
    facts.conversation = conversation_of(one, two);
  }
  facts.author = read_user(find_included(includes["users"], "id", facts.sender), false);
  facts.author.external_id = facts.sender;
  facts.at = parse_rfc3339(event["created_at"].text()).value_or(0);
  add_media(event["attachments"]["media_keys"], includes["media"], facts.attachments);
  make_private(facts.attachments);
  auto entities = read_entities(account, event["entities"].is_object() ? event["entities"] : event);
  facts.text = show_text(event["text"].text(), std::move(entities), 0, kMessageLimitBytes);
  out.emplace_back(finish_message(account, std::move(facts), received_at));
  return {};
}

// Encrypted: only X's own apps can read it. It waits there, and the desk says so.
void read_chat(const Account& account, JsonView payload, TimeMs received_at, Facts& out) {
  const auto id = clean(payload["id"].text(), 100);
  const auto sender = payload["sender_id"].text();
  const auto conversation = clean(payload["conversation_id"].text(), 100);
  if (id.empty() || !is_id(sender)) return;
  IncomingPost post;
  const bool ours = sender == account.external_id;
  post.direction = ours ? Direction::kOut : Direction::kIn;
  post.reason = ours ? "own" : "message";
  post.visibility = Visibility::kPrivate;
  post.external_id = "x:chat:" + id;
  post.thread_external_id = "x:chat:" + (conversation.empty() ? std::string(sender) : conversation);
  post.author.network = "x";
  post.author.external_id = sender;
  post.author.url = "https://x.com/i/user/" + post.author.external_id;
  post.url = "https://x.com/messages";
  const auto told = number_of(payload["created_at_msec"].text());
  post.posted_at = told > 0 ? std::min(told, received_at) : received_at;
  post.reply_closed = "encrypted";
  post.reply_reference = json::serialize(json::object{{"to", std::string(sender)}});
  out.emplace_back(std::move(post));
}

void read_follow(const Account& account, JsonView source, JsonView target, bool follows, TimeMs received_at,
                 Facts& out) {
  const auto whom = read_user(target, false);
  IncomingRelation relation;
  relation.author = read_user(source, false);
  if (whom.external_id != account.external_id || relation.author.external_id.empty()) return;
  relation.relation = follows ? "following" : "";
  relation.changed_at = received_at;
  out.emplace_back(std::move(relation));
}

void read_deletion(std::string_view id, TimeMs at, TimeMs received_at, Facts& out) {
  if (!is_id(id)) return;
  IncomingDeletion deletion;
  deletion.external_id = "x:" + std::string(id);
  deletion.deleted_at = at > 0 ? std::min(at, received_at) : received_at;
  out.emplace_back(std::move(deletion));
}

Result<void> read_activity(const Account& account, JsonView data, TimeMs received_at, Facts& out) {
  const auto name = event_name(data["event_type"].text());
  const auto payload = data["payload"];
  if (name == "post.create" || name == "post.mention.create" || name == "post.reply.create" ||
      name == "post.quote.create") {
    auto post = TRY(read_post(account, payload, data["includes"], received_at));
    if (post) out.emplace_back(*std::move(post));
  } else if (name == "post.delete") {
    read_deletion(payload["id"].text(), 0, received_at, out);
  } else if (name == "dm.received" || name == "dm.sent") {
    read_legacy_messages(account, payload, received_at, out);
  } else if (name == "chat.received" || name == "chat.sent") {
    read_chat(account, payload, received_at, out);
  } else if (name == "follow.follow" || name == "follow.unfollow") {
    read_follow(account, payload["source"], payload["target"], name == "follow.follow", received_at, out);
  }
  // Likes, reposts, spaces, news …: nothing to answer. The raw event stays in the journal.
  return {};
}

Result<void> read_account_activity(const Account& account, JsonView root, TimeMs received_at, Facts& out) {
  Result<void> read;
  for_each(either(root, "tweet_create_events", "post_create_events"), [&](JsonView one) {
    if (!read.ok() || out.size() >= kItemsLimit) return;
    auto post = read_legacy_post(account, one, received_at);
    if (!post.ok()) {
      read = std::move(post).error();
    } else if (*post) {
      out.emplace_back(**std::move(post));
    }
  });
  TRY(std::move(read));
  read_legacy_messages(account, root, received_at, out);
  for_each(either(root, "tweet_delete_events", "post_delete_events"), [&](JsonView one) {
    if (out.size() < kItemsLimit)
      read_deletion(one["status"]["id"].text(), number_of(one["timestamp_ms"].text()), received_at, out);
  });
  for_each(root["follow_events"], [&](JsonView one) {
    if (out.size() < kItemsLimit)
      read_follow(account, one["source"], one["target"], one["type"].text() == "follow", received_at, out);
  });
  return {};
}

}  // namespace

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 19 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }) &&
         (text.size() == 1 || text.front() != '0');
}

bool id_less(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// Since November 2010: milliseconds since 1288834974657 and 22 further bits.
TimeMs time_of_id(std::string_view id) {
  const auto number = number_of(id);
  return number > 30'000'000'000 ? (number >> 22) + kSnowflakeEpochMs : 0;
}

std::string conversation_of(std::string_view a, std::string_view b) {
  return id_less(b, a) ? std::string(b) + "-" + std::string(a) : std::string(a) + "-" + std::string(b);
}

std::string_view post_id_of(std::string_view external_id) {
  if (!external_id.starts_with("x:") || !is_id(external_id.substr(2))) return {};
  return external_id.substr(2);
}

Author read_user(JsonView user, bool full) {
  if (user["data"].is_object()) user = user["data"];
  Author author;
  author.network = "x";
  const auto id = either(user, "id_str", "id").text();
  if (is_id(id)) author.external_id = id;
  author.handle = clean(either(user, "username", "screen_name").text(), 50);
  author.name = clean(user["name"].text(), 640);
  author.avatar_url = web_url(either(user, "profile_image_url_https", "profile_image_url").text());
  // X tells the smallest picture; the bigger one has the same name. https://docs.x.com (profile images)
  if (const auto at = author.avatar_url.rfind("_normal."); at != std::string::npos)
    author.avatar_url.replace(at, 8, "_bigger.");
  if (!author.handle.empty()) {
    author.url = "https://x.com/" + author.handle;
  } else if (!author.external_id.empty()) {
    author.url = "https://x.com/i/user/" + author.external_id;
  }
  const auto v2 = user["public_metrics"]["followers_count"];
  if (const auto followers = v2.exists() ? v2 : user["followers_count"]; followers.exists())
    author.followers = std::max<std::int64_t>(0, followers.number_or_zero());
  author.bio = clean(user["description"].text(), 2'560);
  author.full_profile = full || (author.followers.has_value() && user["description"].exists());
  return author;
}

Result<std::vector<Incoming>> parse_item(const Account& account, const RawItem& item, TimeMs received_at) {
  const auto document = TRY(JsonDocument::parse(item.body, kItemLimits));
  const auto root = document.root();
  if (!root.is_object()) return invalid("not an object");
  Facts out;
  if (item.source == kPostSource || item.source == kContextSource) {
    auto post = TRY(read_post(account, root["data"], root["includes"], received_at));
    if (!post) return out;
    if (item.source == kContextSource && post->direction == Direction::kIn) {
      post->direction = Direction::kContext;
      post->reason = "context";
    }
    out.emplace_back(*std::move(post));
  } else if (item.source == kMessageSource) {
    TRY(read_message(account, root, received_at, out));
  } else if (item.source == kDeletionSource) {
    if (!is_id(root["id"].text())) return invalid("not a post of X", "/id");
    read_deletion(root["id"].text(), parse_rfc3339(root["time"].text()).value_or(0), received_at, out);
  } else if (item.source == kWebhookSource) {
    if (root["data"]["event_type"].is_string()) {
      TRY(read_activity(account, root["data"], received_at, out));
    } else {
      TRY(read_account_activity(account, root, received_at, out));
    }
  } else {
    return invalid("an unknown source");
  }
  return out;
}

Result<std::vector<PageItem>> split_page(std::string_view body, std::string_view source) {
  const auto document = TRY(JsonDocument::parse(body, JsonLimits{16 << 20, 64}));
  const auto root = document.root();
  const auto includes = root["includes"];
  const auto posts = either(includes, "tweets", "posts");
  std::vector<PageItem> items;
  const auto add = [&](JsonView one) {
    if (!is_id(one["id"].text()) || items.size() >= kItemsLimit) return;
    std::set<std::string, std::less<>> users = {std::string(one["author_id"].text()),
                                                std::string(one["sender_id"].text()),
                                                std::string(one["in_reply_to_user_id"].text())};
    std::set<std::string, std::less<>> referenced;
    std::set<std::string, std::less<>> media;
    for_each(either(one, "referenced_tweets", "referenced_posts"),
             [&](JsonView other) { referenced.emplace(other["id"].text()); });
    for_each(one["attachments"]["media_keys"], [&](JsonView key) { media.emplace(key.text()); });
    std::string list_of_posts;
    for_each(posts, [&](JsonView other) {
      if (!referenced.contains(other["id"].text())) return;
      users.emplace(other["author_id"].text());
      list_of_posts += (list_of_posts.empty() ? "" : ",") + other.raw();
    });
    const auto chosen = [](JsonView list, std::string_view key, const auto& wanted) {
      std::string out;
      for_each(list, [&](JsonView other) {
        const auto inner = other["data"].is_object() ? other["data"] : other;
        if (wanted.contains(inner[key].text())) out += (out.empty() ? "" : ",") + inner.raw();
      });
      return out;
    };
    std::string raw = "{\"data\":" + one.raw() + ",\"includes\":{\"users\":[" +
                      chosen(includes["users"], "id", users) + "],\"tweets\":[" + list_of_posts +
                      "],\"media\":[" + chosen(includes["media"], "media_key", media) + "]}}";
    items.push_back({std::string(one["id"].text()), RawItem{std::string(source), std::move(raw)}});
  };
  if (root["data"].is_object()) add(root["data"]);
  for_each(root["data"], add);
  return items;
}

std::string comparable(std::string_view text) {
  std::string out;
  std::string_view rest = text;
  while (!rest.empty()) {
    if (rest.starts_with("https://") || rest.starts_with("http://")) {
      out += "\x01";  // every link is a t.co to X
      rest.remove_prefix(std::min(rest.find_first_of(" \n\t"), rest.size()));
      continue;
    }
    const char c = rest.front();
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      if (!out.empty() && out.back() != ' ') out.push_back(' ');
    } else {
      out.push_back(c);
    }
    rest.remove_prefix(1);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string comparable_post(JsonView post) {
  const auto note = either(post, "note_tweet", "note_post");
  const auto whole = note["text"].is_string() ? note : post;
  const bool answers = either(post, "referenced_tweets", "referenced_posts").is_array();
  std::size_t hidden = 0;
  std::size_t index = 0;
  for_each(post["display_text_range"], [&](JsonView place) {
    if (index++ == 0 && answers)
      hidden = static_cast<std::size_t>(std::max<std::int64_t>(0, place.number_or_zero()));
  });
  return comparable(
      show_text(whole["text"].text(), read_entities({}, whole["entities"]), hidden, kMessageLimitBytes).text);
}

}  // namespace kiki::channels::x
