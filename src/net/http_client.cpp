// libcurl behind plain values. A pool of lanes (one easy handle in one multi handle, with its own open
// connections), lent to one call at a time: connections are used again without any sharing between threads.
// The multi handle is there to be woken: a stop request ends a call at once, not at libcurl's next look at
// the clock.

#include "net/http_client.hpp"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <mutex>

#include "net/ssrf_guard.hpp"

namespace kiki::net {
namespace {

constexpr std::size_t kIdleLanes = 32;
constexpr std::size_t kIdleLanesPerHost = 4;
constexpr auto kIdleLane = std::chrono::seconds(60);
constexpr long kConnectMs = 10'000;
constexpr long kIdleConnectionS = 30;
constexpr std::size_t kHeadBytes = 256 * 1024;

struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Lane {
  std::string key;  // "https://host:port"
  std::unique_ptr<CURLM, FreeMulti> multi{curl_multi_init()};
  std::unique_ptr<CURL, FreeEasy> easy{curl_easy_init()};
  std::chrono::steady_clock::time_point since;
};

// What libcurl's callbacks know about the call they serve.
struct Transfer {
  const SsrfPolicy* policy = nullptr;
  const CheckedUrl* url = nullptr;
  std::stop_token stop;
  std::size_t answer_limit_bytes = 0;
  bool may_repeat = false;  // an idempotent method: libcurl may send it again on a fresh connection
  HttpAnswer answer;
  std::size_t head_bytes = 0;
  int sent = 0;  // how often the request was about to go out
  bool too_large = false;
  bool repeat_refused = false;
  bool tried = false;  // an address that the guard lets pass
  std::optional<Error> refused;
};

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string_view line(data, size);
  transfer.head_bytes += size;
  if (transfer.head_bytes > kHeadBytes) {
    transfer.too_large = true;
    return 0;
  }
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    transfer.answer.headers = {};  // an interim answer (100, 103) came before
    return size;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return size;
  auto value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  transfer.answer.headers.add(std::string(line.substr(0, colon)), std::string(value));
  return size;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (size > transfer.answer_limit_bytes - transfer.answer.body.size()) {
    transfer.too_large = true;
    return 0;
  }
  transfer.answer.body.append(data, size);
  return size;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->stop.stop_requested() ? 1 : 0;
}

// The place where the guard cannot be talked around: this very address is about to be connected to.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  const auto ip = ip_of(&address->addr);
  if (!ip) return CURL_SOCKET_BAD;
  if (auto allowed = check_address(*ip, *transfer.url, *transfer.policy); !allowed.ok()) {
    transfer.refused = std::move(allowed).error();
    return CURL_SOCKET_BAD;
  }
  transfer.tried = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Called when the connection stands and before the request goes out. libcurl repeats a request by itself when
// a used connection closes without an answer; the server may have done the work by then, so only idempotent
// ones may.
int before_request(void* user, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.sent++ > 0 && !transfer.may_repeat) {
    transfer.repeat_refused = true;
    return CURL_PREREQFUNC_ABORT;
  }
  return CURL_PREREQFUNC_OK;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
  });
}

Error fail(ErrorKind kind, std::string message) {
  return {kind, std::move(message), {}, {}, 0};
}

class CurlClient final : public HttpClient {
 public:
  CurlClient(SsrfPolicy policy, std::string user_agent)
      : policy_(std::move(policy)), user_agent_(std::move(user_agent)) {}

  Result<HttpAnswer> call(const HttpCall& call, std::stop_token stop) override {
    const auto url = TRY(read_url(call.url, policy_, "http", "https"));
    if (!is_token(call.method)) return invalid("the HTTP method is malformed");
    if (stop.stop_requested()) return fail(ErrorKind::kCancelled, "stopped before the request was sent");
    auto headers = TRY(header_list(call));
    auto lane = take(url.scheme + "://" + url.host + ":" + std::to_string(url.port));
    if (!lane->multi || !lane->easy) return internal_error("no memory for an HTTP request");

    Transfer transfer;
    transfer.policy = &policy_;
    transfer.url = &url;
    transfer.stop = stop;
    transfer.answer_limit_bytes = call.answer_limit_bytes;
    transfer.may_repeat = call.method == "GET" || call.method == "HEAD" || call.method == "OPTIONS";
    char reason[CURL_ERROR_SIZE] = {};
    prepare(lane->easy.get(), call, headers.get(), transfer, reason);
    const auto code = run(*lane, stop);
    if (code == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(lane->easy.get(), CURLINFO_RESPONSE_CODE, &status);
      transfer.answer.status = static_cast<int>(status);
      give_back(std::move(lane));
      return std::move(transfer.answer);
    }
    const std::string_view host = url.host;
    return judge(code, transfer, std::string(host), reason[0] != '\0' ? reason : curl_easy_strerror(code));
  }

 private:
  using HeaderList = std::unique_ptr<curl_slist, FreeList>;

  static Result<HeaderList> header_list(const HttpCall& call) {
    HeaderList list;
    const auto add = [&](const std::string& line) {
      auto* longer = curl_slist_append(list.get(), line.c_str());
      CHECK(longer != nullptr);
      if (list.get() != longer) list.reset(longer);  // only the first line makes a new list
    };
    for (const auto& [name, value] : call.headers) {
      const bool broken =
          std::any_of(value.begin(), value.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
      if (!is_token(name) || broken) return invalid("the request header \"" + name + "\" is malformed");
      if (same_name(name, "content-length") || same_name(name, "transfer-encoding"))
        continue;  // libcurl's own
      auto line = name;
      line += value.empty() ? ";" : ": ";
      add(line.append(value));
    }
    // libcurl would wait a second for "100 Continue", and would call every body a form.
    if (!call.headers.has("expect")) add("Expect:");
    if (!call.headers.has("content-type")) add("Content-Type:");
    return list;
  }

  void prepare(CURL* easy, const HttpCall& call, curl_slist* headers, Transfer& transfer,
               char* reason) const {
    curl_easy_reset(easy);  // keeps connections and name cache
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_URL, call.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    // A proxy from the environment would connect in our place, past the guard.
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent_.c_str());
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kIdleConnectionS);
    const auto timeout = static_cast<long>(std::max<std::int64_t>(1, call.timeout_ms));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, std::min(timeout, kConnectMs));

    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, &transfer);

    const bool wants_body = call.method == "POST" || call.method == "PUT" || call.method == "PATCH";
    if (wants_body || !call.body.empty()) {
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body.c_str());
      if (call.method != "POST") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call.method.c_str());
    } else if (call.method == "HEAD") {
      curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else {
      curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
      if (call.method != "GET") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call.method.c_str());
    }
  }

  static CURLcode run(Lane& lane, const std::stop_token& stop) {
    auto* const multi = lane.multi.get();
    if (curl_multi_add_handle(multi, lane.easy.get()) != CURLM_OK) return CURLE_FAILED_INIT;
    CURLcode code = CURLE_ABORTED_BY_CALLBACK;
    {
      const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
      int running = 1;
      while (running > 0 && !stop.stop_requested()) {
        if (curl_multi_perform(multi, &running) != CURLM_OK) break;
        if (running > 0) curl_multi_poll(multi, nullptr, 0, 1'000, nullptr);
      }
    }
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE) code = message->data.result;
    }
    curl_multi_remove_handle(multi, lane.easy.get());
    return code;
  }

  // What a failure means for the caller: certainly not processed, or maybe.
  static Error judge(CURLcode code, const Transfer& transfer, const std::string& host,
                     const std::string& reason) {
    if (transfer.too_large)
      return fail(ErrorKind::kTooLarge, "the answer of " + host + " is larger than its limit");
    if (transfer.stop.stop_requested())
      return fail(ErrorKind::kCancelled, "stopped while talking to " + host);
    if (transfer.repeat_refused) {
      return fail(ErrorKind::kUnclear, host + " closed the connection without an answer");
    }
    if (transfer.sent > 0)
      return fail(ErrorKind::kUnclear, "no complete answer from " + host + ": " + reason);
    if (transfer.refused && !transfer.tried) return *transfer.refused;
    switch (code) {
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL:
        return invalid("the URL cannot be used: " + reason);
      case CURLE_OUT_OF_MEMORY:
      case CURLE_FAILED_INIT:
      case CURLE_BAD_FUNCTION_ARGUMENT:
      case CURLE_UNKNOWN_OPTION:
        return internal_error("the HTTP client failed: " + reason);
      default:
        break;
    }
    return unavailable("cannot reach " + host + ": " + reason);
  }

  std::unique_ptr<Lane> take(std::string key) {
    std::vector<std::unique_ptr<Lane>> old;  // closed after the lock
    const std::scoped_lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    for (auto& lane : idle_) {
      if (now - lane->since > kIdleLane) old.push_back(std::move(lane));
    }
    std::erase(idle_, nullptr);
    const auto found =
        std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& lane) { return lane->key == key; });
    if (found != idle_.rend()) {
      auto lane = std::move(*found);
      std::erase(idle_, nullptr);
      return lane;
    }
    auto lane = std::make_unique<Lane>();
    lane->key = std::move(key);
    return lane;
  }

  void give_back(std::unique_ptr<Lane> lane) {
    std::unique_ptr<Lane> old;
    const std::scoped_lock lock(mutex_);
    lane->since = std::chrono::steady_clock::now();
    const auto same =
        std::count_if(idle_.begin(), idle_.end(), [&](const auto& one) { return one->key == lane->key; });
    if (static_cast<std::size_t>(same) >= kIdleLanesPerHost) {
      old = std::move(lane);
      return;
    }
    if (idle_.size() >= kIdleLanes) {
      old = std::move(idle_.front());
      idle_.erase(idle_.begin());
    }
    idle_.push_back(std::move(lane));
  }

  const SsrfPolicy policy_;
  const std::string user_agent_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Lane>> idle_;  // the longest idle first
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(SsrfPolicy policy, std::string user_agent) {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(started == CURLE_OK);
  return std::make_unique<CurlClient>(std::move(policy), std::move(user_agent));
}

}  // namespace kiki::net
