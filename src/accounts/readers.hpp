#pragma once
// One thread for each account that is read, and one for each network's public stream. A reader that ends with
// an error waits for a person (the account shows action_needed) and starts again when the account changes.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "accounts/accounts.hpp"

namespace kiki::accounts {

using InletOf = std::function<std::unique_ptr<channels::Inlet>(const channels::Account&)>;
using StreamInletOf = std::function<std::unique_ptr<channels::StreamInlet>(std::string_view network)>;

class Readers {
 public:
  Readers(Accounts& accounts, Parts parts, InletOf inlet, StreamInletOf stream_inlet)
      : accounts_(accounts),
        parts_(std::move(parts)),
        inlet_(std::move(inlet)),
        stream_inlet_(std::move(stream_inlet)) {}
  ~Readers() { stop(); }

  // Starts a reader for every account that is not paused.
  Result<void> start();
  // Brings one account's reader in line with its row: starts, restarts or stops it. Does not wait for the old
  // one's end.
  void refresh(Id workspace_id, Id account_id);
  // Reads the public stream of a network, or no longer; idempotent. A stream that nobody wants any more
  // forgets where it was: when somebody listens again, it is from then on.
  void listen(channels::Channel& channel, bool wanted);
  void stop();

 private:
  void start_reader(const AccountRow& row);
  void run(std::stop_token stop, AccountRow row);

  Accounts& accounts_;
  Parts parts_;
  InletOf inlet_;
  StreamInletOf stream_inlet_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::map<std::pair<Id, Id>, std::jthread> readers_;
  struct Stream {
    std::shared_ptr<std::atomic<bool>> unwanted = std::make_shared<std::atomic<bool>>(false);
    std::jthread thread;
  };
  std::map<std::string, Stream> streams_;
  std::vector<std::jthread> ending_;
};

}  // namespace kiki::accounts
