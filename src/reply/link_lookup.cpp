#include "reply/link_lookup.hpp"

#include <chrono>

namespace kiki::reply {

LinkState state_of_answer(std::string_view url, const Result<net::HttpAnswer>& answer, bool network_works) {
  if (answer.ok())
    return answer->status == 404 || answer->status == 410 ? LinkState::kDead : LinkState::kAlive;
  const auto kind = answer.error().kind;
  // The guard takes no plain HTTP at all, which says nothing of the link; another address that it refuses no
  // customer could reach either.
  if (kind == ErrorKind::kForbidden || kind == ErrorKind::kInvalid) {
    return url.starts_with("https://") ? LinkState::kDead : LinkState::kUnknown;
  }
  // Nobody there, if it is not we who are cut off.
  if (kind == ErrorKind::kUnavailable) return network_works ? LinkState::kDead : LinkState::kUnknown;
  return LinkState::kUnknown;
}

LinkLookup::LinkLookup(net::HttpClient& http, const Clock& clock)
    : http_(http), clock_(clock), pool_("links", 2, 200) {}

LinkState LinkLookup::ask_locked(const std::string& url) {
  if (url.size() > kLinkLimitBytes) return LinkState::kUnknown;
  const auto now_ms = clock_.now_ms();
  const auto found = known_.find(url);
  if (found != known_.end() &&
      (found->second.state == LinkState::kLooking || now_ms - found->second.at < kLinkKeptMs)) {
    return found->second.state;
  }
  if (found == known_.end() && known_.size() >= kLinksKept) {
    std::erase_if(known_, [&](const auto& one) {
      return one.second.state != LinkState::kLooking && now_ms - one.second.at >= kLinkKeptMs;
    });
    if (known_.size() >= kLinksKept) return LinkState::kUnknown;
  }
  if (!pool_.submit([this, url] { look(url); })) return LinkState::kUnknown;
  known_[url] = {LinkState::kLooking, now_ms};
  return LinkState::kLooking;
}

LinkState LinkLookup::known(const std::string& url) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(url);
  const bool fresh = found != known_.end() && clock_.now_ms() - found->second.at < kLinkKeptMs;
  return fresh ? found->second.state : LinkState::kUnknown;
}

LinkState LinkLookup::ask(const std::string& url) {
  const std::lock_guard lock(mutex_);
  return ask_locked(url);
}

LinkState LinkLookup::wait(const std::string& url, std::int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  auto state = ask_locked(url);
  changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] {
    const auto found = known_.find(url);
    if (found != known_.end()) state = found->second.state;
    return state != LinkState::kLooking;
  });
  return state;
}

void LinkLookup::look(const std::string& url) {
  net::HttpCall call;
  call.method = "HEAD";
  call.url = url;
  call.timeout_ms = kLinkTimeoutMs;
  call.answer_limit_bytes = 64 << 10;
  const auto answer = http_.call(call);
  const std::lock_guard lock(mutex_);
  const auto now_ms = clock_.now_ms();
  if (answer.ok()) answered_at_ = now_ms;
  const bool network_works = answered_at_ != 0 && now_ms - answered_at_ < kNetworkWorksMs;
  known_[url] = {state_of_answer(url, answer, network_works), now_ms};
  changed_.notify_all();
}

}  // namespace kiki::reply
