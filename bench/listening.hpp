#pragma once
// `./dev bench listening`: what issue 3 promises of the query engine, on one core.

#include "base/error.hpp"

namespace kiki::bench {

Result<void> run_listening();

}  // namespace kiki::bench
