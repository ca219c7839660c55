#include "net/line_stream.hpp"

#include <gtest/gtest.h>

#include "net/raw_server.hpp"

namespace kiki::net {
namespace {

using Why = LineStreamEnd::Why;
const std::string kHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(std::string_view bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

LineStreamOptions to(const RawServer& server) {
  LineStreamOptions options;
  options.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/stream";
  options.policy.allow = {"127.0.0.1"};
  options.headers.add("Authorization", "Bearer t");
  return options;
}

TEST(LineStream, GivesWholeLinesHoweverTheyAreCut) {
  std::string asked;
  RawServer server([&](Peer& peer) {
    asked = peer.read_until("\r\n\r\n");
    peer.send(kHead + chunk("{\"a\":") + chunk("1}\r\n\r\n{\"b\"") + chunk(":2}\n") + chunk("rest") +
              "0\r\n\r\n");
  });
  std::vector<std::string> lines;
  const auto end = read_lines(to(server), {}, [&](std::string_view line) -> Result<void> {
    lines.emplace_back(line);
    return {};
  });
  ASSERT_TRUE(end.ok()) << end.error().message;
  EXPECT_EQ(end->why, Why::kClosed);
  EXPECT_EQ(end->status, 200);
  EXPECT_EQ(lines, (std::vector<std::string>{"{\"a\":1}", "", "{\"b\":2}"}));  // half a line is none
  EXPECT_NE(asked.find("Authorization: Bearer t\r\n"), std::string::npos);
}

TEST(LineStream, ARefusalBringsItsWords) {
  RawServer server([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 429 Too Many\r\nx-rate-limit-reset: 77\r\nContent-Length: 4\r\n\r\n{\"\"}");
  });
  const auto end = read_lines(to(server), {}, [](std::string_view) -> Result<void> { return {}; });
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->why, Why::kRefused);
  EXPECT_EQ(end->status, 429);
  EXPECT_EQ(end->headers.get("X-Rate-Limit-Reset"), "77");
  EXPECT_EQ(end->body, "{\"\"}");
}

TEST(LineStream, SilenceIsDeath) {
  RawServer server([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(kHead + chunk("\r\n"));
    peer.wait_end();
  });
  auto options = to(server);
  options.silence_limit_ms = 100;
  int lines = 0;
  const auto end = read_lines(options, {}, [&](std::string_view) -> Result<void> {
    ++lines;
    return {};
  });
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->why, Why::kSilent);
  EXPECT_EQ(lines, 1);
}

TEST(LineStream, AResetIsBrokenAndNobodyThereToo) {
  RawServer server([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(kHead + "5\r\nab");  // less than it said
  });
  const auto end = read_lines(to(server), {}, [](std::string_view) -> Result<void> { return {}; });
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->why, Why::kBroken);
  LineStreamOptions nobody;
  nobody.url = "http://127.0.0.1:9/";
  nobody.policy.allow = {"127.0.0.1"};
  const auto none = read_lines(nobody, {}, [](std::string_view) -> Result<void> { return {}; });
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->status, 0);
}

TEST(LineStream, EndsForItsReaderForALongLineAndWhenStopped) {
  RawServer server([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(kHead + chunk("line\n") + chunk(std::string(200, 'x')));
    peer.wait_end();
  });
  const auto refused =
      read_lines(to(server), {}, [](std::string_view) -> Result<void> { return conflict("enough"); });
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  auto options = to(server);
  options.line_limit_bytes = 100;
  const auto long_line = read_lines(options, {}, [](std::string_view) -> Result<void> { return {}; });
  EXPECT_EQ(long_line.error().kind, ErrorKind::kTooLarge);
  std::stop_source stop;
  const auto stopped = read_lines(to(server), stop.get_token(), [&](std::string_view) -> Result<void> {
    stop.request_stop();
    return {};
  });
  EXPECT_EQ(stopped.error().kind, ErrorKind::kCancelled);
}

TEST(LineStream, TheGuardStandsHereToo) {
  LineStreamOptions options;
  options.url = "https://127.0.0.1:9/";
  const auto guarded = read_lines(options, {}, [](std::string_view) -> Result<void> { return {}; });
  EXPECT_EQ(guarded.error().kind, ErrorKind::kForbidden);
  options.url = "http://stream.example/";
  EXPECT_FALSE(read_lines(options, {}, [](std::string_view) -> Result<void> { return {}; }).ok());
}

}  // namespace
}  // namespace kiki::net
