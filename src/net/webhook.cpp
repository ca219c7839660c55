#include "net/webhook.hpp"

#include <algorithm>

#include "net/hmac.hpp"

namespace kiki::net {

namespace {

constexpr std::size_t kExcerptBytes = 500;

std::string excerpt_of(std::string_view text) {
  std::string excerpt(text.substr(0, kExcerptBytes));
  // The log shows it as text; bytes that are no printable ASCII or UTF-8 lead the reader nowhere.
  std::erase_if(excerpt,
                [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'; });
  while (!excerpt.empty() && (static_cast<unsigned char>(excerpt.back()) & 0xC0) == 0x80) excerpt.pop_back();
  if (!excerpt.empty() && (static_cast<unsigned char>(excerpt.back()) & 0xC0) == 0xC0) excerpt.pop_back();
  return excerpt;
}

}  // namespace

std::string new_webhook_secret(std::string_view random_bytes) {
  return "whsec_" + base64(random_bytes);
}

Result<HttpAnswer> send_webhook(HttpClient& http, const Clock& clock, const Webhook& webhook,
                                WebhookTry& tried, std::stop_token stop) {
  HttpCall call;
  call.method = "POST";
  call.url = webhook.url;
  call.timeout_ms = 15'000;
  call.answer_limit_bytes = 64 << 10;
  call.body = webhook.body;
  const auto timestamp_s = clock.now_ms() / 1000;
  call.headers.add("content-type", "application/json");
  call.headers.add("webhook-id", webhook.id);
  call.headers.add("webhook-timestamp", std::to_string(timestamp_s));
  call.headers.add("webhook-signature",
                   standard_webhook_signature(webhook.secret, webhook.id, timestamp_s, call.body));
  const auto started_ms = clock.monotonic_ms();
  auto answer = http.call(call, stop);
  tried.url = call.url;
  tried.duration_ms = clock.monotonic_ms() - started_ms;
  if (!answer.ok()) {
    auto error = std::move(answer).error();
    tried.excerpt = error.message;
    // The receiver drops repeats by webhook-id, so an unclear try may simply be made again.
    if (error.kind == ErrorKind::kUnclear) error.kind = ErrorKind::kUnavailable;
    return error;
  }
  tried.status = answer->status;
  tried.excerpt = excerpt_of(answer->body);
  const int status = answer->status;
  if (status >= 200 && status < 300) return answer;
  const auto message = "the webhook answered " + std::to_string(status);
  if (status == 429 || status == 503) {
    Error error{ErrorKind::kRateLimited, message, {}, "webhook_busy", 0};
    const auto wait_s = answer->headers.get("retry-after");
    if (!wait_s.empty() && wait_s.size() < 6 &&
        std::ranges::all_of(wait_s, [](char c) { return c >= '0' && c <= '9'; })) {
      error.retry_after_ms = std::stoll(std::string(wait_s)) * 1000;
    }
    return error;
  }
  if (status == 408 || status >= 500 || (status >= 300 && status < 400)) {
    return Error{ErrorKind::kUnavailable, message, {}, "webhook_failed", 0};
  }
  return Error{ErrorKind::kUnprocessable, message, {}, "webhook_refused", 0};
}

}  // namespace kiki::net
