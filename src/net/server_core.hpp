#pragma once
// What all connections of one server share, and what outlives the server while a worker still runs a handler.

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "net/http_server.hpp"
#include "net/ip_address.hpp"

namespace kiki::net {

struct ServerCore : std::enable_shared_from_this<ServerCore> {
  ServerCore(ServerOptions o, WorkerPool& w, Handler h)
      : options(std::move(o)), workers(w), handler(std::move(h)) {}

  const ServerOptions options;
  WorkerPool& workers;
  const Handler handler;
  std::vector<IpRange> trusted_proxies;

  std::atomic<std::size_t> requests_waiting{0};  // handed to the workers, not begun
  std::atomic<bool> stopping{false};             // no new requests
  std::atomic<bool> stopped{false};              // not even those that wait for a worker

  std::atomic<std::uint64_t> request_counter{0};
  std::uint64_t request_seed = 0;
  std::string next_request_id();

  std::mutex mutex;
  std::condition_variable changed;
  std::size_t connections = 0;  // under mutex

  // Counts one connection until the last copy goes; empty when the limit is reached.
  std::shared_ptr<void> take_slot();
};

}  // namespace kiki::net
