#include "channels/x/webhook.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"
#include "base/log.hpp"
#include "channels/x/activity_stream.hpp"
#include "channels/x/api.hpp"
#include "channels/x/json_read.hpp"
#include "channels/x/parse.hpp"
#include "channels/x/spend.hpp"
#include "channels/x/subscribe.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::x {

namespace {

WebhookAnswer refusal(int status, std::string note) {
  WebhookAnswer answer;
  answer.status = status;
  answer.note = std::move(note);
  return answer;
}

void note_seen(const Clock& clock, AccountState& state) {
  const auto now_ms = clock.now_ms();
  const auto before = state.cursor(kWebhookSeen);
  if (before.ok() && now_ms - number_of(*before) < kWebhookSeenStepMs) return;
  if (auto kept = state.set_cursor(kWebhookSeen, std::to_string(now_ms)); !kept.ok())
    log::warning("x: when X last called was not kept", kept.error());
}

// What came, in a few words, and what X bills for it: an event of the activity API that is a post.
std::pair<std::string, std::int64_t> describe(std::string_view body) {
  const auto document = JsonDocument::parse(body, JsonLimits{4 << 20, 64});
  if (!document.ok()) return {"cannot be read", 0};
  const auto root = document->root();
  if (const auto type = root["data"]["event_type"]; type.is_string()) {
    return {"1 event: " + clean(type.text(), 60), price_of_event(type.text())};
  }
  std::string note;
  if (root.is_object()) {
    (void)root
        .each_member([&](std::string_view key, JsonView value) -> Result<void> {
          if (value.is_array() && note.size() < 200)
            note += (note.empty() ? "" : ", ") + std::to_string(value.size()) + " " + clean(key, 60);
          return {};
        })
        .ok();
  }
  return {note.empty() ? "no events" : note, 0};
}

}  // namespace

bool is_called(AccountState& state, std::string_view event, TimeMs now_ms) {
  const auto seen = state.cursor(kWebhookSeen);
  const auto agreed = state.cursor(kWebhookEvents);
  return seen.ok() && agreed.ok() && now_ms - number_of(*seen) < kWebhookFreshMs &&
         agreed->find(" " + std::string(event) + " ") != std::string::npos;
}

std::string webhook_proof(std::string_view consumer_secret, std::string_view message) {
  return "sha256=" + net::base64(net::hmac_sha256(consumer_secret, message));
}

Result<WebhookAnswer> answer_webhook(const Clock& clock, AccountState& state,
                                     const net::HttpRequest& request) {
  const auto secret = TRY(state.secret(kConsumerSecret));
  if (secret.empty()) return refusal(403, "the account has no consumer secret");
  if (request.method == "GET") {
    const auto token = request.query_value("crc_token");
    if (token.empty() || token.size() > 1'000) return refusal(400, "no challenge");
    note_seen(clock, state);
    WebhookAnswer answer;
    answer.content_type = "application/json";
    answer.body = json::serialize(json::object{{"response_token", webhook_proof(secret, token)}});
    answer.note = "challenge answered";
    return answer;
  }
  if (request.method != "POST") return refusal(405, "neither GET nor POST");
  // Over the bytes as they came, before anything reads them.
  const auto told = request.headers.get("x-twitter-webhooks-signature");
  if (told.empty()) return refusal(401, "no signature");
  if (!net::equal_constant_time(told, webhook_proof(secret, request.body)))
    return refusal(403, "wrong signature");
  note_seen(clock, state);
  WebhookAnswer answer;
  const auto [note, cost] = describe(request.body);
  answer.note = note;
  answer.items.push_back({std::string(kWebhookSource), request.body});
  note_spent(state, cost, clock.now_ms());
  return answer;
}

}  // namespace kiki::channels::x
