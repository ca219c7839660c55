#include "channels/x/parse.hpp"

#include "channels/x/fake_x_test.hpp"
#include "channels/x/post_text.hpp"

namespace kiki::channels::x {
namespace {

const Account kUs{.workspace_id = 1,
                  .id = 42,
                  .network = "x",
                  .kind = "account",
                  .external_id = "1111111111111111111",
                  .handle = "ExampleUser",
                  .name = "Example",
                  .settings = R"({"reply_rule":"summoned"})"};
constexpr TimeMs kNow = 1'800'000'000'000;

std::vector<Incoming> facts_of(std::string_view source, std::string body, const Account& account = kUs) {
  auto facts = parse_item(account, {std::string(source), std::move(body)}, kNow);
  EXPECT_TRUE(facts.ok()) << facts.error().message << " at " << facts.error().where;
  return facts.ok() ? *facts : std::vector<Incoming>();
}

IncomingPost post_of(std::string_view source, std::string body, const Account& account = kUs) {
  const auto facts = facts_of(source, std::move(body), account);
  EXPECT_EQ(facts.size(), 1u);
  return facts.size() == 1 && std::holds_alternative<IncomingPost>(facts[0])
             ? std::get<IncomingPost>(facts[0])
             : IncomingPost();
}

// One of X's own examples.
std::string sample(const char* file, const char* name) {
  const auto text = read_whole(specs_path(std::string("x/samples/") + file));
  const auto document = JsonDocument::parse(text);
  return document.ok() ? document->root()[name].raw() : std::string();
}

TEST(XParse, AMentionOfTheActivityApi) {
  NEEDS_SPECS("x/samples/xaa-events.json");
  const auto post = post_of(kWebhookSource, sample("xaa-events.json", "post.mention.create"));
  EXPECT_EQ(post.external_id, "x:2080765813578191303");
  EXPECT_EQ(post.thread_external_id, "x:2080765813578191303");
  EXPECT_EQ(post.direction, Direction::kIn);
  EXPECT_EQ(post.reason, "mention");
  EXPECT_EQ(post.text, "hey @ExampleUser");
  EXPECT_EQ(post.author.external_id, "2222222222222222222");
  EXPECT_EQ(post.author.handle, "OtherUser");
  EXPECT_EQ(post.author.followers, 97);
  EXPECT_EQ(post.url, "https://x.com/OtherUser/status/2080765813578191303");
  EXPECT_EQ(post.posted_at, parse_rfc3339("2026-07-24T21:23:23Z"));
  EXPECT_EQ(post.language, "");
  EXPECT_EQ(post.reply_closed, "");
  EXPECT_EQ(post.visibility, Visibility::kPublic);
  ASSERT_EQ(post.inlines.size(), 1u);
  EXPECT_TRUE(post.inlines[0].of_us);
  EXPECT_EQ(post.inlines[0].place.start, 4);
  EXPECT_EQ(post.inlines[0].place.end, 16);
  EXPECT_EQ(post.reply_reference, R"({"id":"2080765813578191303"})");
}

TEST(XParse, AReplyHidesTheNamesItInherits) {
  NEEDS_SPECS("x/samples/xaa-events.json");
  const auto post = post_of(kWebhookSource, sample("xaa-events.json", "post.reply.create"));
  EXPECT_EQ(post.reason, "reply");
  EXPECT_EQ(post.text, "Great post — thanks for sharing!");
  EXPECT_EQ(post.parent_external_id, "x:2080761390344937796");
  EXPECT_EQ(post.thread_external_id, "x:2080761390344937796");
  EXPECT_EQ(post.reply_closed, "");
}

TEST(XParse, AQuoteSummonsUsByItsAddressAlone) {
  NEEDS_SPECS("x/samples/xaa-events.json");
  const auto post = post_of(kWebhookSource, sample("xaa-events.json", "post.quote.create"));
  EXPECT_EQ(post.reason, "quote");
  EXPECT_EQ(post.text, "Adding some context to this.");
  EXPECT_EQ(post.reply_closed, "");
  ASSERT_EQ(post.attachments.size(), 1u);
  EXPECT_EQ(post.attachments[0].kind, "quote");
  EXPECT_EQ(post.attachments[0].url, "https://x.com/ExampleUser/status/2080761390344937796");
}

TEST(XParse, EveryEventOfTheActivityApiIsUnderstoodOrLeftAlone) {
  NEEDS_SPECS("x/samples/xaa-events.json");
  const auto text = read_whole(specs_path("x/samples/xaa-events.json"));
  const auto document = JsonDocument::parse(text);
  ASSERT_TRUE(document.ok());
  std::map<std::string, std::size_t> counts;
  ASSERT_TRUE(document->root()
                  .each_member([&](std::string_view name, JsonView event) -> Result<void> {
                    if (name != "Event envelope")  // whose payload is left out
                      counts[std::string(name)] = facts_of(kWebhookSource, event.raw()).size();
                    return {};
                  })
                  .ok());
  for (const auto* one : {"post.create", "post.delete", "post.mention.create", "post.reply.create",
                          "post.quote.create", "dm.received", "dm.sent", "chat.received", "chat.sent"})
    EXPECT_EQ(counts[one], 1u) << one;
  for (const auto* none : {"post.repost.create", "like.create", "news.new", "oauth.revoke", "spaces.start",
                           "broadcast.chat", "profile.update.bio"})
    EXPECT_EQ(counts[none], 0u) << none;
}

TEST(XParse, OwnPostsAndDeletions) {
  NEEDS_SPECS("x/samples/xaa-events.json");
  const auto own = post_of(kWebhookSource, sample("xaa-events.json", "post.create"));
  EXPECT_EQ(own.direction, Direction::kOut);
  EXPECT_EQ(own.reason, "own");
  EXPECT_EQ(own.reply_closed, "");
  const auto facts = facts_of(kWebhookSource, sample("xaa-events.json", "post.delete"));
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(std::get<IncomingDeletion>(facts[0]).external_id, "x:2080761269309813134");
  EXPECT_EQ(std::get<IncomingDeletion>(facts[0]).deleted_at, kNow);
}

TEST(XParse, MessagesOfBothDirections) {
  NEEDS_SPECS("x/samples/xaa-events.json");
  const auto in = post_of(kWebhookSource, sample("xaa-events.json", "dm.received"));
  EXPECT_EQ(in.external_id, "x:dm:2080765901528535096");
  EXPECT_EQ(in.thread_external_id, "x:dm:1111111111111111111-2222222222222222222");
  EXPECT_EQ(in.visibility, Visibility::kPrivate);
  EXPECT_EQ(in.text, "hello!");
  EXPECT_EQ(in.author.handle, "OtherUser");  // wrapped in "data"
  EXPECT_EQ(in.posted_at, 1'784'928'224'372);
  EXPECT_EQ(in.reply_reference, R"({"to":"2222222222222222222"})");
  const auto out = post_of(kWebhookSource, sample("xaa-events.json", "dm.sent"));
  EXPECT_EQ(out.direction, Direction::kOut);
  EXPECT_EQ(out.thread_external_id, "x:dm:2244994945-1111111111111111111");
  EXPECT_EQ(out.reply_reference, R"({"to":"2244994945"})");
}

TEST(XParse, AnEncryptedMessageWaits) {
  NEEDS_SPECS("x/samples/xaa-events.json");
  const auto post = post_of(kWebhookSource, sample("xaa-events.json", "chat.received"));
  EXPECT_EQ(post.external_id, "x:chat:e4f4d3fc-8bbf-4928-92eb-e5058d6bb6f6");
  EXPECT_EQ(post.reply_closed, "encrypted");
  EXPECT_EQ(post.visibility, Visibility::kPrivate);
  EXPECT_EQ(post.author.external_id, "2222222222222222222");
  EXPECT_EQ(post.direction, Direction::kIn);
}

TEST(XParse, AFollowerIsKnownToTheCard) {
  NEEDS_SPECS("x/samples/xaa-events.json");
  EXPECT_EQ(facts_of(kWebhookSource, sample("xaa-events.json", "follow.follow")).size(), 0u);  // we follow
  auto them = kUs;
  them.external_id = "4444444444444444444";
  const auto facts = facts_of(kWebhookSource, sample("xaa-events.json", "follow.follow"), them);
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(std::get<IncomingRelation>(facts[0]).relation, "following");
  EXPECT_EQ(std::get<IncomingRelation>(facts[0]).author.external_id, "1111111111111111111");
}

TEST(XParse, AccountActivityOfOldApps) {
  NEEDS_SPECS("x/samples/aaa-events.json");
  auto us = kUs;
  us.external_id = "4337869213";
  const auto message = post_of(kWebhookSource, sample("aaa-events.json", "direct_message_events"), us);
  EXPECT_EQ(message.external_id, "x:dm:954491830116155396");
  EXPECT_EQ(message.author.name, "Jordan Brinks");
  EXPECT_EQ(message.text, "Hello World!");
  EXPECT_EQ(message.thread_external_id, "x:dm:3001969357-4337869213");
  const auto gone = facts_of(kWebhookSource, sample("aaa-events.json", "tweet_delete_events"), us);
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_EQ(std::get<IncomingDeletion>(gone[0]).external_id, "x:1045405559317569537");
  EXPECT_EQ(std::get<IncomingDeletion>(gone[0]).deleted_at, 1'432'228'155'593);
  for (const auto* none :
       {"user_event", "direct_message_indicate_typing_events", "direct_message_mark_read_events"})
    EXPECT_EQ(facts_of(kWebhookSource, sample("aaa-events.json", none), us).size(), 0u) << none;
}

TEST(XParse, ALongPostOfAccountActivityStandsInExtendedTweet) {
  const auto post = post_of(kWebhookSource, R"({"for_user_id":"1111111111111111111","tweet_create_events":[{
    "id_str":"1045405559317569537","text":"@ExampleUser 電源が… https://t.co/a","truncated":true,"lang":"ja",
    "timestamp_ms":"1538000000000","in_reply_to_status_id_str":null,
    "user":{"id_str":"333","name":"花子","screen_name":"hanako","followers_count":12},
    "entities":{"user_mentions":[]},
    "extended_tweet":{"full_text":"@ExampleUser 電源が入りません &amp; 困っています https://t.co/pic",
            "display_text_range":[0,29],
      "entities":{"user_mentions":[{"screen_name":"ExampleUser","id_str":"1111111111111111111",
            "indices":[0,12]}],
        "media":[{"id_str":"9","indices":[35,51],"type":"photo",
            "media_url_https":"https://pbs.twimg.com/media/a.jpg"}]}}}]})");
  EXPECT_EQ(post.text, "@ExampleUser 電源が入りません & 困っています");
  EXPECT_EQ(post.reason, "mention");
  EXPECT_EQ(post.language, "ja");
  EXPECT_EQ(post.posted_at, 1'538'000'000'000);
  ASSERT_EQ(post.attachments.size(), 1u);
  EXPECT_EQ(post.attachments[0].url, "https://pbs.twimg.com/media/a.jpg");
}

std::string v2(const std::string& data, const std::string& includes = "{}") {
  return "{\"data\":" + data + ",\"includes\":" + includes + "}";
}

TEST(XParse, BothVocabulariesSayTheSame) {
  const std::string old_words =
      v2(R"({"id":"102","author_id":"5","text":"a","edit_history_tweet_ids":["101","102"],
             "referenced_tweets":[{"type":"replied_to","id":"90"}],"conversation_id":"80",
            "note_tweet":{"text":"the whole"}})",
         R"({"tweets":[{"id":"90","author_id":"6","edit_history_tweet_ids":["89","90"]}]})");
  auto new_words = old_words;
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"_tweet_ids", "_post_ids"},
                                                        {"referenced_tweets", "referenced_posts"},
                                                        {"note_tweet", "note_post"},
                                                        {"\"tweets\"", "\"posts\""}}) {
    for (auto at = new_words.find(from); at != std::string::npos; at = new_words.find(from))
      new_words.replace(at, from.size(), to);
  }
  for (const auto& body : {old_words, new_words}) {
    const auto post = post_of(kPostSource, body);
    EXPECT_EQ(post.external_id, "x:101");  // the first version's
    EXPECT_EQ(post.revision, "102");
    EXPECT_EQ(post.parent_external_id, "x:89");  // as the desk knows it
    EXPECT_EQ(post.thread_external_id, "x:80");
    EXPECT_EQ(post.text, "the whole");
    EXPECT_EQ(post.reply_reference, R"({"id":"102"})");
  }
  for (const auto* type : {"TweetMentionCreate", "tweet.mention.create", "PostMentionCreate"}) {
    const auto post = post_of(kWebhookSource, std::string(R"({"data":{"event_type":")") + type +
                                                  R"(","payload":{"id":"7","author_id":"5","text":"hi"}}})");
    EXPECT_EQ(post.external_id, "x:7") << type;
  }
}

TEST(XParse, WhoDidNotSummonUsCannotBeAnswered) {
  const auto closed = [](const std::string& data, const Account& account = kUs) {
    return post_of(kPostSource, v2(data), account).reply_closed;
  };
  const std::string plain = R"({"id":"7","author_id":"5","text":"ExampleUser is down"})";
  EXPECT_EQ(closed(plain), "not_summoned");
  const std::string named =
      R"({"id":"7","author_id":"5","text":"@exampleuser","entities":{"mentions":[{"start":0,"end":12,
            "username":"exampleuser"}]}})";
  EXPECT_EQ(closed(named), "");  // handles compare without case
  const std::string other =
      R"({"id":"7","author_id":"5","text":"@somebody","entities":{"mentions":[{"start":0,"end":9,
            "username":"somebody","id":"9"}]}})";
  EXPECT_EQ(closed(other), "not_summoned");
  EXPECT_EQ(closed(R"({"id":"7","author_id":"5","text":"x","in_reply_to_user_id":"1111111111111111111"})"),
            "");
  auto open = kUs;
  open.settings = R"({"reply_rule":"open"})";
  EXPECT_EQ(closed(plain, open), "");
  // A listener does not know our name: what names nobody is closed, the rest X decides.
  const Account listener{.workspace_id = 1, .id = 2, .network = "x", .kind = "listener"};
  EXPECT_EQ(closed(plain, listener), "not_summoned");
  EXPECT_EQ(closed(other, listener), "");
}

TEST(XParse, LinksPicturesAndFilms) {
  const auto post =
      post_of(kPostSource, v2(R"({"id":"7","author_id":"5","text":"見て https://t.co/a https://t.co/b",
            "attachments":{"media_keys":["3_1","7_2","9_9"]},
          "entities":{"urls":[{"start":3,"end":17,"url":"https://t.co/a",
            "expanded_url":"https://shop.example/p?a=1&b=2","title":"店"},
                              {"start":18,"end":32,"url":"https://t.co/b",
            "expanded_url":"https://x.com/u/status/7/photo/1","media_key":"3_1"}]}})",
                              R"({"users":[{"data":{"id":"5","username":"u","name":"U"}}],"media":[
            {"media_key":"3_1","type":"photo","url":"https://pbs.twimg.com/a.jpg","alt_text":"壊れた箱","width":10,
            "height":20},
            {"media_key":"7_2","type":"video","preview_image_url":"https://pbs.twimg.com/p.jpg","variants":[
              {"content_type":"application/x-mpegURL","url":"https://video.twimg.com/a.m3u8"},
              {"bit_rate":1,"content_type":"video/mp4","url":"https://video.twimg.com/low.mp4"},
              {"bit_rate":9,"content_type":"video/mp4","url":"https://video.twimg.com/high.mp4"}]}]})"));
  EXPECT_EQ(post.text, "見て https://shop.example/p?a=1&b=2");
  EXPECT_EQ(post.author.handle, "u");
  ASSERT_EQ(post.attachments.size(), 3u);
  EXPECT_EQ(post.attachments[0].alt, "壊れた箱");
  EXPECT_EQ(post.attachments[1].url, "https://video.twimg.com/high.mp4");
  EXPECT_EQ(post.attachments[2].kind, "link");
  EXPECT_EQ(post.attachments[2].title, "店");
}

TEST(XParse, ALinkStandsOnceInTheBubble) {
  const auto told = [](const std::string& author, const std::string& more) {
    return post_of(kPostSource,
                   v2(R"({"id":"7","author_id":")" + author +
                          R"(","text":"こちらへ https://t.co/a","entities":{"urls":[{"start":5,"end":19,
      "url":"https://t.co/a","expanded_url":"https://desk.example/p/abc")" +
                          more + R"(}]}})",
                      R"({"users":[{"id":"5","username":"u","name":"U"}]})"));
  };
  EXPECT_TRUE(told("5", "").attachments.empty());                   // nothing that the text does not say
  EXPECT_EQ(told("5", R"(,"title":"店")").attachments.size(), 1u);  // a card with words
  EXPECT_EQ(told("5", R"(,"unwound_url":"https://shop.example/")").attachments.size(), 1u);  // where it leads
  const auto ours = told("1111111111111111111", R"(,"title":"続きはこちら")");
  EXPECT_EQ(ours.direction, Direction::kOut);
  EXPECT_EQ(ours.text, "こちらへ https://desk.example/p/abc");
  EXPECT_TRUE(ours.attachments.empty());
}

TEST(XParse, AMessageBringsTheWordOfOurLink) {
  const std::string word = "abcdefghijABCDEFGHIJ0123456789_-abcdefghijk";
  const auto message = [](const std::string& text) {
    return post_of(kMessageSource, v2(R"({"id":"70","event_type":"MessageCreate","sender_id":"5",
            "dm_conversation_id":"1111111111111111111-5","created_at":"2026-07-24T21:00:00Z","text":")" +
                                      text + "\"}"));
  };
  const auto post = message("ref:" + word + " こんにちは");
  EXPECT_EQ(post.continues, word);
  EXPECT_EQ(post.text, "こんにちは");
  EXPECT_EQ(post.thread_external_id, "x:dm:5-1111111111111111111");
  EXPECT_EQ(message("こんにちは ref:" + word).continues, word);
  EXPECT_EQ(message("ref:" + word).text, "");
  EXPECT_EQ(message("ref:" + word).incomplete, "only_link");
  EXPECT_EQ(message("ref:short").continues, "");
  EXPECT_EQ(message("href:" + word).continues, "");
}

TEST(XParse, FilesOfMessagesAreFetchedByUs) {
  const auto post = post_of(
      kMessageSource,
      v2(R"({"id":"70","event_type":"MessageCreate","sender_id":"5","dm_conversation_id":"123456789012345678",
            "text":"","attachments":{"media_keys":["3_1"]}})",
         R"({"media":[{"media_key":"3_1","type":"photo","url":"https://ton.twitter.com/a.jpg"}]})"));
  ASSERT_EQ(post.attachments.size(), 1u);
  EXPECT_EQ(post.attachments[0].url, "");
  EXPECT_EQ(post.attachments[0].reference, "https://ton.twitter.com/a.jpg");
  EXPECT_EQ(post.reply_reference, R"({"conversation":"123456789012345678"})");  // a group
}

TEST(XParse, WhatIsNoPostIsAFault) {
  for (const auto* body : {"[]", "{}", "{\"data\":{\"id\":\"../1\"}}", "{\"data\":{\"id\":\"7\"}}",
                           "{\"data\":7}", "{", "{\"data\":{\"id\":7,\"author_id\":\"5\"}}"}) {
    EXPECT_FALSE(parse_item(kUs, {std::string(kPostSource), body}, kNow).ok()) << body;
  }
  EXPECT_FALSE(parse_item(kUs, {"bluesky.post", "{}"}, kNow).ok());
  EXPECT_EQ(facts_of(kWebhookSource, R"({"data":{"event_type":"post.invented","payload":[]}})").size(), 0u);
  EXPECT_EQ(facts_of(kWebhookSource, "{}").size(), 0u);
}

TEST(XParse, AHostileTextHarmsNobody) {
  const auto post =
      post_of(kPostSource,
              v2(R"({"id":"7","author_id":"5","created_at":"2126-01-01T00:00:00Z","text":"a\u0000b\u001b[31m",
            "display_text_range":[-5,9999999999],
           "entities":{"urls":[{"start":0,"end":99999,"expanded_url":"javascript:alert"},{"start":-1,"end":1},
            {"start":2,"end":1}],
                       "mentions":[{"start":0,"end":1,"username":"x"},{"start":0,"end":2,"username":"y"}]
}
})"));
  EXPECT_EQ(post.text, "ab[31m");
  EXPECT_EQ(post.posted_at, kNow);  // nobody writes in the future
  EXPECT_EQ(post.attachments.size(), 0u);
}

TEST(XIds, AreNumbers) {
  EXPECT_TRUE(id_less("9", "10"));
  EXPECT_FALSE(id_less("10", "9"));
  EXPECT_EQ(conversation_of("10", "9"), "9-10");
  EXPECT_EQ(post_id_of("x:12"), "12");
  for (const auto* wrong : {"x:dm:12", "at://x", "12", "x:", "x:012", "x:12345678901234567890"})
    EXPECT_EQ(post_id_of(wrong), "") << wrong;
  EXPECT_NEAR(static_cast<double>(time_of_id("2080765813578191303")),
              static_cast<double>(*parse_rfc3339("2026-07-24T21:23:23Z")), 1'000.0);
}

TEST(XPages, EachPostTakesWhatItNeedsAlong) {
  const auto items = split_page(
      R"({"data":[{"id":"2","author_id":"5","referenced_tweets":[{"type":"quoted","id":"9"}]},{"id":"1",
            "author_id":"6"}],
    "includes":{"users":[{"id":"5"},{"id":"6"},{"id":"7"}],"tweets":[{"id":"9","author_id":"7"}]},
            "meta":{"result_count":2}})",
      kPostSource);
  ASSERT_TRUE(items.ok());
  ASSERT_EQ(items->size(), 2u);
  EXPECT_EQ(
      (*items)[0].raw.body,
      R"({"data":{"id":"2","author_id":"5","referenced_tweets":[{"type":"quoted","id":"9"}]},)"
      R"("includes":{"users":[{"id":"5"},{"id":"7"}],"tweets":[{"id":"9","author_id":"7"}],"media":[]}})");
  EXPECT_EQ(
      (*items)[1].raw.body,
      R"({"data":{"id":"1","author_id":"6"},"includes":{"users":[{"id":"6"}],"tweets":[],"media":[]}})");
  EXPECT_EQ(split_page(R"({"meta":{"result_count":0}})", kPostSource)->size(), 0u);
}

TEST(XText, IsComparedAsPeopleSeeIt) {
  EXPECT_EQ(comparable("a  b\nhttps://shop.example/x "), comparable("a b https://t.co/abc"));
  EXPECT_NE(comparable("a"), comparable("b"));
  EXPECT_EQ(decode_html("&lt;b&gt; &amp;amp; &unknown;"), "<b> &amp; &unknown;");
}

}  // namespace
}  // namespace kiki::channels::x
