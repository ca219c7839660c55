#pragma once
// Stand-ins for what the platform lends a channel: an HTTP client that answers from a function, an account's
// state in memory, inlets that keep what they got.

#include <boost/json.hpp>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "channels/bluesky/bluesky_channel.hpp"

namespace kiki::channels::bluesky {

class FakeHttp final : public net::HttpClient {
 public:
  using Answer = std::function<Result<net::HttpAnswer>(const net::HttpCall&)>;
  Answer answer;
  std::vector<net::HttpCall> calls;

  Result<net::HttpAnswer> call(const net::HttpCall& call, std::stop_token) override {
    {
      const std::lock_guard lock(mutex_);
      calls.push_back(call);
    }
    return answer(call);
  }
  std::size_t count(std::string_view nsid) {
    const std::lock_guard lock(mutex_);
    std::size_t found = 0;
    for (const auto& call : calls) found += call.url.find(nsid) != std::string::npos;
    return found;
  }

 private:
  std::mutex mutex_;
};

inline net::HttpAnswer answered(int status, std::string body) {
  return {status, {}, std::move(body)};
}
inline net::HttpAnswer refused(int status, const std::string& error, const std::string& message = "no") {
  return answered(status, R"({"error":")" + error + R"(","message":")" + message + "\"}");
}

class MemoryState final : public AccountState {
 public:
  std::map<std::string, std::string, std::less<>> secrets{{"access_jwt", "access-1"},
                                                          {"refresh_jwt", "refresh-1"}};
  std::map<std::string, std::string, std::less<>> cursors;

  Result<std::string> secret(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    const auto found = secrets.find(name);
    return found == secrets.end() ? std::string() : found->second;
  }
  Result<void> set_secrets(const std::vector<std::pair<std::string, std::string>>& values) override {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, value] : values) secrets[name] = value;
    return {};
  }
  Result<std::string> cursor(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    const auto found = cursors.find(name);
    return found == cursors.end() ? std::string() : found->second;
  }
  Result<void> set_cursor(std::string_view name, std::string_view value) override {
    const std::lock_guard lock(mutex_);
    cursors[std::string(name)] = value;
    return {};
  }

 private:
  std::mutex mutex_;
};

class MemoryInlet final : public Inlet {
 public:
  explicit MemoryInlet(MemoryState& state) : state_(state) {}
  std::vector<RawItem> items;
  std::vector<std::string> healths;
  std::vector<HeldPost> held;
  bool broken = false;

  Result<void> accept(std::vector<RawItem> got, std::string_view name, std::string_view value) override {
    if (broken) return unavailable("the store is away");
    for (auto& item : got) items.push_back(std::move(item));
    return name.empty() ? Result<void>() : state_.set_cursor(name, value);
  }
  void health(std::string_view status, std::string_view) override { healths.emplace_back(status); }
  Result<std::vector<HeldPost>> recent_posts(std::size_t) override { return held; }

 private:
  MemoryState& state_;
};

inline Account fake_account() {
  Account account;
  account.workspace_id = 1;
  account.id = 2;
  account.network = "bluesky";
  account.kind = "account";
  account.external_id = "did:plc:brand";
  account.handle = "brand.example";
  account.settings = R"({"pds_url":"https://pds.example"})";
  return account;
}

inline BlueskyOptions fake_options() {
  BlueskyOptions options;
  options.plc_url = "https://plc.example";
  options.entryway_url = "https://entryway.example";
  options.appview_url = "https://appview.example";
  options.poll_interval_ms = 1;
  options.recheck_interval_ms = 1;
  return options;
}

// A desk's surroundings in one place.
struct Desk {
  FakeHttp http;
  ManualClock clock{1'795'338'000'000};
  SeededRandom random{7};
  Tools tools{http, {}, clock, random};
  BlueskyOptions options = fake_options();
  Account account = fake_account();
  MemoryState state;
  MemoryInlet inlet{state};
  std::vector<Delivery> log;
};

}  // namespace kiki::channels::bluesky
