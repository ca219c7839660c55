#pragma once
// Promises counted once more, plainly: from the event log and the posts, by walking minute for minute through
// the hours. Shares no code with src/promises and src/cases.

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "desk.hpp"

namespace kiki::sim {

// What a book of the simulation promises, in its own plain form.
struct PlainBook {
  std::string json;  // the same, for the desk
  bool always_open = false;
  bool japans_holidays = false;
  std::array<std::vector<std::pair<int, int>>, 7> week;  // from Sunday, minutes from midnight in Tokyo
  int first_inside = 60;
  int first_outside = 720;
  int next_inside = 60;
  int next_outside = 720;
};

struct Recounted {
  int ended = 0;
  int broken = 0;
};
// Adds a line to `wrong` for each difference between this count and the desk's own.
Recounted recount(SimDesk& desk, const PlainBook& book, std::vector<std::string>& wrong);

}  // namespace kiki::sim
