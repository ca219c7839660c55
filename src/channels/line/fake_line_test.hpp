#pragma once
// Stand-ins for what the platform lends a channel: an HTTP client that answers from a function, an account's
// state in memory.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "channels/line/line_channel.hpp"

namespace kiki::channels::line {

class FakeHttp final : public net::HttpClient {
 public:
  std::function<Result<net::HttpAnswer>(const net::HttpCall&)> answer;
  std::vector<net::HttpCall> calls;

  Result<net::HttpAnswer> call(const net::HttpCall& call, std::stop_token) override {
    calls.push_back(call);
    return answer(call);
  }
  std::size_t count(std::string_view part) const {
    std::size_t found = 0;
    for (const auto& call : calls) found += call.url.find(part) != std::string::npos;
    return found;
  }
  const net::HttpCall& last(std::string_view part) const {
    for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
      if (call->url.find(part) != std::string::npos) return *call;
    }
    CHECK(false);
    return calls.front();
  }
};

inline net::HttpAnswer answered(int status, std::string body) {
  return {status, {}, std::move(body)};
}
inline net::HttpAnswer refused(int status, const std::string& message) {
  return answered(status, R"({"message":")" + message + "\"}");
}

class MemoryState final : public AccountState {
 public:
  std::map<std::string, std::string, std::less<>> secrets{{"channel_secret", "channel_secret"},
                                                          {"access_token", "pasted-token"}};
  std::map<std::string, std::string, std::less<>> cursors;

  Result<std::string> secret(std::string_view name) override {
    const auto found = secrets.find(name);
    return found == secrets.end() ? std::string() : found->second;
  }
  Result<void> set_secrets(const std::vector<std::pair<std::string, std::string>>& values) override {
    for (const auto& [name, value] : values) secrets[name] = value;
    return {};
  }
  Result<std::string> cursor(std::string_view name) override {
    const auto found = cursors.find(name);
    return found == cursors.end() ? std::string() : found->second;
  }
  Result<void> set_cursor(std::string_view name, std::string_view value) override {
    cursors[std::string(name)] = value;
    return {};
  }
};

// A channel with everything around it.
struct Bench {
  FakeHttp http;
  ManualClock clock;
  SeededRandom random{7};
  MemoryState state;
  Account account{1,
                  42,
                  "line",
                  "account",
                  "U00000000000000000000000000000000",
                  "@shop",
                  "Shop",
                  R"({"basic_id":"@123abcde"})"};
  std::unique_ptr<Channel> channel = make_line_channel({http, {}, clock, random}, {});
  std::vector<Delivery> log;

  Outgoing outgoing(Id id = 9) {
    Outgoing out;
    out.outbox_id = id;
    out.action = "reply";
    out.visibility = Visibility::kPrivate;
    out.text = "こんにちは";
    out.network_key = channel->choose_key(account, out);
    out.reply_reference = R"({"to":"U206d25c2ea6bd87c17655609a1c37cb8"})";
    return out;
  }
  Outgoing with_token(Id id = 9) {
    auto out = outgoing(id);
    out.reply_reference =
        R"({"to":"U206d25c2ea6bd87c17655609a1c37cb8","token":"reply-token","token_until":)" +
        std::to_string(clock.now_ms() + 30'000) + "}";
    return out;
  }
  Result<Sent> send(const Outgoing& out) { return channel->send(account, state, out, log, {}); }
  Result<std::optional<Sent>> look_up(const Outgoing& out) {
    return channel->look_up(account, state, out, {});
  }
};

}  // namespace kiki::channels::line
