#pragma once
// "…": the customer sees that somebody writes, where the network can show it (Channel::show_typing). A
// nicety: what cannot be told is not, and nobody waits for it.

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "accounts/accounts.hpp"
#include "base/clock.hpp"
#include "base/worker_pool.hpp"
#include "channels/contract/channel.hpp"
#include "store/database.hpp"

namespace kiki::delivery {

inline constexpr TimeMs kTypingAgainMs = 15'000;  // a console says it again every 20 seconds
inline constexpr std::size_t kTypingKept = 10'000;

class Typing {  // thread-safe
 public:
  struct Parts {
    store::Database& db;
    const Clock& clock;
    accounts::Accounts& accounts;
    accounts::ChannelByNetwork channel;
    accounts::StateOf state;
  };
  explicit Typing(Parts parts) : parts_(std::move(parts)), pool_("typing", 2, 100) {}

  // Somebody of us writes in this case, or no longer. Shown where the customer wrote last, if that is in
  // private and an answer to it can leave.
  void tell(Id workspace_id, Id case_id, bool is_writing);
  void stop() { pool_.stop(); }

 private:
  struct Told {
    bool is_writing = false;
    TimeMs at = 0;
  };
  Parts parts_;
  std::mutex mutex_;
  std::map<std::pair<Id, std::string>, Told> told_;  // workspace, conversation
  WorkerPool pool_;
};

}  // namespace kiki::delivery
