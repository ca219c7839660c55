#include "net/http_response.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <ctime>

#include "base/log.hpp"

namespace kiki::net {
namespace {

bool same(std::string_view a, std::string_view lower_b) {
  return a.size() == lower_b.size() && std::equal(a.begin(), a.end(), lower_b.begin(), [](char x, char y) {
           return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x) == y;
         });
}

bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 6> kOurs = {"content-length", "transfer-encoding", "connection",
                                                     "date",           "x-request-id",      "keep-alive"};
  return std::any_of(kOurs.begin(), kOurs.end(), [&](std::string_view own) { return same(name, own); });
}

bool is_safe(std::string_view name, std::string_view value) {
  const auto breaks = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  return !name.empty() && name.find_first_of(": \t") == std::string_view::npos &&
         std::none_of(name.begin(), name.end(), breaks) && std::none_of(value.begin(), value.end(), breaks);
}

// RFC 9110 wants English names whatever the locale, so strftime is out.
void add_date(std::string& out) {
  thread_local std::time_t at = 0;
  thread_local std::array<char, 64> text{};
  const auto now = std::time(nullptr);
  if (now != at) {
    constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::snprintf(text.data(), text.size(), "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                  kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour,
                  utc.tm_min, utc.tm_sec);
    at = now;
  }
  out += text.data();
}

void add(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

HttpResponse problem_response(const HttpFault& fault, std::string_view request_id) {
  boost::json::object problem;
  problem["type"] = "about:blank";
  problem["title"] = reason_phrase(fault.status);
  problem["status"] = fault.status;
  problem["detail"] = fault.detail;
  if (!fault.where.empty()) problem["where"] = fault.where;
  if (!request_id.empty()) problem["request_id"] = request_id;
  HttpResponse response;
  response.status = fault.status;
  response.headers.add("Content-Type", "application/problem+json");
  response.headers.add("Cache-Control", "no-store");
  if (fault.status == 503) response.headers.add("Retry-After", "1");
  response.body = boost::json::serialize(problem);
  return response;
}

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string response_head(const HttpResponse& response, const ResponseFraming& framing) {
  std::string out;
  out.reserve(512);
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  add_date(out);
  for (const auto& [name, value] : response.headers) {
    if (is_ours(name)) continue;
    if (!is_safe(name, value)) {
      log::error("a response header was dropped: it holds a line break",
                 {{"request_id", framing.request_id}});
      continue;
    }
    add(out, name, value);
  }
  if (framing.is_stream) {
    if (!response.headers.has("content-type")) add(out, "Content-Type", "text/event-stream");
    if (!response.headers.has("cache-control")) add(out, "Cache-Control", "no-store");
    add(out, "X-Accel-Buffering", "no");  // nginx would hold events back otherwise
  } else if (may_have_body(response.status)) {
    add(out, "Content-Length", std::to_string(framing.body_bytes));
  }
  if (!framing.keep_alive) {
    add(out, "Connection", "close");
  } else if (framing.http_1_0) {
    add(out, "Connection", "keep-alive");
  }
  if (!framing.request_id.empty()) add(out, "X-Request-Id", framing.request_id);
  out += "\r\n";
  return out;
}

}  // namespace kiki::net
