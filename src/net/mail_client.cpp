#include "net/mail_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

#include "base/check.hpp"
#include "net/guarded_socket.hpp"
#include "net/hmac.hpp"
#include "net/mail_by_token.hpp"

namespace kiki::net {

namespace {

constexpr std::size_t kLineBytes = 76;
constexpr std::size_t kWordBytes =
    42;  // of UTF-8 in one encoded word: 56 of base64 and the frame stay below 76

bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::string lines_of(std::string_view encoded) {
  std::string out;
  for (; !encoded.empty(); encoded.remove_prefix(std::min(kLineBytes, encoded.size()))) {
    out += encoded.substr(0, kLineBytes);
    out += "\r\n";
  }
  return out;
}

bool fits_header(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

struct Upload {
  std::string_view left;
  std::stop_token stop;
  bool begun = false;
};
std::size_t on_read(char* to, std::size_t size, std::size_t count, void* user) {
  auto& upload = *static_cast<Upload*>(user);
  const auto take = std::min(size * count, upload.left.size());
  std::memcpy(to, upload.left.data(), take);
  upload.left.remove_prefix(take);
  upload.begun = true;
  return take;
}
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Upload*>(user)->stop.stop_requested() ? 1 : 0;
}

// A connection with all that both kinds of call share.
struct Line {
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy{curl_easy_init(), curl_easy_cleanup};
  std::array<char, CURL_ERROR_SIZE> reason{};
  std::optional<SocketGuard> guard;
  Upload upload;
};

// `token`: instead of the password; "": by password.
Result<std::unique_ptr<Line>> prepare(const MailOptions& options, const std::string& token,
                                      std::stop_token stop) {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(started == CURLE_OK);
  auto line = std::make_unique<Line>();
  if (!line->easy) return internal_error("no memory for a mail");
  line->upload.stop = std::move(stop);
  auto* const c = line->easy.get();
  auto tls = options.tls;
  if (options.guard) {
    line->guard = TRY(guard_url(options.url, *options.guard, "smtp", "smtps"));
    if (line->guard->tls_required) tls = "required";
    set_guard(c, *line->guard);
  }
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, line->reason.data());
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(c, CURLOPT_PROXY, "");
  curl_easy_setopt(c, CURLOPT_USE_SSL,
                   static_cast<long>(tls == "required" ? CURLUSESSL_ALL
                                     : tls == "never"  ? CURLUSESSL_NONE
                                                       : CURLUSESSL_TRY));
  if (!options.user.empty()) {
    curl_easy_setopt(c, CURLOPT_USERNAME, options.user.c_str());
    if (token.empty())
      curl_easy_setopt(c, CURLOPT_PASSWORD, options.password.c_str());
    else
      curl_easy_setopt(c, CURLOPT_XOAUTH2_BEARER, token.c_str());
  }
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, &line->upload);
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout_ms));
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, 10'000L);
  return line;
}

Result<void> perform(Line& line) {
  auto* const c = line.easy.get();
  const auto code = curl_easy_perform(c);
  if (code == CURLE_OK) return {};
  long answer = 0;
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &answer);
  const std::string why = line.reason[0] != '\0' ? line.reason.data() : curl_easy_strerror(code);
  if (line.guard && line.guard->refused) return *line.guard->refused;
  if (code == CURLE_LOGIN_DENIED)
    return Error{ErrorKind::kUnauthenticated, "the mail server refuses user or password", {}, {}, 0};
  if (code == CURLE_PEER_FAILED_VERIFICATION)
    return Error{ErrorKind::kUnavailable, "the mail server's certificate: " + why, {}, "certificate", 0};
  // RFC 4954: 535 to the credentials; libcurl has its own word for a login that a token failed.
  if (answer == 535 || (code == CURLE_AUTH_ERROR && answer >= 400))
    return Error{ErrorKind::kUnauthenticated, "the mail server refuses user or password", {}, {}, 0};
  if (answer >= 500 && answer < 600)
    return Error{ErrorKind::kUnprocessable, "the mail server refused it: " + why, {}, "mail_refused", 0};
  // The whole text was handed over, and then nothing was heard; a stop may have come in between as well.
  if (line.upload.begun && line.upload.left.empty() && answer < 400)
    return Error{ErrorKind::kUnclear, "no answer from the mail server: " + why, {}, {}, 0};
  if (line.upload.stop.stop_requested())
    return Error{ErrorKind::kCancelled, "stopped while mailing", {}, {}, 0};
  return unavailable("the mail server does not take it: " + why);
}

class CurlMailClient final : public MailClient {
 public:
  explicit CurlMailClient(MailOptions options) : options_(std::move(options)) {}

  bool configured() const override { return !options_.url.empty(); }

  Result<void> send(const Mail& mail, std::stop_token stop) override {
    if (!configured()) return Error{ErrorKind::kUnprocessable, "mail is not set up", {}, "no_mail", 0};
    const auto message = TRY(compose(mail, options_.from));
    auto sent = send_message(options_, TRY(address_of(options_.from)), {mail.to}, message, std::move(stop));
    // The operator mends their password, and then what waits goes out.
    if (!sent.ok() && sent.error().kind == ErrorKind::kUnauthenticated)
      return unavailable(sent.error().message);
    return sent;
  }

 private:
  MailOptions options_;
};

}  // namespace

bool is_in_mailbox(std::string_view address, std::string_view mailbox) {
  if (mailbox.empty()) return false;
  if (address == mailbox) return true;
  const auto at = mailbox.find('@');
  return at != std::string_view::npos && address.size() > mailbox.size() &&
         address.starts_with(mailbox.substr(0, at)) && address[at] == '+' &&
         address.ends_with(mailbox.substr(at));
}

// RFC 2047; words are cut between characters.
std::string encoded_words(std::string_view text) {
  if (is_printable_ascii(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    auto take = std::min(kWordBytes, text.size());
    while (take > 0 && take < text.size() && (static_cast<unsigned char>(text[take]) & 0xC0) == 0x80) --take;
    if (take == 0) take = text.size();  // no UTF-8 at all
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + base64(text.substr(0, take)) + "?=";
    text.remove_prefix(take);
  }
  return out;
}

// "Tue, 03 Mar 2026 09:30:00 +0000", whatever the locale.
std::string mail_date(TimeMs time_ms) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d +0000",
                kDays.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                kMonths.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                utc.tm_sec);
  return text.data();
}

Result<void> send_message(const MailOptions& options, std::string_view from,
                          const std::vector<std::string>& to, std::string_view message,
                          std::stop_token stop) {
  return send_message_by_token(options, {}, from, to, message, std::move(stop));
}

Result<void> send_message_by_token(const MailOptions& options, const std::string& token,
                                   std::string_view from, const std::vector<std::string>& to,
                                   std::string_view message, std::stop_token stop) {
  const auto line = TRY(prepare(options, token, std::move(stop)));
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> receivers(nullptr, curl_slist_free_all);
  for (const auto& one : to) {
    auto* const longer = curl_slist_append(receivers.get(), ("<" + TRY(address_of(one)) + ">").c_str());
    if (longer == nullptr) return internal_error("no memory for a mail");
    (void)receivers.release();
    receivers.reset(longer);
  }
  line->upload.left = message;
  auto* const c = line->easy.get();
  const auto sender = "<" + std::string(from) + ">";
  curl_easy_setopt(c, CURLOPT_MAIL_FROM, sender.c_str());
  curl_easy_setopt(c, CURLOPT_MAIL_RCPT, receivers.get());
  curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(c, CURLOPT_READDATA, &line->upload);
  return perform(*line);
}

Result<void> check_mail_login(const MailOptions& options, std::stop_token stop) {
  return check_mail_login_by_token(options, {}, std::move(stop));
}

Result<void> check_mail_login_by_token(const MailOptions& options, const std::string& token,
                                       std::stop_token stop) {
  const auto line = TRY(prepare(options, token, std::move(stop)));
  curl_easy_setopt(line->easy.get(), CURLOPT_CONNECT_ONLY, 1L);
  return perform(*line);
}

Result<std::string> address_of(std::string_view from) {
  const auto open = from.find('<');
  auto address = from;
  if (open != std::string_view::npos) {
    const auto close = from.find('>', open);
    if (close == std::string_view::npos) return invalid("no mail address: " + std::string(from));
    address = from.substr(open + 1, close - open - 1);
  }
  const auto at = address.find('@');
  const bool clean = std::ranges::all_of(
      address, [](char c) { return c > 0x20 && c < 0x7F && c != '<' && c != '>' && c != '"' && c != ','; });
  if (at == 0 || at == std::string_view::npos || at + 1 == address.size() || !clean)
    return invalid("no mail address: " + std::string(from));
  return std::string(address);
}

Result<std::string> compose(const Mail& mail, std::string_view from) {
  const auto from_address = TRY(address_of(from));
  const auto to = TRY(address_of(mail.to));
  if (!fits_header(mail.subject) || !fits_header(mail.message_id))
    return invalid("a mail header with a line break");
  auto name = from.substr(0, std::min(from.find('<'), from.size()));
  while (!name.empty() && (name.back() == ' ' || name.back() == '"')) name.remove_suffix(1);
  while (!name.empty() && (name.front() == ' ' || name.front() == '"')) name.remove_prefix(1);
  const bool named = from.find('<') != std::string_view::npos && !name.empty() && fits_header(name);
  const std::string boundary = "kikimimi-" + hex(sha256(mail.message_id)).substr(0, 24);
  std::string out;
  out += "Date: " + mail_date(mail.date) + "\r\n";
  out += "From: " + (named ? encoded_words(name) + " <" + from_address + ">" : from_address) + "\r\n";
  out += "To: " + to + "\r\n";
  out += "Subject: " + encoded_words(mail.subject) + "\r\n";
  out += "Message-ID: <" + mail.message_id + ">\r\n";
  out += "Auto-Submitted: auto-generated\r\n";  // RFC 3834: nobody's holiday answer comes back
  if (!mail.language.empty()) out += "Content-Language: " + mail.language + "\r\n";
  out +=
      "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"" + boundary + "\"\r\n\r\n";
  const auto part = [&](std::string_view type, std::string_view body) {
    out += "--" + boundary + "\r\nContent-Type: " + std::string(type) +
           "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines_of(base64(body)) + "\r\n";
  };
  part("text/plain", mail.text);
  part("text/html", mail.html);
  out += "--" + boundary + "--\r\n";
  return out;
}

std::unique_ptr<MailClient> make_mail_client(MailOptions options) {
  return std::make_unique<CurlMailClient>(std::move(options));
}

}  // namespace kiki::net
