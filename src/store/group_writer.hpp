#pragma once
// The writer: one thread that takes all waiting jobs, runs them in one transaction with a savepoint each,
// commits (fsync) once, and answers. Under load a commit is shared by many jobs; a lone job waits for nobody.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/database.hpp"
#include "store/write_session.hpp"

namespace kiki::store {

constexpr std::size_t kGroupLimitJobs = 500;
constexpr std::size_t kWriterQueueLimitJobs = 10'000;

class GroupWriter final : public Writer {
 public:
  struct Options {
    // How long a group is run again while the server is away, before its jobs get kUnavailable.
    std::chrono::milliseconds retry_for{15'000};
  };
  // Reads the sequences from the database, then starts the thread.
  static Result<std::unique_ptr<GroupWriter>> start(std::unique_ptr<WriteSession> session, Options options);
  static Result<std::unique_ptr<GroupWriter>> start(std::unique_ptr<WriteSession> session) {
    return start(std::move(session), Options());
  }
  ~GroupWriter() override;

  Result<void> write(Job job) override;
  void write_async(Job job, std::function<void(Result<void>)> done) override;
  // Finishes what is queued, then joins; later writes are kCancelled. While the server is away it does not
  // wait.
  void stop();

  struct Item {
    Job job;
    std::function<void(Result<void>)> done;
    Result<void> result;
    std::vector<std::function<void()>> after_commit;
  };
  struct Sequences {
    std::int64_t event = 0;  // the last one given out
    std::int64_t journal = 0;
  };

 private:
  enum class Outcome : std::uint8_t { kDone, kRetry, kFailed };

  GroupWriter(std::unique_ptr<WriteSession> session, Options options, Sequences sequences);
  void loop();
  void run_group(std::vector<Item>& group);
  Outcome try_group(std::vector<Item>& group, Error& why);
  void run_job(Item& item);
  Outcome clear_up_commit(std::chrono::steady_clock::time_point deadline, Error& why);
  bool pause(std::chrono::milliseconds for_ms);
  Result<void> enqueue(Item item);

  std::unique_ptr<WriteSession> session_;
  Options options_;
  Sequences sequences_;
  std::chrono::steady_clock::time_point deadline_;  // of the running group's retries
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  bool stopping_ = false;
  std::once_flag stopped_;
  std::thread thread_;
};

}  // namespace kiki::store
