#include "channels/line/send.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>

#include "base/json.hpp"
#include "base/log.hpp"
#include "channels/line/parse.hpp"
#include "net/hmac.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::line {

namespace {

constexpr std::string_view kNotes = "sending";
constexpr std::size_t kUrlLimitCharacters = 2'000;
constexpr int kLoadingSeconds = 25;  // in steps of five; a console tells again after 20

Error refused(std::string message, std::string code) {
  return {ErrorKind::kUnprocessable, std::move(message), {}, std::move(code), 0};
}

Error in_doubt() {
  return {ErrorKind::kUnclear,
          "LINE may have delivered this reply, and cannot be asked. Look in the chat; write it again if it "
          "is not there.",
          {},
          "reply_in_doubt",
          0};
}

bool says(const std::string& words, std::string_view part) {
  std::string low(words);
  std::transform(low.begin(), low.end(), low.begin(), [](unsigned char c) { return std::tolower(c); });
  return low.find(part) != std::string::npos;
}

// A definite no.
Error refusal(const net::HttpAnswer& answer) {
  auto error = api_error(answer);
  if (answer.status == 429 && says(words_of(answer), "monthly limit"))
    return refused("LINE: the messages of this month are used up.", "monthly_limit");
  if (error.kind == ErrorKind::kNotFound) error.kind = ErrorKind::kUnprocessable;
  return error;
}

bool may_have_happened(const Error& error) {
  return error.kind == ErrorKind::kUnclear || error.kind == ErrorKind::kCancelled ||
         error.kind == ErrorKind::kTooLarge;
}

}  // namespace

// From IncomingPost::reply_reference.
struct Sending::Way {
  std::string to;
  std::string token;
  TimeMs token_until = 0;
  std::string quote;
  std::string read;
};

std::string new_retry_key(Random& random) {
  std::string bytes;
  for (int i = 0; i < 2; ++i) {
    auto word = random.next();
    for (int b = 0; b < 8; ++b, word >>= 8) bytes += static_cast<char>(word & 0xff);
  }
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  auto digits = net::hex(bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) digits.insert(at, "-");
  return digits;
}

Result<void> check_outgoing(const Outgoing& outgoing) {
  if (outgoing.action != "reply") return refused("LINE can only be answered.", "not_supported");
  if (text::utf16_length(outgoing.text) > static_cast<std::size_t>(kTextLimitUnits))
    return refused("The text is longer than LINE allows.", "text_too_long");
  const auto count = outgoing.images.size() + (outgoing.text.empty() ? 0 : 1);
  if (count == 0) return refused("There is nothing to send.", "empty");
  if (count > static_cast<std::size_t>(kMessagesLimit))
    return refused("LINE takes five messages at once.", "too_many_images");
  for (const auto& image : outgoing.images) {
    if (image.content_type != "image/jpeg" && image.content_type != "image/png")
      return refused("LINE takes JPEG and PNG pictures only.", "image_type");
    if (!image.public_url.starts_with("https://") || image.public_url.size() > kUrlLimitCharacters)
      return refused("LINE fetches pictures from this desk: it needs a public https address (public_url).",
                     "no_public_url");
  }
  return {};
}

Result<void> show_loading(Api& api, const Account& account, AccountState& state,
                          std::string_view thread_external_id, std::stop_token stop) {
  const auto prefix = own_id(account, "U");
  if (!thread_external_id.starts_with(prefix)) return {};
  const auto user = thread_external_id.substr(prefix.size() - 1);
  const auto body = json::serialize(json::object{{"chatId", user}, {"loadingSeconds", kLoadingSeconds}});
  const auto answer = TRY(api.call(
      account, state,
      {.method = "POST", .path = "/v2/bot/chat/loading/start", .body = body, .timeout_ms = 3'000}, stop));
  if (answer.status < 200 || answer.status > 299) return api_error(answer);
  return {};
}

Result<void> Sending::note(AccountState& state, const SendNote& note) {
  auto notes = SendNotes::read(TRY(state.cursor(kNotes)));
  notes.put(note, tools_.clock.now_ms());
  return state.set_cursor(kNotes, notes.text());
}

Result<void> Sending::forget(AccountState& state, Id outbox_id) {
  auto notes = SendNotes::read(TRY(state.cursor(kNotes)));
  notes.remove(outbox_id);
  return state.set_cursor(kNotes, notes.text());
}

Result<Sent> Sending::taken(const Account& account, AccountState& state, const Outgoing& outgoing,
                            SendNote note, const net::HttpAnswer& answer) {
  // The first of what went out in one call stands for all.
  std::string id;
  if (const auto document = JsonDocument::parse(answer.body); document.ok()) {
    (void)document->root()["sentMessages"].each([&](JsonView one) -> Result<void> {
      if (id.empty()) id = one["id"].text();
      return {};
    });
  }
  if (id.empty() || id.size() > 100) id = "sent/" + outgoing.network_key;
  note.sent_id = id;
  // LINE has it, whatever becomes of our note: the note of its way stays and says "in doubt" at worst.
  if (auto kept = this->note(state, note); !kept.ok()) log::warning("line: not noted", kept.error());
  return Sent{own_id(account, id), {}, {}};
}

Result<std::string> Sending::with_account_link(const Account& account, AccountState& state,
                                               const std::string& text, const std::string& to,
                                               std::stop_token stop) {
  const auto page = setting(account, "account_link_url");
  const auto at = page.empty() || !to.starts_with('U') ? std::string::npos : text.find(page);
  if (at == std::string::npos) return text;
  const auto end = at + page.size();
  if (end < text.size() && std::string_view(" \t\r\n\"')>").find(text[end]) == std::string_view::npos &&
      static_cast<unsigned char>(text[end]) < 0x80)
    return text;  // a longer address of the same site
  const auto path = "/v2/bot/user/" + net::percent_encode(to) + "/linkToken";
  const auto document = TRY(read_json(api_.call(account, state, {.method = "POST", .path = path}, stop)));
  auto linked = text;
  linked.insert(end, (page.find('?') == std::string::npos ? "?linkToken=" : "&linkToken=") +
                         net::percent_encode(document.root()["linkToken"].text()));
  return linked;
}

Result<std::string> Sending::messages(const Account& account, AccountState& state, const Outgoing& outgoing,
                                      const Way& way, std::stop_token stop) {
  json::array all;
  if (!outgoing.text.empty()) {
    auto text = with_account_link(account, state, outgoing.text, way.to, stop);
    if (!text.ok()) {
      auto error = std::move(text).error();
      if (error.kind == ErrorKind::kUnclear) error.kind = ErrorKind::kUnavailable;  // nothing was sent yet
      return error;
    }
    json::object message{{"type", "text"}, {"text", *text}};
    if (!way.quote.empty()) message["quoteToken"] = way.quote;
    all.push_back(std::move(message));
  }
  for (const auto& image : outgoing.images) {
    all.push_back(
        json::object{{"type", "image"},
                     {"originalContentUrl", image.public_url},
                     {"previewImageUrl", image.preview_url.empty() ? image.public_url : image.preview_url}});
  }
  return json::serialize(all);
}

Result<Sent> Sending::send(const Account& account, AccountState& state, const Outgoing& outgoing,
                           std::stop_token stop) {
  TRY(check_outgoing(outgoing));
  Way way;
  {
    const auto reference = TRY(JsonDocument::parse(outgoing.reply_reference));
    const auto root = reference.root();
    way = {std::string(root["to"].text()), std::string(root["token"].text()),
           root["token_until"].number_or_zero(), std::string(root["quote"].text()),
           std::string(root["read"].text())};
  }
  if (way.to.empty()) return refused("It is not known where this answer goes.", "no_target");

  const auto notes = SendNotes::read(TRY(state.cursor(kNotes)));
  const auto* earlier = notes.find(outgoing.outbox_id);
  if (earlier != nullptr && !earlier->sent_id.empty()) return Sent{own_id(account, earlier->sent_id), {}, {}};
  if (earlier != nullptr &&
      (earlier->way == "reply" || tools_.clock.now_ms() - earlier->first_at > kRetryKeyMs))
    return in_doubt();

  auto sent = by_either(account, state, outgoing, way, earlier != nullptr, stop);
  if (!sent.ok() && !way.quote.empty() && sent.error().code == "line_400" &&
      says(sent.error().message, "quote")) {
    way.quote.clear();  // what it answers was unsent meanwhile; the answer is worth more than the pointer
    sent = by_either(account, state, outgoing, way, earlier != nullptr, stop);
  }
  if (sent.ok() && !way.read.empty()) {
    // Answered is read. Pleasant, not needed: whatever comes of it changes nothing.
    (void)api_.call(account, state,
                    {.method = "POST",
                     .path = "/v2/bot/chat/markAsRead",
                     .body = json::serialize(json::object{{"markAsReadToken", way.read}}),
                     .timeout_ms = 3'000},
                    stop);
  }
  return sent;
}

Result<Sent> Sending::by_either(const Account& account, AccountState& state, const Outgoing& outgoing,
                                const Way& way, bool was_tried, std::stop_token stop) {
  const auto body = TRY(messages(account, state, outgoing, way, stop));
  if (!was_tried && !way.token.empty() && tools_.clock.now_ms() < way.token_until) {
    bool token_refused = false;
    auto sent = by_reply(account, state, outgoing, way, body, token_refused, stop);
    if (!token_refused) return sent;
  }
  return by_push(account, state, outgoing, way, body, stop);
}

Result<Sent> Sending::by_reply(const Account& account, AccountState& state, const Outgoing& outgoing,
                               const Way& way, const std::string& messages, bool& is_refused,
                               std::stop_token stop) {
  const SendNote note{outgoing.outbox_id, "reply", tools_.clock.now_ms(), {}};
  TRY(this->note(state, note));
  ApiCall call{.method = "POST", .path = "/v2/bot/message/reply"};
  call.body =
      "{\"replyToken\":" + json::serialize(json::value(way.token)) + ",\"messages\":" + messages + "}";
  auto answer = api_.call(account, state, call, stop);
  if (!answer.ok()) {
    auto error = std::move(answer).error();
    if (may_have_happened(error)) return in_doubt();
    TRY(forget(state, outgoing.outbox_id));
    return error;
  }
  if (answer->status >= 200 && answer->status < 300) return taken(account, state, outgoing, note, *answer);
  if (answer->status >= 500 || answer->status < 400) return in_doubt();
  TRY(forget(state, outgoing.outbox_id));
  // Used, or too old. The one case in which another way is tried: LINE says that nothing was sent.
  is_refused = answer->status == 400 && says(words_of(*answer), "reply token");
  return refusal(*answer);
}

Result<Sent> Sending::by_push(const Account& account, AccountState& state, const Outgoing& outgoing,
                              const Way& way, const std::string& messages, std::stop_token stop) {
  const auto notes = SendNotes::read(TRY(state.cursor(kNotes)));
  const auto* earlier = notes.find(outgoing.outbox_id);
  const bool was_in_doubt = earlier != nullptr;
  const SendNote note =
      was_in_doubt ? *earlier : SendNote{outgoing.outbox_id, "push", tools_.clock.now_ms(), {}};
  // What may have arrived already is repeated whatever the quota says: LINE counts it once.
  if (!was_in_doubt) {
    TRY(quota_.allow(account, state, way.to, stop));
    TRY(this->note(state, note));
  }
  ApiCall call{.method = "POST", .path = "/v2/bot/message/push"};
  call.retry_key = outgoing.network_key;
  call.body = "{\"to\":" + json::serialize(json::value(way.to)) + ",\"messages\":" + messages + "}";
  auto answer = api_.call(account, state, call, stop);
  if (!answer.ok()) {
    auto error = std::move(answer).error();
    if (may_have_happened(error)) {
      // The same key again is safe, so there is nothing to look up first.
      if (error.kind != ErrorKind::kCancelled) error.kind = ErrorKind::kUnavailable;
    } else if (!was_in_doubt) {
      TRY(forget(state, outgoing.outbox_id));
    }
    return error;
  }
  const int status = answer->status;
  // 409: a try before was taken.
  if (status == 409 || (status >= 200 && status < 300)) {
    auto sent = taken(account, state, outgoing, note, *answer);
    if (status != 409) {
      if (auto counted = quota_.count(state, way.to); !counted.ok())
        log::warning("line: not counted", counted.error());
    }
    return sent;
  }
  if (status >= 500 || status < 400) return api_error(*answer);
  if (!was_in_doubt) TRY(forget(state, outgoing.outbox_id));
  auto error = refusal(*answer);
  if (error.code == "monthly_limit") TRY(quota_.used_up(state));
  return error;
}

Result<std::optional<Sent>> Sending::look_up(AccountState& state, const Account& account,
                                             const Outgoing& outgoing) {
  const auto notes = SendNotes::read(TRY(state.cursor(kNotes)));
  const auto* found = notes.find(outgoing.outbox_id);
  if (found == nullptr) return std::optional<Sent>();
  if (!found->sent_id.empty()) return std::optional(Sent{own_id(account, found->sent_id), {}, {}});
  if (found->way == "push" && tools_.clock.now_ms() - found->first_at <= kRetryKeyMs)
    return std::optional<Sent>();  // not certain, and yet safe: LINE takes the key once
  return in_doubt();
}

}  // namespace kiki::channels::line
