// Connections are opened outside of the lock: a slow server must not hold up those who give one back.

#include "store/reader_pool.hpp"

namespace kiki::store {

Result<Reader> ReaderPool::take(std::chrono::milliseconds wait_at_most) {
  std::unique_ptr<Connection> connection;
  {
    std::unique_lock lock(mutex_);
    const bool ready =
        free_.wait_for(lock, wait_at_most, [&] { return closed_ || !idle_.empty() || opened_ < limit_; });
    if (!ready) return unavailable("all reading connections are busy");
    if (closed_) return Error{ErrorKind::kCancelled, "the store is closing", {}, {}, 0};
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    } else {
      ++opened_;
    }
  }
  if (!connection) {
    auto opened = open_();
    if (!opened.ok()) {
      const std::lock_guard lock(mutex_);
      --opened_;
      free_.notify_one();
      return std::move(opened).error();
    }
    connection = std::move(opened).value();
  }
  return Reader(std::move(connection), [pool = shared_from_this()](std::unique_ptr<Connection> back) {
    pool->give_back(std::move(back));
  });
}

void ReaderPool::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;  // the connection closes here
  idle_.push_back(std::move(connection));
  free_.notify_one();
}

void ReaderPool::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  idle_.clear();
  free_.notify_all();
}

}  // namespace kiki::store
