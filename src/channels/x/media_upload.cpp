#include "channels/x/media_upload.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/log.hpp"
#include "channels/x/parse.hpp"
#include "channels/x/wait.hpp"
#include "text/utf8.hpp"

namespace kiki::channels::x {

namespace {

constexpr int kLooksLimit = 60;

Result<std::string> step(Api& api, const Account& account, AccountState& state, ApiCall call,
                         std::stop_token stop) {
  call.upload = true;
  call.timeout_ms = 60'000;
  auto answer = api.call(account, state, call, stop);
  if (!answer.ok()) {
    Error error = std::move(answer).error();
    if (error.kind == ErrorKind::kUnclear) error.kind = ErrorKind::kUnavailable;  // no post was made
    return error;
  }
  return answer;
}

std::string form_of(std::string_view boundary, std::string_view piece, std::size_t index) {
  std::string body;
  body.reserve(piece.size() + 400);
  const std::string line = "--" + std::string(boundary) + "\r\n";
  body += line + "Content-Disposition: form-data; name=\"segment_index\"\r\n\r\n" + std::to_string(index) +
          "\r\n" + line + "Content-Disposition: form-data; name=\"media\"; filename=\"media\"\r\n" +
          "Content-Type: application/octet-stream\r\n\r\n";
  body.append(piece);
  body += "\r\n--" + std::string(boundary) + "--\r\n";
  return body;
}

// Done: nothing. Still working: how long to wait.
Result<std::int64_t> wait_of(std::string_view body) {
  const auto document = TRY(JsonDocument::parse(body));
  const auto info = document.root()["data"]["processing_info"];
  const auto state = info["state"].text("succeeded");
  if (state == "failed")
    return Error{ErrorKind::kUnprocessable, "X could not read the picture", {}, "media_failed", 0};
  if (state == "succeeded") return std::int64_t{0};
  return std::clamp<std::int64_t>(info["check_after_secs"].number_or_zero(), 1, 30) * 1'000;
}

}  // namespace

Result<std::string> upload_media(Api& api, Tools& tools, const Account& account, AccountState& state,
                                 const Outgoing::Image& image, bool for_message, std::stop_token stop) {
  const bool gif = image.content_type == "image/gif";
  if (image.body.size() > (gif ? kGifLimitBytes : kImageLimitBytes))
    return Error{ErrorKind::kUnprocessable, "X takes pictures of up to 5 MB", {}, "image_too_large", 0};

  ApiCall begin;
  begin.method = "POST";
  begin.path = "/2/media/upload/initialize";
  begin.body = json::serialize(json::object{
      {"media_type", image.content_type},
      {"total_bytes", image.body.size()},
      {"media_category", std::string(for_message ? "dm_" : "tweet_") + (gif ? "gif" : "image")}});
  const auto begun = TRY(step(api, account, state, std::move(begin), stop));
  const auto document = TRY(JsonDocument::parse(begun));
  const std::string id(document.root()["data"]["id"].text());
  if (!is_id(id)) return unavailable("X did not name the picture");

  for (std::size_t at = 0, index = 0; at < image.body.size(); at += kPieceBytes, ++index) {
    const auto boundary = "kikimimi" + tools.random.token(18);
    ApiCall append;
    append.method = "POST";
    append.path = "/2/media/upload/" + id + "/append";
    append.budget = "/2/media/upload/:id/append";
    append.content_type = "multipart/form-data; boundary=" + boundary;
    append.body = form_of(boundary, std::string_view(image.body).substr(at, kPieceBytes), index);
    TRY(step(api, account, state, std::move(append), stop));
  }
  ApiCall end;
  end.method = "POST";
  end.path = "/2/media/upload/" + id + "/finalize";
  end.budget = "/2/media/upload/:id/finalize";
  auto wait = TRY(wait_of(TRY(step(api, account, state, std::move(end), stop))));
  for (int look = 0; wait > 0; ++look) {
    if (look == kLooksLimit) return unavailable("X is still working on the picture");
    if (!wait_ms(stop, wait)) return Error{ErrorKind::kUnavailable, "stopping", {}, {}, 0};
    ApiCall ask;
    ask.path = "/2/media/upload";
    ask.query = {{"media_id", id}, {"command", "STATUS"}};
    wait = TRY(wait_of(TRY(step(api, account, state, std::move(ask), stop))));
  }
  if (!image.alt.empty()) {
    ApiCall describe;
    describe.method = "POST";
    describe.path = "/2/media/metadata";
    describe.body = json::serialize(json::object{
        {"id", id},
        {"metadata", json::object{{"alt_text", json::object{{"text", std::string(text::cut_at_code_point(
                                                                         image.alt, 1'000))}}}}}});
    // Better a picture without its words than no answer, when the app may not write them.
    auto described = step(api, account, state, std::move(describe), stop);
    if (!described.ok() && is_retryable(described.error().kind)) return std::move(described).error();
    if (!described.ok())
      log::warning("x: a picture's description was refused", described.error(), {{"account_id", account.id}});
  }
  return id;
}

}  // namespace kiki::channels::x
