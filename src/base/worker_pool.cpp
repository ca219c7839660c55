// Plain threads around one bounded queue. Jobs are expected to return errors as values; an exception that
// reaches here is a fault of ours and is logged, because one broken job must not end the whole desk.

#include "base/worker_pool.hpp"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/check.hpp"
#include "base/log.hpp"

namespace kiki {

struct WorkerPool::Impl {
  std::string name;
  std::size_t queue_limit_jobs = 0;
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> jobs;
  bool stopping = false;
  std::mutex join_mutex;  // two callers of stop() must both return only when the threads are gone
  std::vector<std::thread> threads;

  void work() {
    // Linux keeps 15 bytes of a thread's name.
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    while (true) {
      std::function<void()> job;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return stopping || !jobs.empty(); });
        if (jobs.empty()) return;
        job = std::move(jobs.front());
        jobs.pop_front();
      }
      try {
        job();
      } catch (const std::exception& fault) {
        log::error("a job threw an exception", {{"pool", name}, {"exception", fault.what()}});
      } catch (...) {
        log::error("a job threw an exception", {{"pool", name}});
      }
    }
  }
};

WorkerPool::WorkerPool(std::string name, std::size_t threads, std::size_t queue_limit_jobs)
    : impl_(std::make_unique<Impl>()) {
  CHECK(threads > 0);
  CHECK(queue_limit_jobs > 0);
  impl_->name = std::move(name);
  impl_->queue_limit_jobs = queue_limit_jobs;
  impl_->threads.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i)
    impl_->threads.emplace_back([impl = impl_.get()] { impl->work(); });
}

WorkerPool::~WorkerPool() {
  stop();
}

bool WorkerPool::submit(std::function<void()> job) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->stopping || impl_->jobs.size() >= impl_->queue_limit_jobs) return false;
    impl_->jobs.push_back(std::move(job));
  }
  impl_->wake.notify_one();
  return true;
}

std::size_t WorkerPool::queued() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->jobs.size();
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  const std::lock_guard lock(impl_->join_mutex);
  for (std::thread& thread : impl_->threads) {
    CHECK(thread.get_id() != std::this_thread::get_id());  // a job cannot wait for its own end
    if (thread.joinable()) thread.join();
  }
  impl_->threads.clear();
}

}  // namespace kiki
