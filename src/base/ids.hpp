#pragma once
// Ids are 63-bit integers that grow with time: 42 bits of milliseconds since 2020, 21 bits of sequence.
// In JSON they are decimal strings, because JavaScript's numbers end at 2^53.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace kiki {

using Id = std::int64_t;  // > 0; 0 = none

class IdGenerator {
 public:
  explicit IdGenerator(const Clock& clock) : clock_(clock) {}
  // Unique within the process and, over restarts, as long as the clock does not go back by more than it ran
  // ahead. Thread-safe.
  Id next();
  // Makes every later id greater than `seen` (call with the greatest stored id at start).
  void stay_above(Id seen);

 private:
  const Clock& clock_;
  std::atomic<Id> last_{0};
};

TimeMs time_of(Id id);
std::string to_string(Id id);
// Decimal, 1 … 2^63-1, nothing else around it.
std::optional<Id> parse_id(std::string_view text);

}  // namespace kiki
