#include "cases/rank_keeper.hpp"

#include <algorithm>
#include <chrono>

#include "base/log.hpp"
#include "cases/case_rank.hpp"
#include "cases/orders.hpp"

namespace kiki::cases {

namespace {

constexpr std::size_t kRanksInOneTransaction = 100;
constexpr std::int64_t kRetryMs = 1'000;

struct Move {
  TimeMs place = 0;  // the higher one of before and after
  Id id = 0;
  std::int64_t version = 0;
  TimeMs before = 0;
  TimeMs after = 0;
  std::string why;
};

}  // namespace

void RankKeeper::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void RankKeeper::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void RankKeeper::order_changed(Id workspace_id) {
  {
    const std::lock_guard lock(mutex_);
    if (std::ranges::find(to_rank_, workspace_id) == to_rank_.end()) to_rank_.push_back(workspace_id);
  }
  changed_.notify_all();
}

Result<std::int64_t> RankKeeper::rank_anew(Id workspace_id, std::stop_token stop) {
  std::int64_t ranked = 0;
  const auto tell = [&]() -> Result<void> {
    return db_.writer().write([&](store::Transaction& tx) -> Result<void> {
      events::Event event;
      event.workspace_id = workspace_id;
      event.kind = "order.planned";
      event.data = R"({"cases":)" + std::to_string(ranked) + "}";
      return log_.append(tx, std::move(event));
    });
  };
  while (!stop.stop_requested()) {
    std::vector<Move> moves;
    std::int64_t order = 0;
    {
      auto reader = TRY(db_.reader());
      const auto weights = TRY(read_weights(*reader, workspace_id));
      order = weights->version;
      TRY(rank_all(*reader, workspace_id, *weights, true, [&](Ranked&& one) {
        moves.push_back({std::min(one.at_before, one.now.at), one.id, one.version, one.at_before, one.now.at,
                         to_text(one.now.reasons)});
      }));
    }
    if (moves.empty()) return ranked;
    // Down to where this has come, every case stands right: what is left belongs below, before as after.
    std::ranges::sort(moves, {}, [](const Move& move) { return std::pair(move.place, move.id); });
    std::int64_t written = 0;
    for (std::size_t at = 0; at < moves.size() && !stop.stop_requested(); at += kRanksInOneTransaction) {
      const auto end = std::min(moves.size(), at + kRanksInOneTransaction);
      written += TRY(db_.writer().write_result([&](store::Transaction& tx) -> Result<std::int64_t> {
        std::int64_t done = 0;
        for (std::size_t i = at; i < end; ++i) {
          const auto& move = moves[i];
          // Not when anything has changed since: that has ranked it already, or comes in the next round.
          done += TRY(
              tx.db().run("UPDATE cases SET rank_at = $4, rank_why = $5, rank_order = $6 WHERE "
                          "workspace_id = $1 AND id = $2 AND version = $3 AND rank_at = $7",
                          {workspace_id, move.id, move.version, move.after, move.why, order, move.before}));
        }
        return done;
      }));
      if (at == 0) {
        ranked += written;
        TRY(tell());
        ranked -= written;
      }
      // Newer weights: begin again at the top.
      const std::lock_guard lock(mutex_);
      if (std::ranges::find(to_rank_, workspace_id) != to_rank_.end()) return ranked + written;
    }
    ranked += written;
    if (moves.size() > kRanksInOneTransaction) TRY(tell());
  }
  return ranked;
}

Result<std::vector<Id>> RankKeeper::unfinished() {
  auto reader = TRY(db_.reader());
  return reader->all(
      "SELECT w.id FROM workspaces w WHERE EXISTS (SELECT 1 FROM cases c WHERE c.workspace_id = w.id AND "
      "c.status IN "
      "('open', 'found') AND c.rank_at IS NOT NULL AND c.rank_order <> COALESCE((SELECT MAX(o.version) FROM "
      "case_orders o WHERE o.workspace_id = w.id), 0))",
      {}, [](const store::Row& row) { return row.integer(0); });
}

void RankKeeper::run(std::stop_token stop) {
  bool resumed = false;  // what was not ranked when the desk stopped last
  while (!stop.stop_requested()) {
    if (!resumed) {
      if (auto all = unfinished(); all.ok()) {
        for (const Id id : *all) order_changed(id);
        resumed = true;
      } else {
        log::error("cases not looked at", all.error());
      }
    }
    std::vector<Id> to_rank;
    {
      const std::lock_guard lock(mutex_);
      to_rank.swap(to_rank_);
    }
    bool failed = !resumed;
    for (const Id id : to_rank) {
      if (auto ranked = rank_anew(id, stop); !ranked.ok()) {
        log::error("cases not ranked anew", ranked.error());
        order_changed(id);
        failed = true;
      }
    }
    std::unique_lock lock(mutex_);
    if (failed) {
      changed_.wait_for(lock, stop, std::chrono::milliseconds(kRetryMs), [] { return false; });
    } else {
      changed_.wait(lock, stop, [&] { return !to_rank_.empty(); });
    }
  }
}

}  // namespace kiki::cases
