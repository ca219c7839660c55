#pragma once
// Reading connections, opened when first needed, at most `limit`; whoever comes later waits a bounded time. A
// reader may be given back after the database was closed: the pool lives as long as its last reader.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/error.hpp"
#include "store/database.hpp"

namespace kiki::store {

class ReaderPool : public std::enable_shared_from_this<ReaderPool> {
 public:
  using Open = std::function<Result<std::unique_ptr<Connection>>()>;
  ReaderPool(std::size_t limit, Open open) : limit_(limit), open_(std::move(open)) {}

  Result<Reader> take(std::chrono::milliseconds wait_at_most = std::chrono::seconds(5));
  void close();

 private:
  void give_back(std::unique_ptr<Connection> connection);

  const std::size_t limit_;
  const Open open_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t opened_ = 0;
  bool closed_ = false;
};

}  // namespace kiki::store
