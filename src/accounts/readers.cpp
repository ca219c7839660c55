#include "accounts/readers.hpp"

#include "base/log.hpp"
#include "channels/contract/status_detail.hpp"

namespace kiki::accounts {

Result<void> Readers::start() {
  for (const auto& row : TRY(accounts_.list_all())) {
    const std::lock_guard lock(mutex_);
    start_reader(row);
  }
  return {};
}

void Readers::refresh(Id workspace_id, Id account_id) {
  auto row = accounts_.read(workspace_id, account_id);
  const std::lock_guard lock(mutex_);
  if (auto old = readers_.find({workspace_id, account_id}); old != readers_.end()) {
    old->second.request_stop();
    ending_.push_back(std::move(old->second));
    readers_.erase(old);
  }
  if (row.ok()) start_reader(*row);
}

void Readers::start_reader(const AccountRow& row) {
  if (stopped_ || row.account.kind != "account" || row.status == "paused") return;
  readers_.insert_or_assign({row.account.workspace_id, row.account.id},
                            std::jthread([this, row](std::stop_token stop) { run(stop, row); }));
}

void Readers::run(std::stop_token stop, AccountRow row) {
  auto* channel = parts_.channel(row.account.network);
  if (channel == nullptr) return;
  auto state = parts_.state(row.account.workspace_id, row.account.id);
  auto inlet = inlet_(row.account);
  auto ended = channel->read(row.account, *state, *inlet, stop);
  if (ended.ok() || stop.stop_requested()) return;
  log::warning("reader needs a person", ended.error(),
               {{"workspace_id", row.account.workspace_id}, {"account_id", row.account.id}});
  auto told = accounts_.set_status(row.account.workspace_id, row.account.id, "action_needed",
                                   channels::status_detail(ended.error()));
  if (!told.ok()) log::error("account status not stored", told.error(), {{"account_id", row.account.id}});
}

void Readers::listen(channels::Channel& channel, bool wanted) {
  const std::lock_guard lock(mutex_);
  const auto& network = channel.descriptor().network;
  if (stopped_ || !channel.descriptor().capabilities.listens) return;
  auto& stream = streams_[network];
  if (wanted == (stream.thread.joinable() && !*stream.unwanted)) return;
  if (!wanted) {
    if (!stream.thread.joinable()) return;
    *stream.unwanted = true;
    stream.thread.request_stop();
    return;
  }
  // The one before may still be ending: its cursor is written before the new one reads it.
  auto before = std::make_shared<std::jthread>(std::move(stream.thread));
  stream.unwanted = std::make_shared<std::atomic<bool>>(false);
  stream.thread =
      std::jthread([this, &channel, network, before, unwanted = stream.unwanted](std::stop_token stop) {
        if (before->joinable()) before->join();
        auto inlet = stream_inlet_(network);
        auto ended = channel.listen(*inlet, stop);
        if (*unwanted) {
          if (auto forgotten = inlet->checkpoint(""); !forgotten.ok())
            log::warning("the stream's place was not forgotten", forgotten.error(), {{"network", network}});
          inlet->health("off", "");
        } else if (!ended.ok() && !stop.stop_requested()) {
          log::error("public stream ended", ended.error(), {{"network", network}});
          inlet->health("waiting", channels::status_detail(ended.error()));
        }
      });
}

void Readers::stop() {
  std::vector<std::jthread> all;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    all = std::move(ending_);
    for (auto& [key, thread] : readers_) all.push_back(std::move(thread));
    for (auto& [network, stream] : streams_) all.push_back(std::move(stream.thread));
    readers_.clear();
    streams_.clear();
  }
  for (auto& thread : all) thread.request_stop();
}

}  // namespace kiki::accounts
