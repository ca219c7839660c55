#pragma once
// Stands between a network's public stream and ingest, and keeps what the administrator's page shows of it.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "channels/contract/channel.hpp"

namespace kiki::accounts {

struct StreamState {
  std::string status = "off";  // off, starting, ok, waiting
  std::string detail;
  std::int64_t posts_seen = 0;
  std::int64_t posts_found = 0;
};

// Thread-safe; outlives the inlets it makes.
class StreamMonitor {
 public:
  std::unique_ptr<channels::StreamInlet> watch(std::unique_ptr<channels::StreamInlet> inner);
  StreamState state() const;

 private:
  class Watched;
  std::atomic<std::int64_t> seen_{0};
  std::atomic<std::int64_t> found_{0};
  mutable std::mutex mutex_;
  std::string status_ = "off";
  std::string detail_;
};

}  // namespace kiki::accounts
