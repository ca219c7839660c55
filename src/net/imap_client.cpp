// RFC 9051 calls what is not asked for "untagged"; every command here reads until its own tag comes back.

#include "net/imap_client.hpp"

#include <curl/curl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <functional>

#include "base/check.hpp"
#include "net/guarded_socket.hpp"

namespace kiki::net {
namespace {

constexpr std::size_t kLineBytes = 8 << 20;  // a SEARCH of a full mailbox is one line
constexpr std::size_t kSmallLiteralBytes = 1 << 20;
constexpr std::int64_t kConnectMs = 15'000;
constexpr std::int64_t kPollMs = 15'000;            // without IDLE
constexpr std::int64_t kIdleLimitMs = 28 * 60'000;  // servers may hang up after 30 minutes; RFC 2177: 29
constexpr int kSliceMs = 250;                       // how soon a stop is heard

std::int64_t now_ms() {
  using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::steady_clock;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

Error away(std::string_view why) {
  return unavailable("the IMAP server: " + std::string(why));
}

Result<std::string> quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E)
      return invalid("a word that IMAP cannot say");
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

class CurlImap final : public ImapSession {
 public:
  CurlImap(ImapOptions options, SocketGuard guard, std::stop_token stop)
      : options_(std::move(options)), guard_(std::move(guard)), stop_(std::move(stop)) {}
  CurlImap(const CurlImap&) = delete;
  CurlImap& operator=(const CurlImap&) = delete;
  ~CurlImap() override {
    if (easy_ && alive_) (void)write("Z LOGOUT\r\n").ok();
  }

  Result<void> connect() {
    static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
    CHECK(started == CURLE_OK);
    easy_.reset(curl_easy_init());
    if (!easy_) return internal_error("no memory for a connection");
    std::array<char, CURL_ERROR_SIZE> reason{};
    auto* const c = easy_.get();
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, reason.data());
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_URL, options_.url.c_str());
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "imap,imaps");
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_USE_SSL,
                     static_cast<long>(guard_.tls_required ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    curl_easy_setopt(c, CURLOPT_USERNAME, options_.user.c_str());
    if (options_.bearer.empty())
      curl_easy_setopt(c, CURLOPT_PASSWORD, options_.password.c_str());
    else
      curl_easy_setopt(c, CURLOPT_XOAUTH2_BEARER, options_.bearer.c_str());
    curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kConnectMs));
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout_ms));
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, this);
    set_guard(c, guard_);
    const auto code = curl_easy_perform(c);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, nullptr);
    const std::string why = reason[0] != '\0' ? reason.data() : curl_easy_strerror(code);
    if (guard_.refused) return *guard_.refused;
    if (stop_.stop_requested()) return Error{ErrorKind::kCancelled, "stopped while connecting", {}, {}, 0};
    if (code == CURLE_LOGIN_DENIED || code == CURLE_AUTH_ERROR)
      return Error{ErrorKind::kUnauthenticated, "the IMAP server refuses user or password", {}, {}, 0};
    if (code == CURLE_PEER_FAILED_VERIFICATION)
      return Error{ErrorKind::kUnavailable, "the IMAP server's certificate: " + why, {}, "certificate", 0};
    if (code != CURLE_OK) return away(why);
    alive_ = true;
    TRY(command("CAPABILITY", [&](const ImapLine& line) {
      if (upper(line.text).starts_with("* CAPABILITY ")) capabilities_ = upper(line.text) + " ";
    }));
    return {};
  }

  bool can(std::string_view capability) const override {
    return capabilities_.find(" " + std::string(capability) + " ") != std::string::npos;
  }

  Result<ImapFolder> select(std::string_view folder, bool to_write) override {
    ImapFolder out;
    const auto word = [](const ImapLine& line, std::string_view name) -> std::uint32_t {
      const auto at = upper(line.text).find("[" + std::string(name) + " ");
      std::uint32_t value = 0;
      if (at == std::string::npos) return 0;
      const auto* begin = line.text.data() + at + name.size() + 2;
      std::from_chars(begin, line.text.data() + line.text.size(), value);
      return value;
    };
    TRY(command((to_write ? "SELECT " : "EXAMINE ") + TRY(quoted(folder)), [&](const ImapLine& line) {
      if (const auto value = word(line, "UIDVALIDITY")) out.uid_validity = value;
      if (const auto value = word(line, "UIDNEXT")) out.uid_next = value;
    }));
    if (out.uid_validity == 0) return away("it gives its mails no lasting numbers (UIDVALIDITY)");
    return out;
  }

  Result<std::string> special_folder(std::string_view use) override {
    std::string found;
    const bool marks = can("SPECIAL-USE");
    if (!marks && !can("XLIST")) return found;
    std::optional<Error> bad;
    TRY(command(marks ? R"(LIST "" "*")" : R"(XLIST "" "*")", [&](const ImapLine& line) {
      if (!found.empty() || !upper(line.text.substr(0, 8)).starts_with(marks ? "* LIST" : "* XLIST")) return;
      auto words = imap_words(line);
      if (!words.ok() || words->size() < 4) return;
      const bool is_it = std::any_of(words->begin(), words->end() - 1,
                                     [&](const ImapWord& one) { return upper(one.text) == upper(use); });
      if (is_it) found = words->back().text;
    }));
    return found;
  }

  Result<std::vector<std::uint32_t>> search(std::string_view criteria) override {
    std::vector<std::uint32_t> uids;
    TRY(command("UID SEARCH " + std::string(criteria), [&](const ImapLine& line) {
      if (!upper(line.text.substr(0, 8)).starts_with("* SEARCH")) return;
      const char* at = line.text.data() + 8;
      const char* const end = line.text.data() + line.text.size();
      while (at < end) {
        std::uint32_t uid = 0;
        const auto read = std::from_chars(at, end, uid);
        if (read.ec == std::errc() && uid != 0) uids.push_back(uid);
        at = read.ptr == at ? at + 1 : read.ptr;
      }
    }));
    std::sort(uids.begin(), uids.end());
    return uids;
  }

  Result<std::vector<std::uint32_t>> search_message_id(std::string_view message_id) override {
    return search_header("Message-ID", message_id);
  }
  Result<std::vector<std::uint32_t>> search_header(std::string_view field, std::string_view text) override {
    return search("HEADER " + std::string(field) + " " + TRY(quoted(text)));
  }

  Result<std::vector<ImapFetched>> facts(const std::vector<std::uint32_t>& uids) override {
    std::vector<ImapFetched> out;
    if (uids.empty()) return out;
    std::string set;
    for (const auto uid : uids) set += (set.empty() ? "" : ",") + std::to_string(uid);
    std::optional<Error> bad;
    TRY(command("UID FETCH " + set + " (UID RFC822.SIZE INTERNALDATE)", [&](const ImapLine& line) {
      auto fetched = read_fetched(line);
      if (!fetched.ok()) {
        bad = std::move(fetched).error();
      } else if (*fetched && (*fetched)->size_bytes > 0 &&
                 std::binary_search(uids.begin(), uids.end(), (*fetched)->uid)) {
        out.push_back(std::move(**fetched));
      }
    }));
    if (bad) return *bad;
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.uid < b.uid; });
    return out;
  }

  Result<ImapFetched> fetch(std::uint32_t uid, bool header_only, std::size_t limit_bytes) override {
    ImapFetched out;
    std::optional<Error> bad;
    literal_limit_bytes_ = limit_bytes;
    auto done = command("UID FETCH " + std::to_string(uid) +
                            (header_only ? " (UID BODY.PEEK[HEADER])" : " (UID BODY.PEEK[])"),
                        [&](const ImapLine& line) {
                          auto fetched = read_fetched(line);
                          if (!fetched.ok()) {
                            bad = std::move(fetched).error();
                          } else if (*fetched && (*fetched)->has_body && (*fetched)->uid == uid) {
                            out = std::move(**fetched);
                          }
                        });
    literal_limit_bytes_ = kSmallLiteralBytes;
    TRY(std::move(done));
    if (bad) return *bad;
    return out;
  }

  Result<bool> wait(std::int64_t wait_ms) override {
    if (!can("IDLE")) return wait_by_asking(wait_ms);
    const auto until = now_ms() + std::min(wait_ms, kIdleLimitMs);
    const auto tag = next_tag();
    TRY(write(tag + " IDLE\r\n"));
    bool changed = false;
    bool accepted = false;
    while (!accepted) {  // "+ idling"
      const auto line = TRY(next_line(now_ms() + options_.timeout_ms));
      if (line.text.starts_with("+")) accepted = true;
      if (line.text.starts_with(tag + " ")) return away("it refuses IDLE");
      changed = changed || is_news(line);
    }
    while (!changed && !stop_.stop_requested()) {
      auto line = read_line(until);
      if (!line.ok()) {
        if (line.error().kind == ErrorKind::kRateLimited) break;  // the time is over
        return std::move(line).error();
      }
      changed = is_news(*line);
    }
    if (stop_.stop_requested()) return false;
    TRY(write("DONE\r\n"));
    TRY(read_until(tag, {}));
    return changed;
  }

  Result<std::optional<int>> fullness_percent(std::string_view folder) override {
    std::optional<int> percent;
    if (!can("QUOTA")) return percent;
    TRY(command("GETQUOTAROOT " + TRY(quoted(folder)), [&](const ImapLine& line) {
      if (!upper(line.text.substr(0, 8)).starts_with("* QUOTA ")) return;
      // * QUOTA "root" (STORAGE used limit MESSAGE used limit)
      const auto open = line.text.rfind('(');
      if (open == std::string::npos) return;
      auto rest = std::string_view(line.text).substr(open + 1);
      const auto next = [&] {
        while (rest.starts_with(' ')) rest.remove_prefix(1);
        const auto end = std::min(rest.find_first_of(" )"), rest.size());
        const auto word = rest.substr(0, end);
        rest.remove_prefix(end);
        return word;
      };
      for (auto name = next(); !name.empty(); name = next()) {
        const auto used = next();
        const auto limit = next();
        std::uint64_t is = 0;
        std::uint64_t may = 0;
        std::from_chars(used.data(), used.data() + used.size(), is);
        std::from_chars(limit.data(), limit.data() + limit.size(), may);
        if (may == 0) continue;
        const auto full = static_cast<int>(std::min<std::uint64_t>(is * 100 / may, 999));
        percent = std::max(percent.value_or(0), full);
      }
    }));
    return percent;
  }

  Result<void> append(std::string_view folder, std::string_view message) override {
    const auto tag = next_tag();
    TRY(write(tag + " APPEND " + TRY(quoted(folder)) + " (\\Seen) {" + std::to_string(message.size()) +
              "}\r\n"));
    while (true) {
      const auto line = TRY(next_line(now_ms() + options_.timeout_ms));
      if (line.text.starts_with("+")) break;
      if (line.text.starts_with(tag + " ")) return refusal(line.text.substr(tag.size() + 1));
    }
    TRY(write(message));
    TRY(write("\r\n"));
    return read_until(tag, {});
  }

 private:
  using OnLine = std::function<void(const ImapLine&)>;

  static int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<CurlImap*>(user)->stop_.stop_requested() ? 1 : 0;
  }

  static bool is_news(const ImapLine& line) {
    const auto text = upper(line.text.substr(0, 64));
    return text.starts_with("* ") && (text.ends_with(" EXISTS") || text.ends_with(" RECENT"));
  }

  // Asked now and then; RFC 9051: NOOP tells what is new.
  Result<bool> wait_by_asking(std::int64_t wait_ms) {
    const auto until = now_ms() + wait_ms;
    while (now_ms() < until && !stop_.stop_requested()) {
      const auto next = std::min(until, now_ms() + kPollMs);
      while (now_ms() < next && !stop_.stop_requested()) ::poll(nullptr, 0, kSliceMs);
      if (stop_.stop_requested()) break;
      bool changed = false;
      TRY(command("NOOP", [&](const ImapLine& line) { changed = changed || is_news(line); }));
      if (changed) return true;
    }
    return false;
  }

  std::string next_tag() { return "K" + std::to_string(++tags_); }

  Result<void> command(std::string_view text, const OnLine& on_line) {
    const auto tag = next_tag();
    TRY(write(tag + " " + std::string(text) + "\r\n"));
    return read_until(tag, on_line);
  }

  Result<void> read_until(const std::string& tag, const OnLine& on_line) {
    const auto until = now_ms() + options_.timeout_ms;
    while (true) {
      const auto line = TRY(next_line(until));
      if (line.text.starts_with(tag + " ")) {
        const auto answer = std::string_view(line.text).substr(tag.size() + 1);
        if (!upper(answer.substr(0, 3)).starts_with("OK")) return refusal(answer);
        if (on_line) on_line(line);
        return {};
      }
      if (upper(line.text.substr(0, 6)).starts_with("* BYE")) {
        alive_ = false;
        return away(line.text);
      }
      if (on_line) on_line(line);
    }
  }

  static Error refusal(std::string_view answer) {
    const auto text = upper(answer);
    const bool missing =
        text.find("NONEXISTENT") != std::string::npos || text.find("TRYCREATE") != std::string::npos ||
        text.find("DOESN'T EXIST") != std::string::npos || text.find("UNKNOWN MAILBOX") != std::string::npos;
    if (missing) return not_found("the IMAP server: " + std::string(answer));
    return away(answer);
  }

  // False: the time is over or stop was requested, and nothing came.
  bool wait_for(short events, std::int64_t until_ms) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(easy_.get(), CURLINFO_ACTIVESOCKET, &socket);
    if (socket == CURL_SOCKET_BAD) return true;  // closed: the call after this says so
    while (!stop_.stop_requested()) {
      const auto left = until_ms - now_ms();
      if (left <= 0) return false;
      pollfd one{socket, events, 0};
      if (::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, kSliceMs))) > 0) return true;
    }
    return false;
  }

  Result<void> write(std::string_view bytes) {
    const auto until = now_ms() + options_.timeout_ms;
    while (!bytes.empty()) {
      std::size_t sent = 0;
      const auto code = curl_easy_send(easy_.get(), bytes.data(), bytes.size(), &sent);
      if (code == CURLE_AGAIN) {
        if (!wait_for(POLLOUT, until)) return lost("it takes nothing more");
        continue;
      }
      if (code != CURLE_OK) return lost(curl_easy_strerror(code));
      bytes.remove_prefix(sent);
    }
    return {};
  }

  // More bytes into the buffer. kRateLimited: none came until then.
  Result<void> receive(std::int64_t until_ms) {
    std::array<char, 64 * 1024> bytes{};
    while (true) {
      std::size_t read = 0;
      const auto code = curl_easy_recv(easy_.get(), bytes.data(), bytes.size(), &read);
      if (code == CURLE_OK && read > 0) {
        buffer_.append(bytes.data(), read);
        return {};
      }
      if (code == CURLE_OK) return lost("it hung up");
      if (code != CURLE_AGAIN) return lost(curl_easy_strerror(code));
      if (!wait_for(POLLIN, until_ms)) {
        if (stop_.stop_requested())
          return Error{ErrorKind::kCancelled, "stopped while reading mail", {}, {}, 0};
        return Error{ErrorKind::kRateLimited, "the IMAP server does not answer", {}, {}, 0};
      }
    }
  }

  Error lost(std::string_view why) {
    alive_ = false;
    return away(why);
  }

  Result<ImapLine> read_line(std::int64_t until_ms) {
    ImapLine line;
    std::size_t literal_bytes = 0;
    while (true) {
      auto end = buffer_.find("\r\n");
      std::size_t looked = 0;
      while (end == std::string::npos) {
        if (buffer_.size() > kLineBytes) return lost("a line without end");
        looked = buffer_.empty() ? 0 : buffer_.size() - 1;
        TRY(receive_for_line(until_ms, line));
        end = buffer_.find("\r\n", looked);
      }
      line.text.append(buffer_, 0, end);
      buffer_.erase(0, end + 2);
      if (line.text.size() > kLineBytes) return lost("a line without end");
      const auto size = announced_literal(line.text);
      if (!size) return line;
      literal_bytes += std::min<std::uint64_t>(*size, literal_limit_bytes_ + 1);
      if (literal_bytes > literal_limit_bytes_) {
        alive_ = false;  // what follows is not read: this connection is of no use any more
        return Error{ErrorKind::kTooLarge, "a mail is larger than its server said", {}, {}, 0};
      }
      while (buffer_.size() < *size) TRY(receive_for_line(now_ms() + options_.timeout_ms, line));
      line.literals.push_back(buffer_.substr(0, *size));
      buffer_.erase(0, *size);
    }
  }

  // A line that must come now.
  Result<ImapLine> next_line(std::int64_t until_ms) {
    auto line = read_line(until_ms);
    if (!line.ok() && line.error().kind == ErrorKind::kRateLimited) return lost("it does not answer");
    return line;
  }

  // Nothing heard between lines is quiet; in the middle of one the connection is broken.
  Result<void> receive_for_line(std::int64_t until_ms, const ImapLine& line) {
    auto received = receive(until_ms);
    if (received.ok() || received.error().kind != ErrorKind::kRateLimited) return received;
    if (buffer_.empty() && line.text.empty()) return received;
    return lost("it stopped in the middle of a line");
  }

  ImapOptions options_;
  SocketGuard guard_;
  std::stop_token stop_;
  std::unique_ptr<CURL, FreeEasy> easy_;
  std::string buffer_;
  std::string capabilities_;
  std::size_t literal_limit_bytes_ = kSmallLiteralBytes;
  std::int64_t tags_ = 0;
  bool alive_ = false;
};

}  // namespace

Result<std::unique_ptr<ImapSession>> ImapSession::open(const ImapOptions& options, std::stop_token stop) {
  auto guard = TRY(guard_url(options.url, options.guard, "imap", "imaps"));
  auto session = std::make_unique<CurlImap>(options, std::move(guard), std::move(stop));
  TRY(session->connect());
  return std::unique_ptr<ImapSession>(std::move(session));
}

}  // namespace kiki::net
