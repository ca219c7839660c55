#include "channels/line/webhook.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"
#include "channels/contract/again.hpp"
#include "channels/line/api.hpp"
#include "channels/line/parse.hpp"
#include "net/hmac.hpp"
#include "net/identity_token.hpp"

namespace kiki::channels::line {

namespace {

// LINE limits neither; a group's event is some 1 KB, and 100 of them come in one call at most.
constexpr JsonLimits kLimits{4 << 20, 32};

WebhookAnswer refused(int status, std::string note) {
  WebhookAnswer answer;
  answer.status = status;
  answer.note = std::move(note);
  return answer;
}

// The site's nonce says who this is, signed by the site. Whoever is at the browser chooses what comes as a
// nonce: unsigned it proves nothing, and only the event stays. Judged by the moment they linked: LINE may
// tell it late.
std::optional<RawItem> link_of(const Account& account, std::string_view channel_secret, JsonView event,
                               std::string& note) {
  const auto link = event["link"];
  if (event["type"].text() != "accountLink" || link["result"].text() != "ok") return std::nullopt;
  const auto proof = net::verify_identity(link["nonce"].text(), channel_secret, setting(account, "basic_id"),
                                          event["timestamp"].number_or_zero());
  if (!proof.ok()) {
    note += "; " + proof.error().message;
    return std::nullopt;
  }
  return RawItem{"line.link", json::serialize(json::object{{"userId", event["source"]["userId"].text()},
                                                           {"customer_id", proof->user}})};
}

// Only with "Webhook redelivery" switched on; also when LINE did not hear that we took it.
std::string source_of(JsonView event) {
  const auto again = event["deliveryContext"]["isRedelivery"].boolean_or(false);
  return again.ok() && *again ? std::string(kEventSource).append(kAgain) : std::string(kEventSource);
}

}  // namespace

bool is_signed(std::string_view channel_secret, std::string_view body, std::string_view signature) {
  return !channel_secret.empty() &&
         net::equal_constant_time(net::base64(net::hmac_sha256(channel_secret, body)), signature);
}

WebhookAnswer take_webhook(
    const Account& account, std::string_view channel_secret, const net::HttpRequest& request,
    const std::function<void(std::string_view user_id, std::string_view chat_path)>& member) {
  if (request.method != "POST") return refused(405, "not a POST");
  const auto signature = request.headers.get("x-line-signature");  // in whatever case it comes
  if (signature.empty()) return refused(401, "no signature");
  if (!is_signed(channel_secret, request.body, signature)) return refused(401, "wrong signature");
  const auto document = JsonDocument::parse(request.body, kLimits);
  if (!document.ok() || !document->root()["events"].is_array()) return refused(400, "not a LINE webhook");
  const auto root = document->root();
  // Signed with our secret, yet for somebody else: the channel was given another account since we connected.
  if (root["destination"].text() != account.external_id) return refused(400, "for another account");

  WebhookAnswer answer;
  std::size_t count = 0;
  std::string links;
  (void)root["events"].each([&](JsonView event) -> Result<void> {
    ++count;
    answer.items.push_back({source_of(event), event.raw()});
    if (auto link = link_of(account, channel_secret, event, links)) answer.items.push_back(*std::move(link));
    const auto source = event["source"];
    const auto user = source["userId"].text();
    if (user.empty()) return {};
    if (const auto group = source["groupId"].text(); !group.empty())
      member(user, "/v2/bot/group/" + net::percent_encode(group) + "/member/");
    else if (const auto room = source["roomId"].text(); !room.empty())
      member(user, "/v2/bot/room/" + net::percent_encode(room) + "/member/");
    return {};
  });
  answer.note =
      count == 0 ? "checked by LINE" : std::to_string(count) + (count == 1 ? " event" : " events") + links;
  return answer;
}

}  // namespace kiki::channels::line
