#include "api/file_answer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "net/hmac.hpp"

namespace kiki::api {

namespace {

constexpr std::array<std::string_view, 4> kPictures = {"image/png", "image/jpeg", "image/gif", "image/webp"};

bool is_served_as_told(std::string_view type) {
  return std::ranges::find(kPictures, type) != kPictures.end() || type.starts_with("video/") ||
         type.starts_with("audio/") || type == "application/pdf" || type == "text/plain";
}

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;  // exclusive
};

// "bytes=10-19", "bytes=10-", "bytes=-5"; nothing for anything else: the whole is a right answer too.
std::optional<Range> range_of(std::string_view asked, std::size_t size) {
  if (!asked.starts_with("bytes=") || size == 0) return std::nullopt;
  asked.remove_prefix(6);
  const auto dash = asked.find('-');
  if (dash == std::string_view::npos || asked.find(',') != std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view text) -> std::optional<std::size_t> {
    std::size_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
  };
  const auto first = number(asked.substr(0, dash));
  const auto last = number(asked.substr(dash + 1));
  if (!first && !last) return std::nullopt;
  if (!first) return Range{size - std::min(*last, size), size};
  if (last && *last < *first) return std::nullopt;
  return Range{*first, last ? std::min(*last + 1, size) : size};
}

}  // namespace

std::string content_disposition(std::string_view kind, std::string_view name) {
  std::string value(kind);
  if (name.empty()) return value;
  std::string plain;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool safe = byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\' && c != '%' && c != '/';
    if (safe)
      plain += c;
    else if (plain.empty() || plain.back() != '_')
      plain += '_';
  }
  value += "; filename=\"" + plain + "\"";
  if (plain != name) value += "; filename*=UTF-8''" + net::percent_encode(name);
  return value;
}

net::HttpResponse file_answer(const net::HttpRequest& request, FileToServe file) {
  net::HttpResponse response;
  const bool is_picture = std::ranges::find(kPictures, file.content_type) != kPictures.end();
  response.headers.set("Content-Type",
                       is_served_as_told(file.content_type) ? file.content_type : "application/octet-stream");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
  response.headers.set("Content-Disposition",
                       content_disposition(is_picture ? "inline" : "attachment", file.name));
  response.headers.set("Accept-Ranges", "bytes");
  const auto size = file.body.size();
  const auto range = request.method == "GET" ? range_of(request.headers.get("Range"), size) : std::nullopt;
  if (!range) {
    response.body = std::move(file.body);
    return response;
  }
  if (range->begin >= size) {
    response.status = 416;
    response.headers.set("Content-Range", "bytes */" + std::to_string(size));
    return response;
  }
  response.status = 206;
  response.headers.set("Content-Range", "bytes " + std::to_string(range->begin) + "-" +
                                            std::to_string(range->end - 1) + "/" + std::to_string(size));
  response.body = file.body.substr(range->begin, range->end - range->begin);
  return response;
}

}  // namespace kiki::api
