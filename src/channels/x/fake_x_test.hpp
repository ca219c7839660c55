#pragma once
// What the tests of this folder stand on: an X that answers as each test says, and an account's memory.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>

#include "channels/x/api.hpp"
#include "channels/x/x_channel.hpp"

namespace kiki::channels::x {

class FakeHttp final : public net::HttpClient {
 public:
  std::function<Result<net::HttpAnswer>(const net::HttpCall&)> answer;
  std::vector<net::HttpCall> calls;
  Result<net::HttpAnswer> call(const net::HttpCall& call, std::stop_token) override {
    {
      const std::lock_guard lock(mutex_);
      calls.push_back(call);
    }
    return answer(call);
  }

 private:
  std::mutex mutex_;
};

inline net::HttpAnswer answered(int status, std::string body,
                                std::vector<std::pair<std::string, std::string>> headers = {}) {
  net::HttpAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  for (auto& [name, value] : headers) answer.headers.add(name, value);
  return answer;
}

class MapState final : public AccountState {
 public:
  std::map<std::string, std::string, std::less<>> secrets, cursors;
  int stores = 0;  // how often secrets were set
  Result<std::string> secret(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    const auto found = secrets.find(name);
    return found == secrets.end() ? std::string() : found->second;
  }
  Result<void> set_secrets(const std::vector<std::pair<std::string, std::string>>& pairs) override {
    const std::lock_guard lock(mutex_);
    ++stores;
    for (const auto& [name, value] : pairs) secrets[name] = value;
    return {};
  }
  Result<std::string> cursor(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    const auto found = cursors.find(name);
    return found == cursors.end() ? std::string() : found->second;
  }
  Result<void> set_cursor(std::string_view name, std::string_view value) override {
    const std::lock_guard lock(mutex_);
    cursors.insert_or_assign(std::string(name), std::string(value));
    return {};
  }
  Result<std::int64_t> add(std::string_view counter, std::int64_t amount, std::int64_t limit) override {
    const std::lock_guard lock(mutex_);
    auto& value = cursors[std::string(counter)];
    const auto sum = sum_within(value, amount, limit);
    if (sum.ok()) value = std::to_string(*sum);
    return sum;
  }

 private:
  std::mutex mutex_;
};

struct XTest : ::testing::Test {
  ManualClock clock{1'785'000'000'000};  // 25 July 2026
  SeededRandom random{7};
  FakeHttp http;
  Tools tools{http, {.allow_private = true, .allow = {}, .allow_plain_http = true}, clock, random};
  XOptions options;
  Api api{tools, options};
  MapState state;
  Account account{.workspace_id = 1,
                  .id = 42,
                  .network = "x",
                  .kind = "account",
                  .external_id = "1111111111111111111",
                  .handle = "ExampleUser",
                  .name = "Example User",
                  .settings = R"({"auth":"oauth2","client_id":"app","consumer_key":"key"})"};

  void SetUp() override {
    state.secrets = {{"access_token", "old"}, {"refresh_token", "r1"}, {"consumer_secret", "cs"}};
    http.answer = [](const net::HttpCall&) { return answered(500, ""); };
  }
};

// The owner's own examples, where they lie beside this repository.
inline std::filesystem::path specs_path(const std::string& name) {
  return std::filesystem::path(KIKI_SOURCE_DIR) / ".." / "shared" / "specs" / name;
}
inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace kiki::channels::x

#define NEEDS_SPECS(name) \
  if (!std::filesystem::exists(specs_path(name))) GTEST_SKIP() << "../shared/specs is absent: " << (name)
