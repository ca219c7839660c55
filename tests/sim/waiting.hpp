#pragma once
// Rules on time ("waiting over 30 min in hours") as a habit of a life. After every look of the desk a plain
// look at all cases says for whom a rule must have acted by then; the event log says the rest (recount.cpp).

#include <memory>
#include <string>
#include <vector>

#include "desk.hpp"
#include "hours.hpp"
#include "recount.hpp"

namespace kiki::sim {

class WaitingHabit {
 public:
  // Writes `rules` rules down. Random numbers of its own: a life without rules is the same life.
  WaitingHabit(SimDesk& desk, std::uint64_t seed, int rules);

  // The desk looks at the clock; a line for each case that had waited long enough and was left out.
  void look(Told& told, std::vector<std::string>& wrong);
  TimeMs next_look_in();
  const std::vector<WaitingRule>& rules() const { return rules_; }

 private:
  const Hours& hours(const Told& told);

  SimDesk& desk_;
  SeededRandom random_;
  std::vector<WaitingRule> rules_;
  struct OfBook {
    PlainBook book;
    Hours hours;
    OfBook(const PlainBook& of, TimeMs from, TimeMs to) : book(of), hours(book, from, to) {}
  };
  std::unique_ptr<OfBook> now_;
  std::size_t books_ = 0;  // that many were there
};

}  // namespace kiki::sim
