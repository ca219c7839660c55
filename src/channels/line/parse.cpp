#include "channels/line/parse.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "base/json.hpp"
#include "channels/contract/again.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::line {

namespace {

constexpr std::size_t kIdLimitBytes = 200;
constexpr std::size_t kTextLimitBytes = 20'000;  // 5,000 UTF-16 units are at most 15,000 bytes
constexpr std::size_t kNameLimitBytes = 500;
constexpr std::size_t kUrlLimitBytes = 2'000;
constexpr std::size_t kTokenLimitBytes = 1'000;
constexpr std::size_t kInlinesLimit = 200;
constexpr TimeMs kLatestMs = 253'402'300'799'000;  // the end of year 9999

// For storing: without NUL, which PostgreSQL cannot hold, and cut between two characters.
std::string clean(std::string_view text, std::size_t limit_bytes) {
  std::string kept(text::cut_at_code_point(text, limit_bytes));
  std::erase(kept, '\0');
  return kept;
}

bool is_plain_id(std::string_view id) {
  return !id.empty() && id.size() <= kIdLimitBytes && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

bool is_link_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

std::string https_or_nothing(std::string_view url) {
  return url.starts_with("https://") && url.size() <= kUrlLimitBytes ? std::string(url) : std::string();
}

struct Source {
  std::string chat;  // where an answer goes: group, room, or the user
  std::string user;  // may be missing in groups
  bool is_shared = false;
};

Result<Source> read_source(JsonView value) {
  Source source;
  const auto user = value["userId"].text();
  auto chat = value["groupId"].text();
  if (chat.empty()) chat = value["roomId"].text();
  source.is_shared = !chat.empty();
  if (chat.empty()) chat = user;
  if (!is_plain_id(chat)) return invalid("expected who wrote", value.pointer());
  source.chat = chat;
  source.user = is_plain_id(user) ? std::string(user) : std::string(chat);
  return source;
}

Author author_of(const Source& source) {
  Author author;
  author.network = "line";
  author.external_id = source.user;
  return author;
}

TimeMs time_of_event(JsonView event, TimeMs received_at) {
  const auto time = event["timestamp"].number_or_zero();
  return time > 0 && time < kLatestMs ? time : received_at;
}

// What an answer needs. The token's end counts from when the event came, by our own clock; one that LINE
// delivers again has had its minute.
std::string reply_reference(JsonView event, JsonView message, const Source& source, TimeMs received_at) {
  json::object reference{{"to", source.chat}};
  const auto token = event["replyToken"].text();
  const auto again = event["deliveryContext"]["isRedelivery"].boolean_or(false);
  if (!token.empty() && token.size() <= kTokenLimitBytes && again.ok() && !*again) {
    reference["token"] = token;
    reference["token_until"] = received_at + kReplyTokenMs;
  }
  // With several people in one chat, and where the customer pointed at a message, the answer says what it
  // answers; between two people it would only be noise.
  const auto quote = message["quoteToken"].text();
  const bool points = !message["quotedMessageId"].text().empty();
  if (!quote.empty() && quote.size() <= kTokenLimitBytes && (source.is_shared || points))
    reference["quote"] = quote;
  const auto read = message["markAsReadToken"].text();
  if (!read.empty() && read.size() <= kTokenLimitBytes) reference["read"] = read;
  return json::serialize(reference);
}

void add_inline(std::vector<Inline>& inlines, std::size_t length, JsonView part, Inline piece) {
  const auto index = part["index"].number_or_zero();
  const auto size = part["length"].number_or_zero();
  const auto end = static_cast<std::int64_t>(length);
  if (!part["index"].exists() || index < 0 || size <= 0 || index > end || size > end - index) return;
  if (inlines.size() >= kInlinesLimit) return;
  piece.place = {static_cast<std::int32_t>(index), static_cast<std::int32_t>(index + size)};
  inlines.push_back(std::move(piece));
}

// LINE counts in UTF-16 units, as we do.
void read_inlines(IncomingPost& post, JsonView message) {
  const auto length = text::utf16_length(post.text);
  (void)message["emojis"].each([&](JsonView emoji) -> Result<void> {
    const auto product = emoji["productId"].text();
    const auto id = emoji["emojiId"].text();
    if (!is_plain_id(product) || !is_plain_id(id)) return {};
    Inline piece{"emoji", {}, {}, false};
    piece.image_url = "https://stickershop.line-scdn.net/sticonshop/v1/sticon/" + std::string(product) +
                      "/android/" + std::string(id) + ".png";
    add_inline(post.inlines, length, emoji, std::move(piece));
    return {};
  });
  (void)message["mention"]["mentionees"].each([&](JsonView mention) -> Result<void> {
    const auto of_us = mention["isSelf"].boolean_or(false);
    add_inline(post.inlines, length, mention, {"mention", {}, {}, of_us.ok() && *of_us});
    return {};
  });
  std::sort(post.inlines.begin(), post.inlines.end(),
            [](const Inline& a, const Inline& b) { return a.place.start < b.place.start; });
  // A place is one thing: what overlaps would tear the text apart.
  std::int32_t free_from = 0;
  std::erase_if(post.inlines, [&](const Inline& piece) {
    if (piece.place.start < free_from) return true;
    free_from = piece.place.end;
    return false;
  });
}

// The word of a link is for us, not for the agent's eyes: it goes, with the space beside it.
void read_link(IncomingPost& post) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::string_view text = post.text;
  const auto word = link_word(text);
  if (word.empty()) return;
  post.continues = word;
  auto begin = static_cast<std::size_t>(word.data() - text.data()) - 1;
  auto end = text.find_first_not_of(kSpace, begin + 1 + word.size());
  if (end == std::string_view::npos) {  // nothing behind it: what stands before it ends there
    end = text.size();
    begin = text.substr(0, begin).find_last_not_of(kSpace) + 1;
  }
  const auto at = static_cast<std::int32_t>(text::utf16_length(text.substr(0, begin)));
  const auto length = static_cast<std::int32_t>(text::utf16_length(text.substr(begin, end - begin)));
  post.text.erase(begin, end - begin);
  for (auto& piece : post.inlines) {
    if (piece.place.start < at + length) continue;
    piece.place.start -= length;
    piece.place.end -= length;
  }
  if (post.text.empty()) post.incomplete = "only_link";
}

void read_media(IncomingPost& post, JsonView message, std::string_view type, const std::string& id) {
  Attachment file;
  file.kind = type;
  const auto provider = message["contentProvider"];
  if (provider["type"].text() == "external") {
    file.url = https_or_nothing(provider["originalContentUrl"].text());
    file.thumbnail_url = https_or_nothing(provider["previewImageUrl"].text());
    if (!file.url.empty()) file.reference = "external";
  } else {
    file.reference = "content/" + id;
  }
  const auto set = message["imageSet"];
  const auto index = set["index"].number_or_zero();
  const auto total = set["total"].number_or_zero();
  if (index > 0 && total >= index && total < 1'000)
    file.title = std::to_string(index) + "/" + std::to_string(total);
  if (type == "file") {
    auto name = clean(message["fileName"].text(), kNameLimitBytes);
    std::replace_if(
        name.begin(), name.end(),
        [](char c) { return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }, '_');
    file.name = name.find_first_not_of('.') == std::string::npos ? std::string() : std::move(name);
    file.title = file.name;
    file.size_bytes = std::max<std::int64_t>(0, message["fileSize"].number_or_zero());
  }
  post.attachments.push_back(std::move(file));
}

void read_sticker(IncomingPost& post, JsonView message) {
  Attachment sticker;
  sticker.kind = "sticker";
  const auto id = message["stickerId"].text();
  if (is_plain_id(id)) {
    sticker.url = "https://stickershop.line-scdn.net/stickershop/v1/sticker/" + std::string(id) +
                  "/android/sticker.png";
    sticker.thumbnail_url = sticker.url;
  }
  post.text = clean(message["text"].text(), kTextLimitBytes);  // message stickers: written by the customer
  std::string words;
  (void)message["keywords"].each([&](JsonView keyword) -> Result<void> {
    const auto word = keyword.text();
    if (!word.empty()) words += (words.empty() ? "" : ", ") + std::string(word);
    return {};
  });
  sticker.alt = clean(words.empty() ? std::string_view(post.text) : std::string_view(words), kNameLimitBytes);
  post.attachments.push_back(std::move(sticker));
}

void read_location(IncomingPost& post, JsonView message) {
  Attachment place;
  place.kind = "location";
  place.title = clean(message["title"].text(), kNameLimitBytes);
  place.alt = clean(message["address"].text(), kNameLimitBytes);
  const auto latitude = message["latitude"].number();
  const auto longitude = message["longitude"].number();
  if (latitude.ok() && longitude.ok() && *latitude >= -90 && *latitude <= 90 && *longitude >= -180 &&
      *longitude <= 180) {
    const auto shown = [](double value) {
      char digits[32];
      const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, 6).ptr;
      return std::string(digits, end);
    };
    const auto north = shown(*latitude);
    const auto east = shown(*longitude);
    place.url =
        "https://www.openstreetmap.org/?mlat=" + north + "&mlon=" + east + "#map=17/" + north + "/" + east;
    if (place.title.empty() && place.alt.empty()) place.title = north + ", " + east;
  }
  post.attachments.push_back(std::move(place));
}

IncomingPost post_of(const Account& account, JsonView event, const Source& source, TimeMs received_at) {
  IncomingPost post;
  post.direction = Direction::kIn;
  post.reason = "message";
  post.visibility = Visibility::kPrivate;
  post.thread_external_id = own_id(account, source.chat);
  post.author = author_of(source);
  post.posted_at = time_of_event(event, received_at);
  post.reply_reference = reply_reference(event, event["message"], source, received_at);
  // Another module has this chat now: we hear it, and do not answer.
  if (event["mode"].text() == "standby") post.reply_closed = "standby";
  return post;
}

Result<IncomingPost> read_message(const Account& account, JsonView event, TimeMs received_at) {
  const auto message = event["message"];
  const std::string id(message["id"].text());
  if (!is_plain_id(id)) return invalid("expected the id of a message", message.pointer() + "/id");
  auto post = post_of(account, event, TRY(read_source(event["source"])), received_at);
  post.external_id = own_id(account, id);
  const auto quoted = message["quotedMessageId"].text();
  if (is_plain_id(quoted)) post.parent_external_id = own_id(account, quoted);
  const auto type = message["type"].text();
  if (type == "text") {
    post.text = clean(message["text"].text(), kTextLimitBytes);
    read_inlines(post, message);
    read_link(post);
  } else if (type == "image" || type == "video" || type == "audio" || type == "file") {
    read_media(post, message, type, id);
  } else if (type == "sticker") {
    read_sticker(post, message);
  } else if (type == "location") {
    read_location(post, message);
  } else {
    post.text = "[" + clean(type, 40) + "]";  // a kind that is newer than we are: said, though not shown
  }
  return post;
}

// A tap on a button of a menu or a card. The button's own word is all there is.
Result<IncomingPost> read_postback(const Account& account, JsonView event, TimeMs received_at) {
  const auto id = event["webhookEventId"].text();
  if (!is_plain_id(id)) return invalid("expected the id of an event", "/webhookEventId");
  auto post = post_of(account, event, TRY(read_source(event["source"])), received_at);
  post.external_id = own_id(account, "event/" + std::string(id));
  post.text = clean(event["postback"]["data"].text(), kTextLimitBytes);
  (void)event["postback"]["params"].each_member([&](std::string_view, JsonView value) -> Result<void> {
    const auto picked = value.text();  // a date or a time
    if (!picked.empty()) post.text += "\n" + clean(picked, 100);
    return {};
  });
  return post;
}

// Who they are at the brand: the webhook checked the brand's signature.
Result<std::vector<Incoming>> parse_link(const RawItem& item) {
  const auto document = TRY(JsonDocument::parse(item.body));
  IncomingProfile profile;
  profile.author.network = "line";
  profile.author.external_id = TRY(document.root()["userId"].string(kIdLimitBytes));
  if (!is_plain_id(profile.author.external_id)) return invalid("expected who linked", "/userId");
  profile.author.customer_id = TRY(document.root()["customer_id"].string(kNameLimitBytes));
  return std::vector<Incoming>{std::move(profile)};
}

}  // namespace

std::string own_id(const Account& account, std::string_view line_id) {
  return to_string(account.id) + "/" + std::string(line_id);
}

std::string_view link_word(std::string_view text) {
  for (auto at = text.find('#'); at != std::string_view::npos; at = text.find('#', at + 1)) {
    const auto begin = at + 1;
    auto end = begin;
    while (end < text.size() && is_link_character(text[end])) ++end;
    const bool alone = at == 0 || text[at - 1] == ' ' || text[at - 1] == '\n' || text[at - 1] == '\r';
    if (alone && end - begin == kLinkWordBytes) return text.substr(begin, kLinkWordBytes);
  }
  return {};
}

Result<std::vector<Incoming>> parse_event(const Account& account, const RawItem& item, TimeMs received_at) {
  if (item.source == "line.link") return parse_link(item);
  if (without_again(item.source) != kEventSource)
    return invalid("LINE does not know this kind of item: " + item.source);
  const auto document = TRY(JsonDocument::parse(item.body));
  const auto event = document.root();
  if (!event.is_object()) return invalid("expected an event");
  const auto type = event["type"].text();
  if (type.empty()) return invalid("expected a type", "/type");
  std::vector<Incoming> facts;
  if (type == "message") {
    facts.emplace_back(TRY(read_message(account, event, received_at)));
  } else if (type == "messageEdited") {  // in groups; the newest edit has the greatest time
    auto post = TRY(read_message(account, event, received_at));
    post.revision = std::to_string(post.posted_at);
    facts.emplace_back(std::move(post));
  } else if (type == "unsend") {
    const auto id = event["unsend"]["messageId"].text();
    if (!is_plain_id(id)) return invalid("expected the id of a message", "/unsend/messageId");
    facts.emplace_back(IncomingDeletion{own_id(account, id), time_of_event(event, received_at)});
  } else if (type == "follow" || type == "unfollow") {
    const auto source = TRY(read_source(event["source"]));
    facts.emplace_back(IncomingRelation{author_of(source), type == "follow" ? "following" : "blocked",
                                        time_of_event(event, received_at)});
  } else if (type == "postback") {
    const auto params = event["postback"]["params"];
    // A switch between the tabs of a menu says nothing.
    if (!params["newRichMenuAliasId"].exists())
      facts.emplace_back(TRY(read_postback(account, event, received_at)));
  }
  // join, leave, memberJoined, beacon, membership … and whatever comes one day: kept in the journal, and
  // nothing to show.
  return facts;
}

}  // namespace kiki::channels::line
