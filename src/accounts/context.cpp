#include "accounts/context.hpp"

#include "base/log.hpp"

namespace kiki::accounts {

void Context::want_thread(Id workspace_id, Id account_id, const std::string& external_id) {
  const std::pair key(workspace_id, "thread " + external_id);
  const std::lock_guard lock(mutex_);
  if (!running_.insert(key).second) return;
  if (!workers_.submit([this, workspace_id, account_id, external_id, key] {
        fetch_thread(workspace_id, account_id, external_id);
        const std::lock_guard done(mutex_);
        running_.erase(key);
      })) {
    running_.erase(key);
  }
}

void Context::want_author(Id workspace_id, Id case_id) {
  const std::pair key(workspace_id, "author " + to_string(case_id));
  const std::lock_guard lock(mutex_);
  if (!running_.insert(key).second) return;
  if (!workers_.submit([this, workspace_id, case_id, key] {
        auto done = stop_.stop_requested() ? Result<void>() : parts_.read_author(workspace_id, case_id);
        if (!done.ok())
          log::info("profile not read", {{"workspace_id", workspace_id}, {"reason", done.error().message}});
        const std::lock_guard lock_done(mutex_);
        running_.erase(key);
      })) {
    running_.erase(key);
  }
}

void Context::stop() {
  stop_.request_stop();
  workers_.stop();
}

Result<AccountRow> Context::asking_account(Id workspace_id, std::string_view network) {
  const AccountRow* best = nullptr;
  const auto rows = TRY(parts_.accounts.list(workspace_id));
  for (const auto& row : rows) {
    if (row.account.network != network || row.status == "paused") continue;
    const bool better = best == nullptr ||
                        (best->account.kind == "listener" && row.account.kind == "account") ||
                        (best->status == "action_needed" && row.status == "ok");
    if (better) best = &row;
  }
  if (best == nullptr) return not_found("No account is connected to this network.");
  return *best;
}

void Context::fetch_thread(Id workspace_id, Id account_id, const std::string& external_id) {
  if (stop_.stop_requested()) return;
  auto row = parts_.accounts.read(workspace_id, account_id);
  if (!row.ok()) return;
  auto* channel = parts_.channel(row->account.network);
  if (channel == nullptr || !channel->descriptor().capabilities.thread_context) return;
  if (row->account.kind == "listener") {
    // A connected account sees more than the public does.
    if (auto better = asking_account(workspace_id, row->account.network); better.ok())
      row = std::move(better);
  }
  auto state = parts_.state(workspace_id, row->account.id);
  auto items = channel->thread(row->account, *state, external_id, stop_.get_token());
  if (!items.ok()) {
    log::info(
        "thread not read",
        {{"workspace_id", workspace_id}, {"account_id", account_id}, {"reason", items.error().message}});
    return;
  }
  if (items->empty()) return;
  auto accepted = parts_.accept(row->account, std::move(*items));
  if (!accepted.ok()) log::warning("thread not kept", accepted.error(), {{"workspace_id", workspace_id}});
}

}  // namespace kiki::accounts
