#pragma once
// Is a link dead? Asked through the HTTP client, so through the SSRF guard, on a thread of its own and only
// for links that a person is about to send; the answer is kept for some minutes.

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/worker_pool.hpp"
#include "net/http_client.hpp"

namespace kiki::reply {

enum class LinkState : std::uint8_t { kUnknown, kLooking, kAlive, kDead };

inline constexpr std::size_t kLinksKept = 5'000;
inline constexpr TimeMs kLinkKeptMs = 10 * 60'000;
inline constexpr TimeMs kNetworkWorksMs = 3'600'000;
inline constexpr std::int64_t kLinkTimeoutMs = 4'000;
inline constexpr std::size_t kLinkLimitBytes = 2'000;

class LinkLookup {
 public:
  LinkLookup(net::HttpClient& http, const Clock& clock);

  // What is known, without looking.
  LinkState known(const std::string& url);
  // The same; starts looking when nothing is known.
  LinkState ask(const std::string& url);
  // The same, and waits for the answer, at most so long. kLooking when it did not come.
  LinkState wait(const std::string& url, std::int64_t timeout_ms);

 private:
  struct Known {
    LinkState state = LinkState::kUnknown;
    TimeMs at = 0;
  };
  LinkState ask_locked(const std::string& url);
  void look(const std::string& url);

  net::HttpClient& http_;
  const Clock& clock_;
  std::mutex mutex_;  // guards known_
  std::condition_variable changed_;
  std::map<std::string, Known> known_;
  TimeMs answered_at_ = 0;  // when any host answered last
  WorkerPool pool_;         // last: stops before the rest goes
};

// 404, 410 and a host that does not answer while others do are dead; everything else may only be unwilling to
// talk to us.
LinkState state_of_answer(std::string_view url, const Result<net::HttpAnswer>& answer, bool network_works);

}  // namespace kiki::reply
