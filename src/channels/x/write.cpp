#include "channels/x/write.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/log.hpp"
#include "channels/x/json_read.hpp"
#include "channels/x/media_upload.hpp"
#include "channels/x/parse.hpp"
#include "channels/x/spend.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::x {

namespace {

constexpr std::int64_t kClockSkewMs = 120'000;
constexpr int kPagesLimit = 8;

Error cannot(std::string message, std::string code) {
  return {ErrorKind::kUnprocessable, std::move(message), {}, std::move(code), 0};
}

// The newest version's id, which is the one X answers to; else what the external id says.
std::string target_id(const Outgoing& outgoing) {
  if (const auto reference = JsonDocument::parse(outgoing.reply_reference); reference.ok()) {
    if (const auto id = reference->root()["id"].text(); is_id(id)) return std::string(id);
  }
  if (is_id(outgoing.target_revision)) return outgoing.target_revision;
  return std::string(post_id_of(outgoing.target_external_id));
}

struct Receiver {
  std::string person;
  std::string group;
};

Receiver receiver_of(const Outgoing& outgoing) {
  Receiver to;
  if (const auto reference = JsonDocument::parse(outgoing.reply_reference); reference.ok()) {
    if (const auto id = reference->root()["to"].text(); is_id(id)) to.person = id;
    if (const auto id = reference->root()["conversation"].text(); is_id(id)) to.group = id;
  }
  if (to.person.empty() && to.group.empty() && is_id(outgoing.recipient.external_id))
    to.person = outgoing.recipient.external_id;
  return to;
}

// What they wrote in private is never answered in public, whatever else is said about it.
bool in_private(const Outgoing& outgoing) {
  return outgoing.visibility == Visibility::kPrivate || outgoing.target_external_id.starts_with("x:dm:") ||
         outgoing.target_external_id.starts_with("x:chat:");
}

bool has_link(std::string_view text) {
  return text.find("http://") != std::string_view::npos || text.find("https://") != std::string_view::npos;
}

Sent sent_post(const Account& account, std::string id) {
  Sent sent;
  sent.external_id = "x:" + id;
  sent.revision = id;
  sent.url = "https://x.com/" + (account.handle.empty() ? "i" : account.handle) + "/status/" + id;
  return sent;
}

std::string messages_path(const Receiver& to, std::string_view rest) {
  return to.group.empty() ? "/2/dm_conversations/with/" + to.person + "/" + std::string(rest)
                          : "/2/dm_conversations/" + to.group + "/" + std::string(rest);
}

}  // namespace

Result<json::array> Writer::upload(const Account& account, AccountState& state, const Outgoing& outgoing,
                                   std::stop_token stop) {
  json::array ids;
  for (const auto& image : outgoing.images) {
    const bool for_message = in_private(outgoing);
    ids.emplace_back(TRY(upload_media(api_, tools_, account, state, image, for_message, stop)));
  }
  return ids;
}

Result<Sent> Writer::reply(const Account& account, AccountState& state, const Outgoing& outgoing,
                           std::stop_token stop) {
  const auto target = target_id(outgoing);
  if (target.empty()) return cannot("this is no post of X", "no_target");
  json::object body{{"text", outgoing.text}, {"reply", json::object{{"in_reply_to_tweet_id", target}}}};
  if (auto media = TRY(upload(account, state, outgoing, stop)); !media.empty())
    body["media"] = json::object{{"media_ids", std::move(media)}};
  ApiCall call;
  call.method = "POST";
  call.path = "/2/tweets";
  call.body = json::serialize(body);
  call.cost = has_link(outgoing.text) ? price::kPostWithLink : price::kSummonedReply;
  auto answer = api_.call(account, state, call, stop);
  if (!answer.ok()) {
    // An earlier try may have arrived after we looked for it: then the refusal is the proof.
    if (answer.error().code == "duplicate") {
      auto found = find_reply(account, state, outgoing, stop);
      if (found.ok() && *found) return **std::move(found);
    }
    return std::move(answer).error();
  }
  const auto document = JsonDocument::parse(*answer);
  const std::string id(document.ok() ? document->root()["data"]["id"].text() : std::string_view());
  if (!is_id(id)) return Error{ErrorKind::kUnclear, "X's answer cannot be read", {}, "unreadable", 0};
  return sent_post(account, id);
}

Result<Sent> Writer::message(const Account& account, AccountState& state, const Outgoing& outgoing,
                             std::stop_token stop) {
  const auto to = receiver_of(outgoing);
  if (to.person.empty() && to.group.empty()) return cannot("nobody to write to", "no_target");
  if (outgoing.images.size() > 1) return cannot("X takes one picture in a message", "too_many_images");
  json::object body;
  if (!outgoing.text.empty()) body["text"] = outgoing.text;
  json::array attachments;
  for (auto& id : TRY(upload(account, state, outgoing, stop)))
    attachments.push_back(json::object{{"media_id", std::move(id)}});
  if (!attachments.empty()) body["attachments"] = std::move(attachments);
  ApiCall call;
  call.method = "POST";
  call.path = messages_path(to, "messages");
  call.budget = "messages";
  call.body = json::serialize(body);
  call.cost = price::kMessage;
  const auto answer = TRY(api_.call(account, state, call, stop));
  const auto document = JsonDocument::parse(answer);
  const std::string id(document.ok() ? document->root()["data"]["dm_event_id"].text() : std::string_view());
  if (!is_id(id)) return Error{ErrorKind::kUnclear, "X's answer cannot be read", {}, "unreadable", 0};
  Sent sent;
  sent.external_id = "x:dm:" + id;
  return sent;
}

Result<Sent> Writer::react(const Account& account, AccountState& state, const Outgoing& outgoing,
                           std::stop_token stop) {
  const auto& action = outgoing.action;
  const auto target = target_id(outgoing);
  const std::string me = "/2/users/" + account.external_id;
  ApiCall call;
  call.cost = price::kReaction;
  if (action == "delete" && outgoing.target_external_id.starts_with("x:dm:")) {
    const auto event = outgoing.target_external_id.substr(5);
    if (!is_id(event)) return cannot("this is no message of X", "no_target");
    call.method = "DELETE";
    call.path = "/2/dm_events/" + event;
    call.budget = "/2/dm_events/:id";
    call.cost = price::kDelete;
  } else if (target.empty()) {
    return cannot("this is no post of X", "no_target");
  } else if (action == "like" || action == "repost") {
    call.method = "POST";
    call.path = me + (action == "like" ? "/likes" : "/retweets");
    call.body = json::serialize(json::object{{"tweet_id", target}});
  } else if (action == "unlike" || action == "unrepost") {
    call.method = "DELETE";
    call.path = me + (action == "unlike" ? "/likes/" : "/retweets/") + target;
    call.budget = me + action;
  } else if (action == "hide" || action == "unhide") {
    call.method = "PUT";
    call.path = "/2/tweets/" + target + "/hidden";
    call.budget = "/2/tweets/:id/hidden";
    call.body = json::serialize(json::object{{"hidden", action == "hide"}});
  } else if (action == "delete") {
    call.method = "DELETE";
    call.path = "/2/tweets/" + target;
    call.budget = "DELETE /2/tweets/:id";
    call.cost = price::kDelete;
  } else {
    return cannot("X has no such action: " + action, "not_supported");
  }
  auto answer = api_.call(account, state, call, stop);
  // Gone already, or taken back already: as wanted.
  const bool takes_back = action == "delete" || action == "unlike" || action == "unrepost";
  if (!answer.ok() && !(takes_back && answer.error().kind == ErrorKind::kNotFound))
    return std::move(answer).error();
  Sent sent;
  sent.external_id = outgoing.target_external_id;
  return sent;
}

Result<Sent> Writer::send(const Account& account, AccountState& state, const Outgoing& outgoing,
                          std::stop_token stop) {
  if (outgoing.action != "reply") return react(account, state, outgoing, stop);
  return in_private(outgoing) ? message(account, state, outgoing, stop)
                              : reply(account, state, outgoing, stop);
}

Result<std::optional<Sent>> Writer::find_reply(const Account& account, AccountState& state,
                                               const Outgoing& outgoing, std::stop_token stop) {
  const auto target = target_id(outgoing);
  const auto wanted = comparable(outgoing.text);
  std::optional<Sent> found;
  std::string next;
  for (int page = 0; page < kPagesLimit && !found; ++page) {
    // Nearly always among the newest; a desk that sends much is read on until the time before this one.
    const std::int64_t asked = page == 0 ? 20 : 100;
    ApiCall call;
    call.path = "/2/users/" + account.external_id + "/tweets";
    call.query = {
        {"max_results", std::to_string(asked)},
        {"start_time", to_rfc3339(outgoing.created_at + api_.skew_ms() - kClockSkewMs).substr(0, 19) + "Z"},
        {"tweet.fields", "created_at,entities,referenced_tweets,display_text_range,note_tweet"}};
    if (!next.empty()) call.query.emplace_back("pagination_token", next);
    call.cost = asked * price::kOwnedRead;
    const auto now_ms = tools_.clock.now_ms();
    const auto answer = TRY(api_.call(account, state, call, stop));
    const auto document = TRY(JsonDocument::parse(answer, JsonLimits{16 << 20, 64}));
    std::int64_t count = 0;
    for_each(document.root()["data"], [&](JsonView one) {
      ++count;
      bool answers = false;
      for_each(either(one, "referenced_tweets", "referenced_posts"), [&](JsonView other) {
        answers |= other["type"].text() == "replied_to" && other["id"].text() == target;
      });
      if (!found && answers && is_id(one["id"].text()) && comparable_post(one) == wanted)
        found = sent_post(account, std::string(one["id"].text()));
    });
    give_back(state, (asked - std::min(count, asked)) * price::kOwnedRead, now_ms);
    next = document.root()["meta"]["next_token"].text();
    if (next.empty()) break;
  }
  if (!found && !next.empty())
    return Error{
        ErrorKind::kUnclear, "too many posts since; look on X whether it is there", {}, "maybe_sent", 0};
  return found;
}

Result<std::optional<Sent>> Writer::find_message(const Account& account, AccountState& state,
                                                 const Outgoing& outgoing, std::stop_token stop) {
  const auto to = receiver_of(outgoing);
  const auto wanted = comparable(outgoing.text);
  constexpr std::int64_t kEvents = 20;
  ApiCall call;
  call.path = messages_path(to, "dm_events");
  call.budget = "dm_events";
  call.query = {{"max_results", std::to_string(kEvents)},
                {"event_types", "MessageCreate"},
                {"dm_event.fields", "id,event_type,text,sender_id,created_at,dm_conversation_id,entities"}};
  call.cost = kEvents * price::kMessageRead;
  const auto now_ms = tools_.clock.now_ms();
  const auto answer = TRY(api_.call(account, state, call, stop));
  const auto document = TRY(JsonDocument::parse(answer, JsonLimits{16 << 20, 64}));
  std::optional<Sent> found;
  std::int64_t count = 0;
  for_each(document.root()["data"], [&](JsonView one) {
    ++count;
    const auto id = one["id"].text();
    // Ids tell X's own time; a message of before this one was written is another one.
    const bool recent = parse_rfc3339(one["created_at"].text()).value_or(time_of_id(id)) >=
                        outgoing.created_at + api_.skew_ms() - 5'000;
    if (!found && recent && is_id(id) && one["sender_id"].text() == account.external_id &&
        comparable_post(one) == wanted) {
      found = Sent{"x:dm:" + std::string(id), {}, {}};
    }
  });
  give_back(state, (kEvents - std::min(count, kEvents)) * price::kMessageRead, now_ms);
  return found;
}

Result<std::optional<Sent>> Writer::look_up(const Account& account, AccountState& state,
                                            const Outgoing& outgoing, std::stop_token stop) {
  // Liking twice is liking once: whatever it was, it may be sent again.
  if (outgoing.action != "reply") return std::optional<Sent>();
  return in_private(outgoing) ? find_message(account, state, outgoing, stop)
                              : find_reply(account, state, outgoing, stop);
}

std::string compose_page(std::string_view web_url, const Outgoing& outgoing) {
  const std::string base(web_url);
  if (in_private(outgoing)) {
    const auto to = receiver_of(outgoing);
    if (to.person.empty()) return {};
    return base + "/messages/compose?recipient_id=" + to.person +
           (outgoing.text.empty() ? "" : "&text=" + net::percent_encode(outgoing.text));
  }
  const auto target = target_id(outgoing);
  if (target.empty()) return {};
  return base + "/intent/post?in_reply_to=" + target +
         (outgoing.text.empty() ? "" : "&text=" + net::percent_encode(outgoing.text));
}

}  // namespace kiki::channels::x
