#pragma once
// Opens snoozed cases when their time has come.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.hpp"
#include "cases/cases.hpp"

namespace kiki::cases {

class Waker {
 public:
  Waker(Cases& cases, const Clock& clock) : cases_(cases), clock_(clock) {}
  ~Waker() { stop(); }
  void start();
  void look();  // a case was snoozed: its time may be the next one. Thread-safe, never waits.
  void stop();

 private:
  void run(std::stop_token stop);
  Cases& cases_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool look_ = false;
  std::jthread thread_;
};

}  // namespace kiki::cases
