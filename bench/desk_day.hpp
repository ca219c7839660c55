#pragma once
// `./dev bench desk`: what issue 4 promises of the order of the list, promises, checks and triage.

#include "base/error.hpp"

namespace kiki::bench {

Result<void> run_desk_day();

}  // namespace kiki::bench
