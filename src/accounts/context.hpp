#pragma once
// Fetches what a post alone does not tell: the thread around it, and who its author is. In the background,
// bounded, each thing once; what cannot be had now is simply missing and can be asked for again by a person.

#include <functional>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>

#include "accounts/accounts.hpp"
#include "base/worker_pool.hpp"
#include "channels/contract/channel.hpp"

namespace kiki::accounts {

struct ContextParts {
  Accounts& accounts;
  ChannelByNetwork channel;
  StateOf state;
  // Puts the thread's items into the journal.
  std::function<Result<void>(const channels::Account&, std::vector<channels::RawItem>)> accept;
  // Reads the page of whoever wrote this case and stores it, unless it is known.
  std::function<Result<void>(Id workspace_id, Id case_id)> read_author;
};

class Context {
 public:
  explicit Context(ContextParts parts) : parts_(std::move(parts)), workers_("context", 2, 1'000) {}

  // Never waits; drops the wish when too many wait.
  void want_thread(Id workspace_id, Id account_id, const std::string& external_id);
  void want_author(Id workspace_id, Id case_id);
  void stop();

  // The account through which a network can be asked in this workspace: one that is connected, else the
  // listener.
  Result<AccountRow> asking_account(Id workspace_id, std::string_view network);

 private:
  void fetch_thread(Id workspace_id, Id account_id, const std::string& external_id);

  ContextParts parts_;
  std::mutex mutex_;
  std::set<std::pair<Id, std::string>> running_;  // wishes that wait or run
  std::stop_source stop_;
  WorkerPool workers_;
};

}  // namespace kiki::accounts
