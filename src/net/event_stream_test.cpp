// Event streams over real sockets: order, sharing, the queue limit, heartbeats, both ways of ending.

#include "net/event_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <thread>

#include "net/http_server.hpp"
#include "net/raw_client.hpp"

namespace kiki::net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

// Every request becomes a stream, which the test takes out in order.
class Streams {
 public:
  explicit Streams(EventStreamLimits limits = {}, std::size_t io_threads = 1)
      : limits_(limits), workers_("test", 2, 2'000) {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.io_threads = io_threads;
    auto started = start_http_server(options, workers_, [this](HttpRequest&&) {
      HttpResponse response;
      response.stream = make_event_stream(limits_);
      const std::scoped_lock lock(mutex_);
      made_.push_back(response.stream);
      return response;
    });
    CHECK(started.ok());
    server_ = std::move(started).value();
  }
  ~Streams() { server_->stop(); }

  struct Pair {
    RawClient client;
    std::shared_ptr<EventStream> stream;
  };
  Pair open(int receive_buffer_bytes = 0) {
    RawClient client(server_->port(), receive_buffer_bytes);
    client.send("GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
    head_ = client.read_until("\r\n\r\n");
    const std::scoped_lock lock(mutex_);
    CHECK(!made_.empty());
    auto stream = made_.back();
    return {std::move(client), std::move(stream)};
  }
  const std::string& head() const { return head_; }
  HttpServer& server() { return *server_; }

 private:
  EventStreamLimits limits_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<EventStream>> made_;
  std::string head_;
  WorkerPool workers_;
  std::unique_ptr<HttpServer> server_;
};

std::shared_ptr<const std::string> frame(std::string text) {
  return std::make_shared<const std::string>(event_frame("", "", text));
}

std::future<void> closing(EventStream& stream) {
  auto done = std::make_shared<std::promise<void>>();
  auto future = done->get_future();
  stream.on_close([done] { done->set_value(); });
  return future;
}

TEST(EventFrame, FollowsTheFormat) {
  EXPECT_EQ(event_frame("7", "case", "{}"), "id: 7\nevent: case\ndata: {}\n\n");
  EXPECT_EQ(event_frame("", "", "a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n");
  EXPECT_EQ(event_frame("1\n2", "x\r\nid: 9", ""), "id: 12\nevent: xid: 9\ndata: \n\n");
}

TEST(EventStream, DeliversInOrder) {
  Streams streams;
  auto [client, stream] = streams.open();
  EXPECT_THAT(streams.head(), HasSubstr("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(streams.head(), HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(streams.head(), HasSubstr("Connection: close\r\n"));
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    const auto one = frame(std::to_string(i));
    expected += *one;
    ASSERT_TRUE(stream->push(one));
  }
  EXPECT_EQ(client.read_bytes(expected.size()), expected);
  auto gone = closing(*stream);
  stream->close();
  EXPECT_EQ(client.read_all(), "");
  EXPECT_TRUE(client.at_end());
  gone.wait();
  EXPECT_TRUE(stream->closed());
  EXPECT_FALSE(stream->push(frame("late")));
}

TEST(EventStream, WhatWasPushedBeforeTheHeadAndBeforeCloseArrives) {
  WorkerPool workers("test", 1, 10);
  auto started = start_http_server({.listen = "127.0.0.1:0"}, workers, [](HttpRequest&&) {
    HttpResponse response;
    response.stream = make_event_stream();
    response.stream->push(frame("early"));
    response.stream->close();
    return response;
  });
  ASSERT_TRUE(started.ok());
  RawClient client(started.value()->port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_all(), EndsWith("\r\n\r\ndata: early\n\n"));
  EXPECT_TRUE(client.at_end());
}

TEST(EventStream, HeadOpensNoStream) {
  Streams streams;
  RawClient client(streams.server().port());
  client.send("HEAD /events HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.read_all(), EndsWith("\r\n\r\n"));
  EXPECT_TRUE(client.at_end());
}

TEST(EventStream, SeesTheBrowserLeave) {
  Streams streams;
  auto [client, stream] = streams.open();
  auto gone = closing(*stream);
  client.close();
  gone.wait();
  EXPECT_TRUE(stream->closed());
  bool called = false;
  stream->on_close([&] { called = true; });
  EXPECT_TRUE(called) << "who comes too late is told at once";
}

TEST(EventStream, ASlowReaderIsCutAtTheFrameLimit) {
  EventStreamLimits limits;
  limits.queued_frames = 100;
  Streams streams(limits);
  auto [client, stream] = streams.open(4'096);
  auto gone = closing(*stream);
  const auto big = frame(std::string(64 * 1024, 'x'));
  int taken = 0;
  while (taken < 100'000 && stream->push(big)) ++taken;
  EXPECT_LT(taken, 100'000);
  EXPECT_GE(taken, 15) << "the byte limit allows that many";
  gone.wait();
  EXPECT_TRUE(stream->closed());
}

TEST(EventStream, AQueueThatIsNeverAttachedIsBoundedToo) {
  EventStreamLimits limits;
  limits.queued_frames = 3;
  const auto stream = make_event_stream(limits);
  EXPECT_TRUE(stream->push(frame("1")));
  EXPECT_TRUE(stream->push(frame("2")));
  EXPECT_TRUE(stream->push(frame("3")));
  EXPECT_FALSE(stream->push(frame("4")));
  EXPECT_TRUE(stream->closed());
}

TEST(EventStream, LargeFramesSurvivePartialWrites) {
  EventStreamLimits limits;
  limits.queued_bytes = 64 << 20;
  Streams streams(limits);
  auto [client, stream] = streams.open(4'096);
  std::string expected;
  for (int i = 0; i < 20; ++i) {
    const auto one = frame(std::string(700'000 + i, static_cast<char>('a' + i)));
    expected += *one;
    ASSERT_TRUE(stream->push(one));
  }
  EXPECT_TRUE(client.read_bytes(expected.size(), 60'000) == expected);
}

TEST(EventStream, BeatsWhenIdle) {
  EventStreamLimits limits;
  limits.heartbeat_ms = 50;
  Streams streams(limits);
  auto [client, stream] = streams.open();
  EXPECT_EQ(client.read_bytes(8), ": \n\n: \n\n");
}

TEST(EventStream, NoiseFromTheClientIsDroppedUpToALimit) {
  Streams streams;
  auto [client, stream] = streams.open();
  auto gone = closing(*stream);
  client.send("hello?");
  stream->push(frame("still here"));
  EXPECT_EQ(client.read_until("\n\n"), "data: still here\n\n");
  while (client.send(std::string(16 * 1024, 'x')) &&
         gone.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
  }
  gone.wait();
}

TEST(EventStream, StopEndsOpenStreams) {
  Streams streams({}, 2);
  std::vector<Streams::Pair> open;
  std::vector<std::future<void>> gone;
  for (int i = 0; i < 50; ++i) {
    open.push_back(streams.open());
    gone.push_back(closing(*open.back().stream));
  }
  EXPECT_EQ(streams.server().connections(), 50U);
  streams.server().stop();
  for (auto& one : gone) one.wait();
  for (auto& one : open) {
    EXPECT_FALSE(one.stream->push(frame("x")));
    one.client.read_all();
    EXPECT_TRUE(one.client.at_end());
  }
}

TEST(EventStream, StopWithoutGraceTellsTheStreams) {
  Streams streams;
  auto [client, stream] = streams.open();
  auto gone = closing(*stream);
  streams.server().stop(0);
  gone.wait();
}

// Many threads push to many streams while clients come and go: for the sanitizers, and nothing may be lost in
// order.
TEST(EventStream, ManyPushersAndLeavers) {
  EventStreamLimits limits;
  limits.queued_frames = 10'000;
  limits.queued_bytes = 64 << 20;
  Streams streams(limits, 2);
  std::vector<Streams::Pair> open;
  for (int i = 0; i < 40; ++i) open.push_back(streams.open());
  std::vector<std::thread> pushers;
  for (int p = 0; p < 4; ++p) {
    pushers.emplace_back([&, p] {
      for (int i = 0; i < 300; ++i) {
        const auto shared = frame(std::to_string(p) + ":" + std::to_string(i));
        for (auto& one : open) one.stream->push(shared);
      }
    });
  }
  for (std::size_t i = 0; i < open.size(); i += 4) open[i].client.close();
  for (auto& one : pushers) one.join();
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (i % 4 == 0) continue;
    open[i].stream->close();
    const auto all = open[i].client.read_all();
    std::vector<int> next(4, 0);
    for (std::size_t at = 0; at < all.size();) {
      const auto end = all.find("\n\n", at);
      ASSERT_NE(end, std::string::npos);
      const auto line = all.substr(at, end - at);
      ASSERT_EQ(std::stoi(line.substr(8)), next[static_cast<std::size_t>(line[6] - '0')]++) << line;
      at = end + 2;
    }
    EXPECT_EQ(next, std::vector<int>(4, 300));
  }
}

}  // namespace
}  // namespace kiki::net
