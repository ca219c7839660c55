#include "net/line_stream.hpp"

#include <curl/curl.h>
#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <optional>

#include "net/ssrf_guard.hpp"

namespace kiki::net {
namespace {

constexpr std::size_t kBodyLimitBytes = 64 << 10;

struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Stream {
  const LineStreamOptions& options;
  const CheckedUrl& url;
  const std::function<Result<void>(std::string_view)>& on_line;
  CURL* easy = nullptr;
  LineStreamEnd end;
  std::string rest;  // a line whose end has not come
  std::optional<Error> failed;
  std::chrono::steady_clock::time_point heard_at = std::chrono::steady_clock::now();

  bool take(std::string_view bytes) {
    heard_at = std::chrono::steady_clock::now();
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    end.status = static_cast<int>(status);
    if (status < 200 || status > 299) {
      end.body.append(bytes.substr(0, kBodyLimitBytes - std::min(kBodyLimitBytes, end.body.size())));
      return true;
    }
    while (!bytes.empty()) {
      const auto newline = bytes.find('\n');
      const auto part = bytes.substr(0, newline);
      if (rest.size() + part.size() > options.line_limit_bytes) {
        failed = Error{ErrorKind::kTooLarge, "a line of the stream is larger than its limit", {}, {}, 0};
        return false;
      }
      if (newline == std::string_view::npos) {
        rest.append(part);
        return true;
      }
      bytes.remove_prefix(newline + 1);
      std::string_view line = part;
      if (!rest.empty()) line = rest.append(part);
      if (line.ends_with('\r')) line.remove_suffix(1);
      auto taken = on_line(line);
      rest.clear();
      if (!taken.ok()) {
        failed = std::move(taken).error();
        return false;
      }
    }
    return true;
  }
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  return static_cast<Stream*>(user)->take({data, size}) ? size : 0;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& stream = *static_cast<Stream*>(user);
  stream.heard_at = std::chrono::steady_clock::now();
  std::string_view line(data, size);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  const auto colon = line.find(':');
  if (line.starts_with("HTTP/") || colon == std::string_view::npos || colon == 0) return size;
  auto value = line.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  if (stream.end.headers.size() < 200)
    stream.end.headers.add(std::string(line.substr(0, colon)), std::string(value));
  return size;
}

// As in http_client.cpp: this very address is about to be connected to.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& stream = *static_cast<Stream*>(user);
  const auto ip = ip_of(&address->addr);
  if (!ip) return CURL_SOCKET_BAD;
  if (auto allowed = check_address(*ip, stream.url, stream.options.policy); !allowed.ok()) {
    stream.failed = std::move(allowed).error();
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace

Result<LineStreamEnd> read_lines(const LineStreamOptions& options, std::stop_token stop,
                                 const std::function<Result<void>(std::string_view)>& on_line) {
  const auto url = TRY(read_url(options.url, options.policy, "http", "https"));
  const std::unique_ptr<CURLM, FreeMulti> multi(curl_multi_init());
  const std::unique_ptr<CURL, FreeEasy> easy(curl_easy_init());
  if (!multi || !easy) return internal_error("no memory for an HTTP stream");
  std::unique_ptr<curl_slist, FreeList> headers;
  for (const auto& [name, value] : options.headers) {
    auto* longer = curl_slist_append(headers.get(), (name + ": " + value).c_str());
    CHECK(longer != nullptr);
    (void)headers.release();
    headers.reset(longer);
  }
  Stream stream{options, url, on_line, easy.get(), {}, {}, {}};
  char reason[CURL_ERROR_SIZE] = {};
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, reason);
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout_ms));
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &stream);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &stream);
  curl_easy_setopt(easy.get(), CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy.get(), CURLOPT_OPENSOCKETDATA, &stream);
  if (curl_multi_add_handle(multi.get(), easy.get()) != CURLM_OK)
    return internal_error("the HTTP stream could not begin");

  using Why = LineStreamEnd::Why;
  bool silent = false;
  {
    const std::stop_callback wake(stop, [&multi] { curl_multi_wakeup(multi.get()); });
    int running = 1;
    while (running > 0 && !stop.stop_requested()) {
      if (curl_multi_perform(multi.get(), &running) != CURLM_OK) break;
      const auto quiet = std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::steady_clock::now() - stream.heard_at);
      const auto left = options.silence_limit_ms - quiet.count();
      if (running > 0 && left <= 0) {
        silent = true;
        break;
      }
      if (running > 0)
        curl_multi_poll(multi.get(), nullptr, 0, static_cast<int>(std::min<std::int64_t>(left, 1'000)),
                        nullptr);
    }
  }
  CURLcode code = CURLE_ABORTED_BY_CALLBACK;
  int left = 0;
  while (const auto* message = curl_multi_info_read(multi.get(), &left)) {
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  }
  if (code == CURLE_OK) {  // also an answer without a body
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    stream.end.status = static_cast<int>(status);
  }
  curl_multi_remove_handle(multi.get(), easy.get());
  if (stop.stop_requested()) return Error{ErrorKind::kCancelled, "stopping", {}, {}, 0};
  if (stream.failed) return *stream.failed;
  auto end = std::move(stream.end);
  if (silent) {
    end.why = Why::kSilent;
    end.message = "the stream fell silent";
  } else if (end.status != 0 && (end.status < 200 || end.status > 299)) {
    end.why = Why::kRefused;
    end.message = "the stream was refused with " + std::to_string(end.status);
  } else if (code == CURLE_OK) {
    end.why = Why::kClosed;
    end.message = "the stream was closed";
  } else {
    end.why = Why::kBroken;
    end.message = std::string("the stream broke: ") + (reason[0] != '\0' ? reason : curl_easy_strerror(code));
  }
  return end;
}

}  // namespace kiki::net
