#include "channels/line/media.hpp"

#include "base/json.hpp"
#include "net/hmac.hpp"

namespace kiki::channels::line {

namespace {

constexpr std::int64_t kPrepareWaitMs = 5'000;
constexpr std::int64_t kFetchTimeoutMs = 120'000;

Error gone(std::string message, std::string code) {
  return {ErrorKind::kNotFound, std::move(message), {}, std::move(code), 0};
}

Error not_ready() {
  return {ErrorKind::kUnavailable, "LINE is still preparing the file.", {}, "preparing", kPrepareWaitMs};
}

Result<Media> media_of(Result<net::HttpAnswer> answer) {
  if (!answer.ok()) {
    if (answer.error().kind == ErrorKind::kTooLarge)
      return gone("The file is larger than this desk keeps.", "file_too_large");
    return std::move(answer).error();
  }
  if (answer->status == 202) return not_ready();
  if (answer->status < 200 || answer->status > 299) return api_error(*answer);
  Media media;
  media.content_type = type_by_content(answer->body);
  media.body = std::move(answer->body);
  return media;
}

}  // namespace

Result<Media> fetch_media(Api& api, Tools& tools, const Account& account, AccountState& state,
                          const RawItem& item, std::string_view reference, std::stop_token stop) {
  const auto document = TRY(JsonDocument::parse(item.body));
  const auto message = document.root()["message"];
  if (reference == "external") {
    net::HttpCall call;
    call.url = message["contentProvider"]["originalContentUrl"].text();
    if (!call.url.starts_with("https://")) return gone("The file has no address.", "no_address");
    call.timeout_ms = kFetchTimeoutMs;
    call.answer_limit_bytes = kFileLimitBytes;
    auto answer = tools.http.call(call, stop);
    if (!answer.ok()) {
      auto error = std::move(answer).error();
      if (error.kind == ErrorKind::kUnclear) error.kind = ErrorKind::kUnavailable;
      if (error.kind == ErrorKind::kForbidden || error.kind == ErrorKind::kInvalid)
        error.kind = ErrorKind::kNotFound;
      return media_of(std::move(error));
    }
    return media_of(std::move(answer));
  }
  const auto type = message["type"].text();
  const auto id = message["id"].text();
  if (id.empty() || reference != "content/" + std::string(id))
    return gone("There is no such file.", "no_file");
  if (message["fileSize"].number_or_zero() > static_cast<std::int64_t>(kFileLimitBytes))
    return gone("The file is larger than this desk keeps.", "file_too_large");

  const auto path = "/v2/bot/message/" + net::percent_encode(id) + "/content";
  if (type == "video" || type == "audio") {
    const auto prepared =
        TRY(read_json(api.call(account, state, {.path = path + "/transcoding", .of_data = true}, stop)));
    const auto status = prepared.root()["status"].text();
    if (status == "processing") return not_ready();
    if (status == "failed") return gone("LINE could not prepare the file.", "preparing_failed");
  }
  auto media = TRY(media_of(api.call(
      account, state,
      {.path = path, .of_data = true, .timeout_ms = kFetchTimeoutMs, .answer_limit_bytes = kFileLimitBytes},
      stop)));
  if (type == "file") {
    auto name = message["fileName"].text();
    if (const auto slash = name.find_last_of("/\\"); slash != std::string_view::npos)
      name.remove_prefix(slash + 1);
    media.name = name.substr(0, 500);
  }
  return media;
}

std::string_view type_by_content(std::string_view bytes) {
  using namespace std::string_view_literals;
  const auto begins = [&](std::string_view with, std::size_t at = 0) {
    return bytes.size() >= at + with.size() && bytes.substr(at, with.size()) == with;
  };
  if (begins("\xFF\xD8\xFF"sv)) return "image/jpeg";
  if (begins("\x89PNG\r\n\x1A\n"sv)) return "image/png";
  if (begins("GIF87a"sv) || begins("GIF89a"sv)) return "image/gif";
  if (begins("RIFF"sv) && begins("WEBP"sv, 8)) return "image/webp";
  if (begins("RIFF"sv) && begins("WAVE"sv, 8)) return "audio/wav";
  if (begins("ftyp"sv, 4)) {
    if (begins("M4A"sv, 8) || begins("M4B"sv, 8)) return "audio/mp4";
    if (begins("qt"sv, 8)) return "video/quicktime";
    if (begins("heic"sv, 8) || begins("mif1"sv, 8)) return "image/heic";
    if (begins("avif"sv, 8)) return "image/avif";
    return "video/mp4";
  }
  if (begins("ID3"sv) || begins("\xFF\xFB"sv) || begins("\xFF\xF3"sv)) return "audio/mpeg";
  if (begins("\xFF\xF1"sv) || begins("\xFF\xF9"sv)) return "audio/aac";
  if (begins("OggS"sv)) return "audio/ogg";
  if (begins("\x1A\x45\xDF\xA3"sv)) return "video/webm";
  if (begins("%PDF-"sv)) return "application/pdf";
  if (begins("PK\x03\x04"sv)) return "application/zip";
  return "application/octet-stream";
}

}  // namespace kiki::channels::line
