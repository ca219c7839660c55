#pragma once
// The one door between coroutines and worker threads. The job runs on the pool; the coroutine goes on where
// it was, on its own io thread: its frame never moves to another thread (g++ 12 and Asio's frame reuse both
// depend on that).

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "base/worker_pool.hpp"
#include "net/io_thread.hpp"

namespace kiki::net {

// True after `work` has run; false at once when the pool takes no more. `home` is kept alive until the
// coroutine has been called back, also when the server has stopped meanwhile (then the frame is destroyed
// with its io context).
inline boost::asio::awaitable<bool> on_workers(std::shared_ptr<IoThread> home, WorkerPool& pool,
                                               std::function<void()> work) {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(bool)>(
      [](auto handler, std::shared_ptr<IoThread> io, WorkerPool* workers, std::function<void()> job) {
        using Waiter = decltype(handler);
        auto waiting =
            std::make_shared<Waiter>(std::move(handler));  // std::function wants something copyable
        const auto resume = [](const std::shared_ptr<IoThread>& at, std::shared_ptr<Waiter>& who, bool ran) {
          boost::asio::post(at->context, [done = std::move(*who), ran]() mutable { std::move(done)(ran); });
        };
        const bool taken = workers->submit([io, waiting, resume, run = std::move(job)]() mutable {
          run();
          run = nullptr;  // what it holds goes before the coroutine sees the result
          resume(io, waiting, true);
        });
        if (!taken) resume(io, waiting, false);
      },
      boost::asio::use_awaitable, std::move(home), &pool, std::move(work));
}

}  // namespace kiki::net
