#include "channels/x/post_reader.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "channels/x/api.hpp"
#include "channels/x/json_read.hpp"
#include "channels/x/post_text.hpp"

namespace kiki::channels::x {

namespace {

constexpr std::size_t kTextLimitBytes = 100'000;  // long posts have 25,000 characters
constexpr std::size_t kNameLimitBytes = 640;
constexpr std::size_t kAttachmentsLimit = 20;
constexpr std::size_t kEntitiesLimit = 400;

bool same_handle(std::string_view a, std::string_view b) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return !a.empty() && a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return small(x) == small(y); });
}

bool is_us(const Account& account, std::string_view id, std::string_view handle) {
  if (account.external_id.empty()) return false;
  return id.empty() ? same_handle(handle, account.handle) : id == account.external_id;
}

// What is no language to X: undetermined, only links, only emoji, only tags …
std::string language_of(std::string_view lang) {
  static constexpr std::string_view kNone[] = {"und", "zxx", "qam", "qct", "qht", "qme", "qst", "art"};
  if (lang.size() < 2 || lang.size() > 35 || std::ranges::find(kNone, lang) != std::end(kNone)) return {};
  if (lang == "in") return "id";  // names of before 1989 that X still uses
  if (lang == "iw") return "he";
  return clean(lang, 35);
}

// What both versions come down to.
struct Facts {
  std::string id;        // as referenced now
  std::string first_id;  // of its first version
  std::string newest_id;
  Author author;
  std::string_view text;
  std::vector<Entity> entities;
  std::size_t hidden_until = 0;
  std::string_view language;
  std::optional<TimeMs> created_at;
  std::string parent_id;
  std::string conversation_id;
  std::string quoted_id;
  bool answers_us = false;
  bool quotes_us = false;
  std::vector<Attachment> attachments;
};

std::string status_url(std::string_view handle, std::string_view id) {
  return "https://x.com/" + (handle.empty() ? std::string("i") : std::string(handle)) + "/status/" +
         std::string(id);
}

bool points_at(std::string_view url, std::string_view id) {
  return !id.empty() && url.ends_with("/status/" + std::string(id));
}

IncomingPost finish(const Account& account, Facts facts, TimeMs received_at) {
  IncomingPost post;
  post.external_id = "x:" + facts.first_id;
  post.revision = facts.newest_id;
  post.parent_external_id = facts.parent_id.empty() ? "" : "x:" + facts.parent_id;
  post.thread_external_id = "x:" + (!facts.conversation_id.empty() ? facts.conversation_id
                                    : !facts.parent_id.empty()     ? facts.parent_id
                                                                   : facts.first_id);
  post.url = status_url(facts.author.handle, facts.newest_id);
  const auto told = facts.created_at.value_or(time_of_id(facts.first_id));
  post.posted_at = told > 0 ? std::min(told, received_at) : received_at;
  post.language = language_of(facts.language);

  bool names_us = false;
  bool names_somebody = false;
  for (auto& entity : facts.entities) {
    if (entity.kind == Entity::Kind::kMention) {
      names_us |= entity.of_us;
      names_somebody = true;
    }
    // The quoted post is shown; its address need not be.
    if (entity.kind == Entity::Kind::kLink && points_at(entity.target, facts.quoted_id))
      entity.kind = Entity::Kind::kOwnMedia;
  }
  auto shown = show_text(facts.text, std::move(facts.entities), facts.hidden_until, kTextLimitBytes);
  post.text = std::move(shown.text);
  post.inlines = std::move(shown.inlines);
  post.attachments = std::move(facts.attachments);
  if (post.attachments.size() > kAttachmentsLimit) post.attachments.resize(kAttachmentsLimit);
  post.reply_reference = json::serialize(json::object{{"id", facts.newest_id}});

  if (!account.external_id.empty() && facts.author.external_id == account.external_id) {
    post.direction = Direction::kOut;
    post.reason = "own";
    // Of what we wrote ourselves nobody needs a second look: a link of ours stands in the text.
    std::erase_if(post.attachments, [&](const auto& file) {
      return file.kind == "link" && post.text.find(file.url) != std::string::npos;
    });
  } else {
    post.reason = facts.answers_us ? "reply" : names_us ? "mention" : facts.quotes_us ? "quote" : "found";
    // X takes our answer only when its author summoned us (changelog of 2026-02-23). A listener does not know
    // who we are: then any name may be ours, and X decides.
    const bool summons = account.external_id.empty() ? names_somebody || !facts.quoted_id.empty()
                                                     : names_us || facts.answers_us || facts.quotes_us;
    if (!summons && setting(account, "reply_rule") != "open") post.reply_closed = "not_summoned";
  }
  post.author = std::move(facts.author);
  return post;
}

void add_links(JsonView urls, const Facts& facts, std::vector<Attachment>& out) {
  for_each(urls, [&](JsonView one) {
    if (out.size() >= kAttachmentsLimit || one["media_key"].exists()) return;
    Attachment link;
    link.kind = "link";
    link.url = web_url(one["unwound_url"].text());
    if (link.url.empty()) link.url = web_url(one["expanded_url"].text());
    if (link.url.empty() || points_at(link.url, facts.quoted_id)) return;
    const bool known = std::ranges::any_of(out, [&](const auto& other) { return other.url == link.url; });
    if (known || link.url.find("/status/" + facts.id + "/") != std::string::npos) return;
    link.title = clean(one["title"].text(), kNameLimitBytes);
    for_each(one["images"], [&](JsonView image) {
      if (link.thumbnail_url.empty()) link.thumbnail_url = web_url(image["url"].text());
    });
    // The text shows the address already.
    if (link.title.empty() && link.thumbnail_url.empty() && link.url == one["expanded_url"].text()) return;
    out.push_back(std::move(link));
  });
}

Attachment quote_of(std::string_view id, std::string_view handle, std::string_view text) {
  Attachment quote;
  quote.kind = "quote";
  quote.url = status_url(handle, id);
  quote.title = clean(decode_html(text), kNameLimitBytes);
  return quote;
}

}  // namespace

JsonView find_included(JsonView list, std::string_view key, std::string_view id) {
  JsonView found;
  if (id.empty()) return found;
  for_each(list, [&](JsonView one) {
    if (found.exists()) return;
    const auto inner = one["data"];
    const auto object = inner.is_object() ? inner : one;
    if (object[key].text() == id) found = object;
  });
  return found;
}

std::vector<Entity> read_entities(const Account& account, JsonView entities) {
  std::vector<Entity> out;
  const auto add = [&](JsonView one, Entity entity) {
    if (out.size() >= kEntitiesLimit) return;
    std::int64_t start = -1;
    std::int64_t end = -1;
    if (one["start"].exists()) {
      start = one["start"].number_or_zero();
      end = one["end"].number_or_zero();
    } else {
      std::size_t index = 0;
      for_each(one["indices"], [&](JsonView place) {
        (index == 0 ? start : end) = place.number_or_zero();
        ++index;
      });
    }
    if (start < 0 || end <= start) return;
    entity.start = static_cast<std::size_t>(start);
    entity.end = static_cast<std::size_t>(end);
    out.push_back(std::move(entity));
  };
  for (const auto* list : {"mentions", "user_mentions"}) {
    for_each(entities[list], [&](JsonView one) {
      const auto id = either(one, "id_str", "id").text();
      add(one, {Entity::Kind::kMention,
                0,
                0,
                {},
                is_us(account, id, either(one, "username", "screen_name").text())});
    });
  }
  for_each(entities["urls"], [&](JsonView one) {
    const auto expanded = one["expanded_url"].text();
    auto target = web_url(expanded);
    if (target.empty()) target = web_url(one["url"].text());
    const bool media = one["media_key"].exists() || (expanded.find("/status/") != std::string_view::npos &&
                                                     (expanded.find("/photo/") != std::string_view::npos ||
                                                      expanded.find("/video/") != std::string_view::npos));
    add(one, {media ? Entity::Kind::kOwnMedia : Entity::Kind::kLink, 0, 0, std::move(target)});
  });
  for_each(entities["media"], [&](JsonView one) { add(one, {Entity::Kind::kOwnMedia, 0, 0, {}}); });
  return out;
}

void add_media(JsonView keys, JsonView media, std::vector<Attachment>& out) {
  for_each(keys, [&](JsonView key) {
    const auto one = find_included(media, "media_key", key.text());
    if (!one.exists() || out.size() >= kAttachmentsLimit) return;
    Attachment file;
    file.kind = one["type"].text() == "photo" ? "image" : "video";
    file.url = web_url(one["url"].text());
    file.thumbnail_url = web_url(one["preview_image_url"].text());
    file.alt = clean(one["alt_text"].text(), 4'000);
    file.width = one["width"].number_or_zero();
    file.height = one["height"].number_or_zero();
    std::int64_t best = -1;
    for_each(one["variants"], [&](JsonView variant) {
      const auto rate = variant["bit_rate"].number_or_zero();
      if (variant["content_type"].text() != "video/mp4" || rate <= best) return;
      best = rate;
      file.url = web_url(variant["url"].text());
      file.content_type = "video/mp4";
    });
    if (!file.url.empty() || !file.thumbnail_url.empty()) out.push_back(std::move(file));
  });
}

void add_legacy_media(JsonView media, std::vector<Attachment>& out) {
  for_each(media, [&](JsonView one) {
    if (out.size() >= kAttachmentsLimit) return;
    Attachment file;
    file.kind = one["type"].text("photo") == "photo" ? "image" : "video";
    file.url = web_url(one["media_url_https"].text());
    file.alt = clean(one["ext_alt_text"].text(), 4'000);
    file.width = one["sizes"]["large"]["w"].number_or_zero();
    file.height = one["sizes"]["large"]["h"].number_or_zero();
    if (file.kind == "video") {
      file.thumbnail_url = std::move(file.url);
      file.url.clear();
      std::int64_t best = -1;
      for_each(one["video_info"]["variants"], [&](JsonView variant) {
        const auto rate = variant["bitrate"].number_or_zero();
        if (variant["content_type"].text() != "video/mp4" || rate <= best) return;
        best = rate;
        file.url = web_url(variant["url"].text());
        file.content_type = "video/mp4";
      });
    }
    if (!file.url.empty() || !file.thumbnail_url.empty()) out.push_back(std::move(file));
  });
}

Result<std::optional<IncomingPost>> read_post(const Account& account, JsonView post, JsonView includes,
                                              TimeMs received_at) {
  Facts facts;
  facts.id = post["id"].text();
  if (!is_id(facts.id)) return invalid("not a post of X", post.pointer() + "/id");
  facts.first_id = facts.newest_id = facts.id;
  for_each(either(post, "edit_history_tweet_ids", "edit_history_post_ids"), [&](JsonView one) {
    if (!is_id(one.text())) return;
    if (id_less(one.text(), facts.first_id)) facts.first_id = one.text();
    if (id_less(facts.newest_id, one.text())) facts.newest_id = one.text();
  });
  const auto users = includes["users"];
  const auto posts = either(includes, "tweets", "posts");

  const auto author_id = post["author_id"].text();
  facts.author = read_user(find_included(users, "id", author_id), false);
  if (!is_id(author_id)) return invalid("a post without its author", post.pointer() + "/author_id");
  facts.author.external_id = author_id;
  if (facts.author.url.empty()) facts.author.url = "https://x.com/i/user/" + facts.author.external_id;

  bool repost = false;
  const auto first_version = [&](std::string_view id) -> std::string {
    std::string first(id);
    for_each(either(find_included(posts, "id", id), "edit_history_tweet_ids", "edit_history_post_ids"),
             [&](JsonView one) {
               if (is_id(one.text()) && id_less(one.text(), first)) first = one.text();
             });
    return first;
  };
  for_each(either(post, "referenced_tweets", "referenced_posts"), [&](JsonView one) {
    const auto type = one["type"].text();
    const auto id = one["id"].text();
    if (!is_id(id)) return;
    if (type == "retweeted" || type == "reposted") repost = true;
    if (type == "replied_to") facts.parent_id = first_version(id);
    if (type == "quoted") facts.quoted_id = id;
  });
  if (repost) return std::optional<IncomingPost>();
  if (facts.parent_id.empty()) {
    const auto id = either(post, "in_reply_to_tweet_id", "in_reply_to_post_id").text();
    if (is_id(id)) facts.parent_id = first_version(id);
  }
  if (const auto id = post["conversation_id"].text(); is_id(id)) facts.conversation_id = id;
  facts.answers_us =
      !account.external_id.empty() && post["in_reply_to_user_id"].text() == account.external_id;
  facts.language = post["lang"].text();
  facts.created_at = parse_rfc3339(post["created_at"].text());

  // What is longer than 280 stands whole in note_tweet only.
  const auto note = either(post, "note_tweet", "note_post");
  const auto whole = note["text"].is_string() ? note : post;
  facts.text = whole["text"].text();
  facts.entities = read_entities(account, whole["entities"]);
  if (const auto range = post["display_text_range"]; range.is_array()) {
    std::size_t index = 0;
    for_each(range, [&](JsonView place) {
      if (index++ == 0)
        facts.hidden_until = static_cast<std::size_t>(std::max<std::int64_t>(0, place.number_or_zero()));
    });
  }
  if (facts.parent_id.empty()) facts.hidden_until = 0;

  add_media(post["attachments"]["media_keys"], includes["media"], facts.attachments);
  if (!facts.quoted_id.empty()) {
    const auto quoted = find_included(posts, "id", facts.quoted_id);
    const auto quoted_author = quoted["author_id"].text();
    auto handle = find_included(users, "id", quoted_author)["username"].text();
    // Without the quoted post itself, the address in the text still tells whose it is.
    std::string from_url;
    for (const auto& entity : facts.entities) {
      if (!points_at(entity.target, facts.quoted_id)) continue;
      const auto host = entity.target.find("://");
      const auto begin = entity.target.find('/', host + 3);
      if (host == std::string::npos || begin == std::string::npos) continue;
      from_url = entity.target.substr(begin + 1, entity.target.find('/', begin + 1) - begin - 1);
    }
    if (handle.empty()) handle = from_url;
    facts.quotes_us = is_us(account, quoted_author, handle);
    facts.attachments.push_back(quote_of(facts.quoted_id, clean(handle, 50), quoted["text"].text()));
  }
  add_links(whole["entities"]["urls"], facts, facts.attachments);
  return std::optional(finish(account, std::move(facts), received_at));
}

Result<std::optional<IncomingPost>> read_legacy_post(const Account& account, JsonView post,
                                                     TimeMs received_at) {
  if (post["retweeted_status"].is_object()) return std::optional<IncomingPost>();
  Facts facts;
  facts.id = either(post, "id_str", "id").text();
  if (!is_id(facts.id)) return invalid("not a post of X", post.pointer() + "/id_str");
  facts.first_id = facts.newest_id = facts.id;
  for_each(post["edit_history"]["edit_tweet_ids"], [&](JsonView one) {
    if (!is_id(one.text())) return;
    if (id_less(one.text(), facts.first_id)) facts.first_id = one.text();
    if (id_less(facts.newest_id, one.text())) facts.newest_id = one.text();
  });
  facts.author = read_user(post["user"], false);
  if (facts.author.external_id.empty()) return invalid("a post without its author", post.pointer() + "/user");
  if (const auto id = post["in_reply_to_status_id_str"].text(); is_id(id)) facts.parent_id = id;
  facts.answers_us =
      !account.external_id.empty() && post["in_reply_to_user_id_str"].text() == account.external_id;
  facts.language = post["lang"].text();
  if (const auto ms = number_of(post["timestamp_ms"].text()); ms > 0) facts.created_at = ms;

  const auto extended = post["extended_tweet"];
  const auto whole = extended["full_text"].is_string() ? extended : post;
  facts.text = either(whole, "full_text", "text").text();
  facts.entities = read_entities(account, whole["entities"]);
  std::size_t index = 0;
  for_each(whole["display_text_range"], [&](JsonView place) {
    if (index++ == 0 && !facts.parent_id.empty())
      facts.hidden_until = static_cast<std::size_t>(std::max<std::int64_t>(0, place.number_or_zero()));
  });
  add_legacy_media(whole["extended_entities"]["media"].is_array() ? whole["extended_entities"]["media"]
                                                                  : whole["entities"]["media"],
                   facts.attachments);
  if (const auto quoted = post["quoted_status"]; quoted.is_object()) {
    facts.quoted_id = quoted["id_str"].text();
    facts.quotes_us = is_us(account, quoted["user"]["id_str"].text(), quoted["user"]["screen_name"].text());
    if (is_id(facts.quoted_id))
      facts.attachments.push_back(quote_of(facts.quoted_id, clean(quoted["user"]["screen_name"].text(), 50),
                                           either(quoted, "full_text", "text").text()));
  }
  add_links(whole["entities"]["urls"], facts, facts.attachments);
  return std::optional(finish(account, std::move(facts), received_at));
}

}  // namespace kiki::channels::x
