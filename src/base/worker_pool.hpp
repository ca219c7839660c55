#pragma once
// A named pool of threads with a bounded queue. Everything outside net/ runs as plain blocking code on one of
// these.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace kiki {

class WorkerPool {
 public:
  WorkerPool(std::string name, std::size_t threads, std::size_t queue_limit_jobs);
  ~WorkerPool();  // stops: runs what is queued, then joins
  // False when the queue is full or the pool is stopping: the caller answers "busy", nothing waits without a
  // limit.
  [[nodiscard]] bool submit(std::function<void()> job);
  std::size_t queued() const;
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiki
