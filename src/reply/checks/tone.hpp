#pragma once
// The checks of the voice guide: how it sounds, not what it says.

#include <array>
#include <vector>

#include "reply/checks/checks.hpp"

namespace kiki::reply::checks {

// Collects findings: leaves out what the rules switch off, and what is too many of one kind.
class Findings {
 public:
  explicit Findings(const Rules& rules) : rules_(rules) {}
  void add(Check check, std::vector<text::ByteRange> ranges,
           std::vector<std::pair<std::string, std::string>> params);
  std::vector<Finding> take() && { return std::move(list_); }

 private:
  const Rules& rules_;
  std::vector<Finding> list_;
  std::array<std::size_t, kChecks> counts_{};
};

void check_tone(const Draft& draft, const Voice& voice, Findings& findings);

}  // namespace kiki::reply::checks
