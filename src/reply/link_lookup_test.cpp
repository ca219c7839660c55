#include "reply/link_lookup.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace kiki::reply {
namespace {

class FakeHttp final : public net::HttpClient {
 public:
  Result<net::HttpAnswer> call(const net::HttpCall& call, std::stop_token) override {
    ++calls;
    if (call.url.ends_with("/gone")) return net::HttpAnswer{404, {}, ""};
    if (call.url.ends_with("/nobody")) return unavailable("no such host");
    return net::HttpAnswer{200, {}, ""};
  }
  std::atomic<int> calls = 0;
};

TEST(LinkLookup, TellsDeadFromAliveAndAsksOnce) {
  FakeHttp http;
  ManualClock clock;
  LinkLookup links(http, clock);
  EXPECT_EQ(links.wait("https://a.test/gone", 60'000), LinkState::kDead);
  EXPECT_EQ(links.wait("https://a.test/here", 60'000), LinkState::kAlive);
  EXPECT_EQ(links.ask("https://a.test/gone"), LinkState::kDead);
  EXPECT_EQ(http.calls, 2);
  clock.advance_ms(kLinkKeptMs);
  EXPECT_EQ(links.wait("https://a.test/gone", 60'000), LinkState::kDead);
  EXPECT_EQ(http.calls, 3);
}

TEST(LinkLookup, BlamesNoLinkWhenWeAreCutOff) {
  FakeHttp http;
  ManualClock clock;
  LinkLookup links(http, clock);
  EXPECT_EQ(links.wait("https://b.test/nobody", 60'000), LinkState::kUnknown);
  EXPECT_EQ(links.wait("https://a.test/here", 60'000), LinkState::kAlive);
  EXPECT_EQ(links.wait("https://c.test/nobody", 60'000), LinkState::kDead);
}

TEST(LinkLookup, WhatTheGuardRefuses) {
  const Result<net::HttpAnswer> refused = Error{ErrorKind::kForbidden, "no", {}, {}, 0};
  EXPECT_EQ(state_of_answer("https://10.0.0.1/", refused, true), LinkState::kDead);
  EXPECT_EQ(state_of_answer("http://example.com/", refused, true), LinkState::kUnknown);
}

}  // namespace
}  // namespace kiki::reply
