#pragma once
// Sessions of people in browsers. The cookie holds a random token; the row holds its hash. A session lives 14
// days after it was last used.

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "store/database.hpp"

namespace kiki::auth {

inline constexpr std::string_view kSessionCookie = "kiki_session";
inline constexpr TimeMs kSessionLifeMs = 14LL * 24 * 60 * 60 * 1'000;
inline constexpr TimeMs kSessionSeenEveryMs = 60'000;  // last_seen_at is not written more often

struct Session {
  std::string token_hash;
  std::string csrf_token;
  Id user_id = 0;
  std::string name;
  std::string email;
  std::string language;
};

struct NewSession {
  std::string token;  // for the cookie, never stored
  std::string csrf_token;
};

class Sessions {
 public:
  Sessions(store::Database& database, const Clock& clock, Random& random)
      : database_(database), clock_(clock), random_(random) {}

  // Inside the transaction that decided to sign somebody in. Removes what has expired.
  Result<NewSession> start(store::Transaction& tx, Id user_id, std::string_view remote_ip,
                           std::string_view user_agent);
  // Nothing: unknown, expired, or the person is disabled. Moves the expiry, at most once a minute.
  Result<std::optional<Session>> find(std::string_view token);
  // Is the session still good? Nothing is moved: watching a stream is not using the desk.
  Result<bool> is_alive(std::string_view token_hash);
  Result<void> end(std::string_view token_hash);
  // In a transaction of somebody else: all sessions of a person but one ("" = all).
  Result<void> end_others(store::Transaction& tx, Id user_id, std::string_view kept_token_hash);

  // Called after sessions of a person ended, on the writer thread: must only hand over. At start-up only.
  void on_end(std::function<void(Id user_id)> f) { on_end_ = std::move(f); }

 private:
  void touch(const std::string& token_hash, TimeMs now);

  store::Database& database_;
  const Clock& clock_;
  Random& random_;
  std::function<void(Id)> on_end_;
};

}  // namespace kiki::auth
