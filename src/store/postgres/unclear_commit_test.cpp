// A connection that breaks between COMMIT and its answer: a small proxy of the test cuts it, before the
// COMMIT reached the server or after the server did it. Either way the group is applied exactly once.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "store/meta.hpp"
#include "store/test_store.hpp"

namespace kiki::store::postgres {
namespace {

enum class Cut : std::uint8_t { kNever, kBeforeCommit, kAfterCommit };

class Proxy {
 public:
  explicit Proxy(int server_port) : server_port_(server_port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    CHECK(::listen(listener_, 16) == 0);
    CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { loop(); });
  }
  ~Proxy() {
    stop_ = true;
    thread_.join();
    for (auto& pair : pairs_) close(pair);
    ::close(listener_);
  }
  int port() const { return port_; }
  std::atomic<Cut> cut{Cut::kNever};  // done once, then kNever again

 private:
  struct Pair {
    int client;
    int server;
    bool cut_at_answer = false;
  };
  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static void close(Pair& pair) {
    if (pair.client >= 0) ::close(pair.client);
    if (pair.server >= 0) ::close(pair.server);
    pair.client = pair.server = -1;
  }
  static bool send_all(int to, const char* bytes, ssize_t count) {
    while (count > 0) {
      const auto sent = ::send(to, bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes += sent;
      count -= sent;
    }
    return true;
  }
  // False: the pair is to be closed.
  bool forward(Pair& pair, bool from_client) {
    char buffer[65536];
    const auto count = ::recv(from_client ? pair.client : pair.server, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    if (!from_client && pair.cut_at_answer) return false;
    const std::string_view bytes(buffer, static_cast<std::size_t>(count));
    if (from_client && cut != Cut::kNever &&
        bytes.find(std::string_view("COMMIT\0", 7)) != std::string_view::npos) {
      if (cut.exchange(Cut::kNever) == Cut::kBeforeCommit) return false;
      pair.cut_at_answer = true;
    }
    return send_all(from_client ? pair.server : pair.client, buffer, count);
  }
  void loop() {
    while (!stop_) {
      std::vector<pollfd> polls{{listener_, POLLIN, 0}};
      for (const auto& pair : pairs_) {
        polls.push_back({pair.client, POLLIN, 0});
        polls.push_back({pair.server, POLLIN, 0});
      }
      ::poll(polls.data(), polls.size(), 50);
      for (std::size_t i = 0; i + 1 < polls.size(); i += 2) {
        auto& pair = pairs_[i / 2];
        if (polls[i + 1].revents != 0 && !forward(pair, true)) close(pair);
        if (pair.server >= 0 && polls[i + 2].revents != 0 && !forward(pair, false)) close(pair);
      }
      std::erase_if(pairs_, [](const Pair& pair) { return pair.client < 0; });
      if (polls[0].revents != 0) {
        Pair pair{::accept(listener_, nullptr, nullptr), ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        const auto address = loopback(server_port_);
        CHECK(::connect(pair.server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        pairs_.push_back(pair);
      }
    }
  }

  int server_port_;
  int listener_ = -1;
  int port_ = 0;
  std::vector<Pair> pairs_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

class UnclearCommit : public testing::TestWithParam<Cut> {};
INSTANTIATE_TEST_SUITE_P(Postgres, UnclearCommit, testing::Values(Cut::kBeforeCommit, Cut::kAfterCommit),
                         [](const testing::TestParamInfo<Cut>& cut) {
                           return std::string(cut.param == Cut::kBeforeCommit ? "not_reached" : "done");
                         });

TEST_P(UnclearCommit, IsAppliedExactlyOnce) {
  auto* server = TestServer::shared();
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL is not installed: apt-get install postgresql-15";
  Proxy proxy(server->port());
  const auto direct = server->create_database();
  const auto database = direct.substr(direct.rfind('/') + 1);
  const auto url =
      "postgresql://kikimimi@127.0.0.1:" + std::to_string(proxy.port()) + "/" + database + "?sslmode=disable";
  auto db = open({url, 2, true});
  ASSERT_TRUE(db.ok()) << db.error().message;
  auto& writer = (*db)->writer();
  ASSERT_TRUE(writer.write([](Transaction& tx) { return tx.db().script("CREATE TABLE t (n BIGINT)"); }).ok());
  for (int n = 1; n <= 5; ++n) {
    int runs = 0;
    int told = 0;
    proxy.cut = GetParam();
    const auto done = writer.write([&](Transaction& tx) -> Result<void> {
      ++runs;
      tx.after_commit([&] { ++told; });
      TRY(tx.db().run("INSERT INTO t (n) VALUES ($1)", {n}));
      return {};
    });
    EXPECT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(proxy.cut, Cut::kNever);  // it was cut
    EXPECT_EQ(runs, GetParam() == Cut::kBeforeCommit ? 2 : 1);
    EXPECT_EQ(told, 1);
  }
  auto reader = (*db)->reader();
  EXPECT_EQ((*reader)
                ->one("SELECT count(*) * 100 + count(DISTINCT n) FROM t", {},
                      [](const Row& r) { return r.integer(0); })
                .value(),
            505);
}

}  // namespace
}  // namespace kiki::store::postgres
