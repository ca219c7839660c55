// The client against well-behaved and rude servers on loopback. What matters most is the kind of an error:
// whether the other side may have done the work.

#include "net/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <future>

#include "net/raw_server.hpp"

namespace kiki::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

SsrfPolicy open_policy() {
  SsrfPolicy policy;
  policy.allow_private = true;
  policy.allow_plain_http = true;
  return policy;
}

HttpCall to(const RawServer& server, std::string method = "GET", std::string body = {}) {
  HttpCall call;
  call.method = std::move(method);
  call.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/path?x=1";
  call.body = std::move(body);
  return call;
}

std::string ok(std::string_view body, std::string_view more = {}) {
  return "HTTP/1.1 200 OK\r\n" + std::string(more) + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

ErrorKind kind_of(const Result<HttpAnswer>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? ErrorKind::kInternal : result.error().kind;
}

TEST(HttpClient, SendsWhatItIsTold) {
  std::string seen;
  RawServer server([&](Peer& peer) {
    seen = peer.read_until("\r\n\r\n");
    seen += peer.read_bytes(4);
    peer.send("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n");
    peer.send("HTTP/1.1 404 Not Found\r\nX-One: a\r\nx-one:  b\r\nContent-Length: 3\r\n\r\nno!");
  });
  const auto client = make_http_client(open_policy(), "Agent/1");
  auto call = to(server, "PUT", "body");
  call.headers.add("X-Mine", "yes");
  call.headers.add("X-Empty", "");
  const auto answer = client->call(call);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body, "no!");
  EXPECT_EQ(answer->headers.get("X-ONE"), "a");
  EXPECT_FALSE(answer->headers.has("X-Early"));
  EXPECT_THAT(seen, StartsWith("PUT /path?x=1 HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nX-Mine: yes\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nX-Empty:\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nUser-Agent: Agent/1\r\n"));
  EXPECT_THAT(seen, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_THAT(seen, Not(HasSubstr("Content-Type")));
  EXPECT_THAT(seen, Not(HasSubstr("Expect")));
}

TEST(HttpClient, UsesConnectionsAgain) {
  RawServer server([](Peer& peer) {
    while (!peer.read_until("\r\n\r\n").empty()) peer.send(ok("x"));
  });
  const auto client = make_http_client(open_policy());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(client->call(to(server)).ok());
  EXPECT_EQ(server.accepted(), 1);
}

TEST(HttpClient, EveryMethod) {
  std::vector<std::string> lines;
  RawServer server([&](Peer& peer) {
    for (auto head = peer.read_until("\r\n\r\n"); !head.empty(); head = peer.read_until("\r\n\r\n")) {
      lines.push_back(head.substr(0, head.find(' ')));
      peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    }
  });
  const auto client = make_http_client(open_policy());
  const std::vector<std::string> methods = {"GET",   "HEAD", "POST",    "DELETE",
                                            "PATCH", "PUT",  "OPTIONS", "GET"};
  for (const auto& method : methods) {
    const auto answer = client->call(to(server, method));
    ASSERT_TRUE(answer.ok()) << method << answer.error().message;
    EXPECT_EQ(answer->status, 204);
  }
  EXPECT_EQ(lines, methods);
}

TEST(HttpClient, UnpacksGzipAndHoldsTheLimitOnWhatComesOut) {
  const std::string text(3 << 20, 'a');
  const auto packed = gzip(text);
  RawServer server([&](Peer& peer) {
    while (!peer.read_until("\r\n\r\n").empty()) peer.send(ok(packed, "Content-Encoding: gzip\r\n"));
  });
  const auto client = make_http_client(open_policy());
  auto call = to(server);
  const auto answer = client->call(call);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_TRUE(answer->body == text);
  call.answer_limit_bytes = 1 << 20;
  EXPECT_EQ(kind_of(client->call(call)), ErrorKind::kTooLarge);
}

TEST(HttpClient, HoldsTheLimits) {
  RawServer server([](Peer& peer) {
    const auto head = peer.read_until("\r\n\r\n");
    if (head.find("/path") == std::string::npos) {
      for (int i = 0; i < 100; ++i) peer.send("X: " + std::string(i == 0 ? 0 : 4'000, 'x') + "\r\n");
      return;
    }
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i < 100; ++i) peer.send(std::string(10'000, 'x'));
  });
  const auto client = make_http_client(open_policy());
  auto call = to(server);
  call.answer_limit_bytes = 50'000;
  EXPECT_EQ(kind_of(client->call(call)), ErrorKind::kTooLarge);
  RawServer headers([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100; ++i) peer.send("X: " + std::string(4'000, 'x') + "\r\n");
    peer.wait_end();
  });
  EXPECT_EQ(kind_of(client->call(to(headers))), ErrorKind::kTooLarge);
}

TEST(HttpClient, DoesNotFollowRedirects) {
  RawServer server([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  });
  const auto answer = make_http_client(open_policy())->call(to(server));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 302);
}

TEST(HttpClient, CertainlyNotProcessed) {
  const auto client = make_http_client(open_policy());
  HttpCall call;
  {
    RawServer gone([](Peer&) {});
    call = to(gone, "POST", "x");
  }
  EXPECT_EQ(kind_of(client->call(call)), ErrorKind::kUnavailable) << "nobody listens";
  call.url = "http://no-such-host.invalid/";
  EXPECT_EQ(kind_of(client->call(call)), ErrorKind::kUnavailable) << "no such name";

  const TestCertificate certificate;
  RawServer tls([](Peer& peer) { peer.wait_end(); }, &certificate);
  call.url = "https://localhost:" + std::to_string(tls.port()) + "/";
  EXPECT_EQ(kind_of(client->call(call)), ErrorKind::kUnavailable) << "nobody vouches for the certificate";

  RawServer mute([](Peer& peer) { peer.wait_end(); });
  call.url = "https://127.0.0.1:" + std::to_string(mute.port()) + "/";
  call.timeout_ms = 100;
  EXPECT_EQ(kind_of(client->call(call)), ErrorKind::kUnavailable) << "TLS never came up";
}

TEST(HttpClient, MayHaveBeenProcessed) {
  const auto client = make_http_client(open_policy());
  RawServer silent([](Peer& peer) { peer.wait_end(); });
  auto call = to(silent, "POST", "x");
  call.timeout_ms = 100;
  EXPECT_EQ(kind_of(client->call(call)), ErrorKind::kUnclear) << "no answer";

  RawServer closes([](Peer& peer) { peer.read_until("\r\n\r\nx"); });
  EXPECT_EQ(kind_of(client->call(to(closes, "POST", "x"))), ErrorKind::kUnclear)
      << "closed without an answer";

  RawServer cut([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  });
  EXPECT_EQ(kind_of(client->call(to(cut))), ErrorKind::kUnclear) << "half an answer";

  RawServer nonsense([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("this is not HTTP at all\r\n\r\n");
  });
  EXPECT_EQ(kind_of(client->call(to(nonsense))), ErrorKind::kUnclear);
}

// A used connection may close just as the next request goes out. libcurl would send it once more by itself.
TEST(HttpClient, APostIsNeverSentTwice) {
  std::atomic<int> posts = 0;
  RawServer server([&](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(ok("first"));
    if (peer.read_until("\r\n\r\nx").ends_with("x")) ++posts;  // and gone, without an answer
  });
  const auto client = make_http_client(open_policy());
  ASSERT_TRUE(client->call(to(server)).ok());
  EXPECT_EQ(kind_of(client->call(to(server, "POST", "x"))), ErrorKind::kUnclear);
  EXPECT_EQ(posts, 1);
  ASSERT_TRUE(client->call(to(server)).ok()) << "the next one goes over a fresh connection";
}

TEST(HttpClient, StopsAtOnce) {
  std::promise<void> asked;
  RawServer server([&](Peer& peer) {
    peer.read_until("\r\n\r\n");
    asked.set_value();
    peer.wait_end();
  });
  const auto client = make_http_client(open_policy());
  std::stop_source source;
  auto answer = std::async(std::launch::async, [&] { return client->call(to(server), source.get_token()); });
  asked.get_future().wait();
  const auto begin = std::chrono::steady_clock::now();
  source.request_stop();
  EXPECT_EQ(kind_of(answer.get()), ErrorKind::kCancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(kind_of(client->call(to(server), source.get_token())), ErrorKind::kCancelled);
}

TEST(HttpClient, TheGuardChecksWhatANameResolvesTo) {
  RawServer server([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(ok("secret"));
  });
  SsrfPolicy policy;
  policy.allow_plain_http = true;
  const auto client = make_http_client(policy);
  EXPECT_EQ(kind_of(client->call(to(server))), ErrorKind::kForbidden);
  // The machine's own name is no literal address, and resolves to one of its own: only the second check can
  // see it.
  char name[256] = {};
  ASSERT_EQ(gethostname(name, sizeof name - 1), 0);
  HttpCall call = to(server);
  call.url = "http://" + std::string(name) + ":" + std::to_string(server.port()) + "/";
  const auto refused = client->call(call);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().kind, testing::AnyOf(ErrorKind::kForbidden, ErrorKind::kUnavailable))
      << refused.error().message;
  EXPECT_EQ(server.accepted(), 0);

  policy.allow = {"127.0.0.1:" + std::to_string(server.port())};
  EXPECT_TRUE(make_http_client(policy)->call(to(server)).ok());
}

TEST(HttpClient, IgnoresProxiesOfTheEnvironment) {
  RawServer proxy([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(ok("through the proxy"));
  });
  RawServer server([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(ok("direct"));
  });
  setenv("http_proxy", ("http://127.0.0.1:" + std::to_string(proxy.port())).c_str(), 1);
  const auto answer = make_http_client(open_policy())->call(to(server));
  unsetenv("http_proxy");
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->body, "direct");
}

TEST(HttpClient, RefusesBrokenCalls) {
  const auto client = make_http_client(open_policy());
  HttpCall call;
  call.url = "http://127.0.0.1:1/";
  call.method = "GET /\r\n";
  EXPECT_EQ(kind_of(client->call(call)), ErrorKind::kInvalid);
  call.method = "GET";
  call.headers.add("X", "a\r\nY: b");
  EXPECT_EQ(kind_of(client->call(call)), ErrorKind::kInvalid);
  call.headers = {};
  call.url = "file:///etc/passwd";
  EXPECT_EQ(kind_of(client->call(call)), ErrorKind::kInvalid);
}

TEST(HttpClient, ManyThreads) {
  RawServer a([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(ok("a", "Connection: close\r\n"));
  });
  RawServer b([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send(ok("b", "Connection: close\r\n"));
  });
  const auto client = make_http_client(open_policy());
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const auto answer = client->call(to((t + i) % 2 == 0 ? a : b));
        ASSERT_TRUE(answer.ok()) << answer.error().message;
        EXPECT_EQ(answer->body, (t + i) % 2 == 0 ? "a" : "b");
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace kiki::net
