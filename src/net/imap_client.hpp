#pragma once
// A mailbox by IMAP (RFC 9051, 3501): one connection, blocking calls, UIDs only. libcurl opens it, upgrades
// it to TLS and signs in; the commands are spoken here, because a session must be kept for IDLE.

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http_client.hpp"
#include "net/imap_answer.hpp"

namespace kiki::net {

struct ImapOptions {
  std::string url;  // imaps://host, imap://host:143 (upgraded by STARTTLS)
  std::string user;
  std::string password;
  SsrfPolicy guard;
  std::int64_t timeout_ms = 60'000;  // of one answer
  std::string bearer;                // an access token instead of the password (XOAUTH2, OAUTHBEARER)
};

struct ImapFolder {
  std::uint32_t uid_validity = 0;
  std::uint32_t uid_next = 0;  // 0: not told
};

// kUnauthenticated: the server refuses user or password. kNotFound: no such folder. kUnavailable: away, or
// the connection broke: open another one; with code "certificate" when its certificate cannot be trusted.
// kTooLarge: more than asked for. kForbidden: the guard.
class ImapSession {
 public:
  virtual ~ImapSession() = default;
  static Result<std::unique_ptr<ImapSession>> open(const ImapOptions& options, std::stop_token stop = {});

  // The server's word, for example "IDLE", "SPECIAL-USE".
  virtual bool can(std::string_view capability) const = 0;
  // Folder names as on the wire (modified UTF-7). `to_write`: SELECT, else EXAMINE, which marks nothing.
  virtual Result<ImapFolder> select(std::string_view folder, bool to_write = false) = 0;
  // The folder with this special use ("\\Sent", RFC 6154); "" when none is marked.
  virtual Result<std::string> special_folder(std::string_view use) = 0;
  // UIDs of the selected folder, ascending. `criteria` as after SEARCH; made of clean words only.
  virtual Result<std::vector<std::uint32_t>> search(std::string_view criteria) = 0;
  virtual Result<std::vector<std::uint32_t>> search_message_id(std::string_view message_id) = 0;
  virtual Result<std::vector<std::uint32_t>> search_header(std::string_view field, std::string_view text) = 0;
  // Size and time of arrival; nothing for UIDs that are gone.
  virtual Result<std::vector<ImapFetched>> facts(const std::vector<std::uint32_t>& uids) = 0;
  // The whole mail, or its header alone; not marked as read. has_body is false when it is gone.
  virtual Result<ImapFetched> fetch(std::uint32_t uid, bool header_only, std::size_t limit_bytes) = 0;
  // Waits until the selected folder changes (true), the time is over or stop is requested (false). By IDLE,
  // else by asking now and then.
  virtual Result<bool> wait(std::int64_t wait_ms) = 0;
  // How full the mailbox of the selected folder is, in percent (RFC 9208); nothing: the server does not say.
  virtual Result<std::optional<int>> fullness_percent(std::string_view folder) = 0;
  // Puts a mail into a folder, marked as read.
  virtual Result<void> append(std::string_view folder, std::string_view message) = 0;
};

}  // namespace kiki::net
