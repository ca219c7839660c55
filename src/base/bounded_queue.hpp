#pragma once
// A queue between threads with a limit: a full queue refuses (or makes the producer wait), so that no stage
// can fill the memory of the machine. close() lets what is queued run out; a stop token ends a wait at once.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/check.hpp"

namespace kiki {

template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t limit_items) : limit_items_(limit_items) { CHECK(limit_items > 0); }
  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  // False when full or closed; `item` is then untouched.
  [[nodiscard]] bool try_push(T&& item) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || items_.size() >= limit_items_) return false;
      items_.push_back(std::move(item));
    }
    not_empty_.notify_one();
    return true;
  }
  [[nodiscard]] bool try_push(const T& item) {
    T copy = item;
    return try_push(std::move(copy));
  }

  // Waits for room. False when closed or stopped; `item` is then untouched.
  [[nodiscard]] bool push(T&& item, std::stop_token stop = {}) {
    {
      std::unique_lock lock(mutex_);
      not_full_.wait(lock, stop, [this] { return closed_ || items_.size() < limit_items_; });
      if (closed_ || stop.stop_requested()) return false;
      items_.push_back(std::move(item));
    }
    not_empty_.notify_one();
    return true;
  }

  // Waits for an item. Nothing when stopped (even if items wait), or when closed and empty.
  std::optional<T> pop(std::stop_token stop = {}) {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, stop, [this] { return closed_ || !items_.empty(); });
    if (stop.stop_requested()) return std::nullopt;
    return take(lock);
  }

  // As pop(), but gives up after `timeout_ms`.
  std::optional<T> pop_for(std::int64_t timeout_ms, std::stop_token stop = {}) {
    std::unique_lock lock(mutex_);
    not_empty_.wait_for(lock, stop, std::chrono::milliseconds(timeout_ms),
                        [this] { return closed_ || !items_.empty(); });
    if (stop.stop_requested()) return std::nullopt;
    return take(lock);
  }

  std::optional<T> try_pop() {
    std::unique_lock lock(mutex_);
    return take(lock);
  }

  // Waits for one item and takes up to `max_items` of what is there, in order: for work done in groups. Empty
  // when stopped, or when closed and empty.
  std::vector<T> pop_some(std::size_t max_items, std::stop_token stop = {}) {
    CHECK(max_items > 0);
    std::vector<T> taken;
    {
      std::unique_lock lock(mutex_);
      not_empty_.wait(lock, stop, [this] { return closed_ || !items_.empty(); });
      if (stop.stop_requested()) return taken;
      taken.reserve(std::min(max_items, items_.size()));
      while (!items_.empty() && taken.size() < max_items) {
        taken.push_back(std::move(items_.front()));
        items_.pop_front();
      }
    }
    not_full_.notify_all();
    return taken;
  }

  // No more items come in; those inside can still be taken. Wakes everybody who waits.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    not_empty_.notify_all();
    not_full_.notify_all();
  }

  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }
  std::size_t limit_items() const { return limit_items_; }

 private:
  std::optional<T> take(std::unique_lock<std::mutex>& lock) {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    lock.unlock();
    not_full_.notify_one();
    return item;
  }

  const std::size_t limit_items_;
  mutable std::mutex mutex_;
  std::condition_variable_any not_empty_;
  std::condition_variable_any not_full_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace kiki
