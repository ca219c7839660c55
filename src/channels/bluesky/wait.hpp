#pragma once
// Waiting that ends at once when somebody wants us to stop, and the back-off that everything here shares.

#include <cstdint>
#include <stop_token>

#include "base/random.hpp"

namespace kiki::channels::bluesky {

// False when stop was requested.
bool wait_ms(std::stop_token stop, std::int64_t time_ms);

// 1 s, 2 s, 4 s … 60 s, each between half and all of it: many desks that lost one server must not come back
// together.
class Backoff {
 public:
  explicit Backoff(Random& random, std::int64_t first_ms = 1'000, std::int64_t most_ms = 60'000)
      : random_(random), first_ms_(first_ms), most_ms_(most_ms), next_ms_(first_ms) {}
  std::int64_t next_ms();
  void reset() { next_ms_ = first_ms_; }

 private:
  Random& random_;
  std::int64_t first_ms_, most_ms_, next_ms_;
};

}  // namespace kiki::channels::bluesky
