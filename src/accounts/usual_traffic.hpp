#pragma once
// How often a network calls us, so that silence can be told from a quiet night: the longest pause of each of
// the last seven days. A plain value.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace kiki::accounts {

class UsualTraffic {
 public:
  void heard(TimeMs now_ms);
  // Much longer without a call than any pause of a week in which it called on at least three days.
  bool is_silent(TimeMs now_ms) const;
  TimeMs last_ms() const { return last_ms_; }  // 0: never

  std::string to_text() const;
  static UsualTraffic parse(std::string_view text);  // what cannot be read is as nothing heard yet

 private:
  struct Day {
    std::int64_t number = 0;  // since 1970
    std::int64_t calls = 0;
    TimeMs longest_pause_ms = 0;
  };
  TimeMs last_ms_ = 0;
  std::array<Day, 7> days_{};
};

}  // namespace kiki::accounts
