// An id is "milliseconds since 2020" shifted over a 21-bit sequence. When more than 2^21 ids are asked for in
// one millisecond, or the clock goes back, the generator simply counts on: order matters more than the exact
// time.

#include "base/ids.hpp"

#include <algorithm>
#include <charconv>

namespace kiki {

namespace {
constexpr int kSequenceBits = 21;
constexpr TimeMs kEpochMs = 1'577'836'800'000;  // 2020-01-01T00:00:00Z
}  // namespace

Id IdGenerator::next() {
  const TimeMs since_ms = std::max<TimeMs>(clock_.now_ms() - kEpochMs, 0);
  const Id by_time = static_cast<Id>(since_ms) << kSequenceBits;
  Id last = last_.load();
  Id id = 0;
  do {
    id = std::max(by_time, last + 1);
  } while (!last_.compare_exchange_weak(last, id));
  return id;
}

void IdGenerator::stay_above(Id seen) {
  Id last = last_.load();
  while (last < seen && !last_.compare_exchange_weak(last, seen)) {
  }
}

TimeMs time_of(Id id) {
  return (id >> kSequenceBits) + kEpochMs;
}

std::string to_string(Id id) {
  return std::to_string(id);
}

std::optional<Id> parse_id(std::string_view text) {
  // from_chars alone would take "-1" and "007"; one id has one spelling.
  if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
  Id id = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

}  // namespace kiki
