#pragma once
// The hub's sources, read from the stage that knows cases.

#include "base/clock.hpp"
#include "live/hub.hpp"

namespace kiki::live {

Sources case_sources(const Clock& clock);

}  // namespace kiki::live
