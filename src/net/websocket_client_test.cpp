// The WebSocket client against a scripted server on loopback, plain and TLS: messages, refusals, silence,
// rudeness.

#include "net/websocket_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>
#include <zlib.h>

#include <filesystem>
#include <future>

#include "net/hmac.hpp"
#include "net/raw_server.hpp"

namespace kiki::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

WebSocketOptions to(const RawServer& server) {
  WebSocketOptions options;
  options.url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/subscribe?cursor=7";
  options.policy.allow_private = true;
  options.policy.allow_plain_http = true;
  return options;
}

// Answers the upgrade; the request head for whom it interests.
std::string upgrade(Peer& peer, const std::string& extensions = {}) {
  const auto head = peer.read_until("\r\n\r\n");
  const std::string mark = "Sec-WebSocket-Key: ";
  const auto at = head.find(mark) + mark.size();
  const auto key = head.substr(at, head.find("\r\n", at) - at) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest);
  std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n";
  if (!extensions.empty()) answer += "Sec-WebSocket-Extensions: " + extensions + "\r\n";
  peer.send(answer + "Sec-WebSocket-Accept: " +
            base64({reinterpret_cast<const char*>(digest), sizeof digest}) + "\r\n\r\n");
  return head;
}

std::string frame(int first, std::string_view payload) {
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else if (payload.size() < 65'536) {
    out += static_cast<char>(126);
    out += static_cast<char>(payload.size() >> 8U);
    out += static_cast<char>(payload.size());
  } else {
    out += static_cast<char>(127);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
  }
  return out + std::string(payload);
}
std::string text(std::string_view payload) {
  return frame(0x81, payload);
}

struct Seen {
  std::vector<std::string> messages;
  Result<void> outcome;
};

Seen listen(const WebSocketOptions& options, std::stop_token stop = {}) {
  Seen seen;
  seen.outcome =
      read_websocket(options, std::move(stop), [&](std::string_view message, bool binary) -> Result<void> {
        seen.messages.push_back((binary ? "B:" : "T:") + std::string(message.substr(0, 40)));
        return {};
      });
  EXPECT_FALSE(seen.outcome.ok());
  return seen;
}

std::string raw_deflate(z_stream& stream, std::string_view in) {
  std::string out(in.size() + 256, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out - 4);  // without 00 00 ff ff
  return out;
}

TEST(WebSocket, DeliversMessagesOfEveryShape) {
  std::string head;
  RawServer server([&](Peer& peer) {
    head = upgrade(peer);
    std::string all = text("hello") + frame(0x82, std::string("\x00\xff", 2)) + frame(0x01, "one ") +
                      frame(0x89, "ping?") + frame(0x00, "two ") + frame(0x80, "three") + text("") +
                      text("東京") + text(std::string(70'000, 'x')) + text(std::string(200, 'y')) +
                      frame(0x8a, "unasked");
    for (std::size_t i = 0; i < all.size(); i += 777) peer.send(all.substr(i, 777));
    // The pong carries the ping's payload under a mask.
    const auto pong = peer.read_bytes(6 + 5);
    ASSERT_EQ(pong.size(), 11U);
    EXPECT_EQ(static_cast<unsigned char>(pong[0]), 0x8a);
    EXPECT_EQ(static_cast<unsigned char>(pong[1]), 0x85);
    std::string payload;
    for (std::size_t i = 0; i < 5; ++i) payload += static_cast<char>(pong[6 + i] ^ pong[2 + i % 4]);
    EXPECT_EQ(payload, "ping?");
    peer.send(frame(0x88, std::string("\x03\xe8", 2) + "bye"));
    peer.wait_end();
  });
  auto options = to(server);
  options.headers.add("Authorization", "Bearer x");
  const auto seen = listen(options);
  EXPECT_THAT(seen.messages,
              ElementsAre("T:hello", "B:" + std::string("\x00\xff", 2), "T:one two three", "T:", "T:東京",
                          "T:" + std::string(40, 'x'), "T:" + std::string(40, 'y')));
  EXPECT_EQ(seen.outcome.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(seen.outcome.error().message, HasSubstr("1000"));
  EXPECT_THAT(seen.outcome.error().message, HasSubstr("bye"));
  EXPECT_THAT(head, HasSubstr("GET /subscribe?cursor=7 HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("Authorization: Bearer x\r\n"));
  EXPECT_THAT(head, HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
}

TEST(WebSocket, UnpacksDeflate) {
  for (const bool keep : {true, false}) {
    RawServer server([&](Peer& peer) {
      upgrade(peer, std::string("permessage-deflate; client_no_context_takeover") +
                        (keep ? "" : "; server_no_context_takeover"));
      z_stream stream{};
      deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
      for (int i = 0; i < 3; ++i) {
        if (!keep) deflateReset(&stream);
        const auto packed = raw_deflate(stream, "the same words again and again");
        peer.send(frame(0x41, packed.substr(0, 2)) + frame(0x80, packed.substr(2)));
      }
      deflateEnd(&stream);
      peer.send(text("plain"));
    });
    const std::string same = "T:the same words again and again";
    EXPECT_THAT(listen(to(server)).messages, ElementsAre(same, same, same, "T:plain"));
  }
}

TEST(WebSocket, HoldsTheMessageLimit) {
  for (const int way : {0, 1, 2}) {
    RawServer server([&](Peer& peer) {
      upgrade(peer, way == 2 ? "permessage-deflate" : "");
      if (way == 0) peer.send(text(std::string(2'000, 'x')));
      if (way == 1) peer.send(frame(0x01, std::string(600, 'x')) + frame(0x00, std::string(600, 'x')));
      if (way == 2) {
        z_stream stream{};
        deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
        peer.send(frame(0xc1, raw_deflate(stream, std::string(100'000, 'x'))));
        deflateEnd(&stream);
      }
      peer.wait_end();
    });
    auto options = to(server);
    options.message_limit_bytes = 1'000;
    EXPECT_EQ(listen(options).outcome.error().kind, ErrorKind::kTooLarge) << way;
  }
}

TEST(WebSocket, ARudeServerIsCorrupt) {
  const std::vector<std::string> rude = {frame(0x91, "reserved bit"),
                                         frame(0xc1, "not agreed to compress"),
                                         frame(0x83, "unknown opcode"),
                                         frame(0x80, "continuation of nothing"),
                                         frame(0x01, "begin") + text("another begin"),
                                         frame(0x09, "fragmented ping"),
                                         frame(0x89, std::string(126, 'x')),
                                         std::string("\x81\x85mask", 6),
                                         text("\xff\xfe"),
                                         frame(0x88, "x"),
                                         frame(0x88, std::string("\x03\xee", 2)),
                                         frame(0x88, std::string("\x03\xe8\xff", 3)),
                                         std::string("\x81\x7e\x00\x05hello", 9),
                                         std::string("\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x05hello", 15),
                                         std::string("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10)};
  for (std::size_t i = 0; i < rude.size(); ++i) {
    RawServer server([&](Peer& peer) {
      upgrade(peer);
      peer.send(rude[i]);
      peer.wait_end();
    });
    const auto seen = listen(to(server));
    EXPECT_EQ(seen.outcome.error().kind, ErrorKind::kCorrupt) << i << ": " << seen.outcome.error().message;
    EXPECT_TRUE(seen.messages.empty()) << i;
  }
}

TEST(WebSocket, ARefusalShowsItsStatusAndBody) {
  const std::vector<std::tuple<std::string, ErrorKind, std::string>> refusals = {
      {"HTTP/1.1 400 Bad Request\r\nContent-Length: 14\r\n\r\nfuture cursor!", ErrorKind::kInvalid,
       "future cursor!"},
      {"HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
       ErrorKind::kInvalid, "abcde"},
      {"HTTP/1.1 401 Unauthorized\r\n\r\nuntil the end", ErrorKind::kUnauthenticated, "until the end"},
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ErrorKind::kNotFound, "404"},
      {"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", ErrorKind::kUnavailable, "302"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhtml", ErrorKind::kUnavailable, "html"},
      {"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n", ErrorKind::kUnavailable, "503"},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
       "Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
       ErrorKind::kUnavailable, "does not speak WebSocket"},
      {"SSH-2.0-x\r\n\r\n", ErrorKind::kUnavailable, "does not speak HTTP"}};
  for (const auto& [bytes, kind, message] : refusals) {
    RawServer server([answer = bytes](Peer& peer) {
      peer.read_until("\r\n\r\n");
      peer.send(answer);
    });
    const auto seen = listen(to(server));
    EXPECT_EQ(seen.outcome.error().kind, kind) << bytes;
    EXPECT_THAT(seen.outcome.error().message, HasSubstr(message));
  }
  RawServer limited([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
  });
  const auto seen = listen(to(limited));
  EXPECT_EQ(seen.outcome.error().kind, ErrorKind::kRateLimited);
  EXPECT_EQ(seen.outcome.error().retry_after_ms, 7'000);
}

TEST(WebSocket, UnofferedExtensionsAreRefused) {
  for (const auto* extension : {"permessage-bzip2", "permessage-deflate; client_max_window_bits=9",
                                "permessage-deflate, permessage-deflate"}) {
    RawServer server([&](Peer& peer) {
      upgrade(peer, extension);
      peer.wait_end();
    });
    EXPECT_THAT(listen(to(server)).outcome.error().message, HasSubstr("not offered")) << extension;
  }
}

TEST(WebSocket, SilenceIsAskedAboutAndThenEnds) {
  std::promise<std::string> ping;
  RawServer server([&](Peer& peer) {
    upgrade(peer);
    ping.set_value(peer.read_bytes(6));
    peer.wait_end();
  });
  auto options = to(server);
  options.idle_timeout_ms = 1000;
  const auto seen = listen(options);
  EXPECT_EQ(seen.outcome.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(seen.outcome.error().message, HasSubstr("silent"));
  EXPECT_EQ(static_cast<unsigned char>(ping.get_future().get().at(0)), 0x89);
}

TEST(WebSocket, PongsKeepItOpen) {
  RawServer server([&](Peer& peer) {
    upgrade(peer);
    for (int i = 0; i < 4; ++i) {
      if (peer.read_bytes(6).size() < 6) return;
      peer.send(frame(0x8a, ""));
    }
    peer.send(text("still here"));
  });
  auto options = to(server);
  options.idle_timeout_ms = 1000;
  EXPECT_THAT(listen(options).messages, ElementsAre("T:still here"));
}

TEST(WebSocket, StopsAtOnce) {
  std::promise<void> open;
  RawServer server([&](Peer& peer) {
    upgrade(peer);
    peer.send(text("x"));
    peer.wait_end();
  });
  std::stop_source source;
  auto outcome = std::async(std::launch::async, [&] {
    return read_websocket(to(server), source.get_token(), [&](std::string_view, bool) -> Result<void> {
      open.set_value();
      return {};
    });
  });
  open.get_future().wait();
  const auto begin = std::chrono::steady_clock::now();
  source.request_stop();
  EXPECT_EQ(outcome.get().error().kind, ErrorKind::kCancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(listen(to(server), source.get_token()).outcome.error().kind, ErrorKind::kCancelled);
}

TEST(WebSocket, StopsWhileConnecting) {
  RawServer mute([](Peer& peer) { peer.wait_end(); });
  std::stop_source source;
  auto outcome = std::async(std::launch::async, [&] { return listen(to(mute), source.get_token()).outcome; });
  while (mute.accepted() == 0) std::this_thread::yield();
  source.request_stop();
  EXPECT_EQ(outcome.get().error().kind, ErrorKind::kCancelled);
  auto options = to(mute);
  options.connect_timeout_ms = 100;
  EXPECT_EQ(listen(options).outcome.error().kind, ErrorKind::kUnavailable);
}

TEST(WebSocket, TheCallersErrorEndsIt) {
  std::promise<std::string> closed;
  RawServer server([&](Peer& peer) {
    upgrade(peer);
    peer.send(text("x") + text("y"));
    closed.set_value(peer.read_bytes(8));
    peer.wait_end();
  });
  int calls = 0;
  const auto outcome = read_websocket(to(server), {}, [&](std::string_view, bool) -> Result<void> {
    ++calls;
    return conflict("enough", "enough");
  });
  EXPECT_EQ(outcome.error().code, "enough");
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(static_cast<unsigned char>(closed.get_future().get().at(0)), 0x88) << "the server is told";
}

TEST(WebSocket, TheGuardStandsBeforeIt) {
  RawServer server([](Peer& peer) { upgrade(peer); });
  auto options = to(server);
  options.policy.allow_private = false;
  EXPECT_EQ(listen(options).outcome.error().kind, ErrorKind::kForbidden);
  options.policy.allow_plain_http = false;
  options.policy.allow = {"127.0.0.1"};
  EXPECT_EQ(listen(options).outcome.error().kind, ErrorKind::kUnavailable)
      << "let through, and ended by the server";
  options.url = "http://127.0.0.1/";
  EXPECT_EQ(listen(options).outcome.error().kind, ErrorKind::kInvalid);
}

TEST(WebSocket, TlsIsVerified) {
  const TestCertificate certificate;
  RawServer server(
      [](Peer& peer) {
        upgrade(peer);
        peer.send(text("over TLS") + text(std::string(100'000, 'x')));
        peer.send(frame(0x88, ""));
        peer.wait_end();
      },
      &certificate);
  auto options = to(server);
  options.url = "wss://localhost:" + std::to_string(server.port()) + "/";
  const auto unknown = listen(options);
  EXPECT_EQ(unknown.outcome.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(unknown.outcome.error().message, HasSubstr("self-signed"));

  const auto path =
      std::filesystem::temp_directory_path() / ("kikimimi-net-test-" + std::to_string(getpid()) + ".pem");
  certificate.save(path);
  setenv("SSL_CERT_FILE", path.c_str(), 1);
  EXPECT_THAT(listen(options).messages, ElementsAre("T:over TLS", "T:" + std::string(40, 'x')));
  options.url = "wss://127.0.0.1:" + std::to_string(server.port()) + "/";
  EXPECT_THAT(listen(options).outcome.error().message, HasSubstr("TLS"))
      << "the certificate names another host";
  unsetenv("SSL_CERT_FILE");
  std::filesystem::remove(path);
}

TEST(WebSocket, CannotReach) {
  WebSocketOptions options;
  {
    RawServer gone([](Peer&) {});
    options = to(gone);
  }
  EXPECT_EQ(listen(options).outcome.error().kind, ErrorKind::kUnavailable);
  options.url = "ws://no-such-host.invalid/";
  EXPECT_EQ(listen(options).outcome.error().kind, ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace kiki::net
