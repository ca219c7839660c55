#pragma once
// `./dev bench channels`: what issue 5 promises of the networks' doors.

#include "base/error.hpp"

namespace kiki::bench {

Result<void> run_channels();

}  // namespace kiki::bench
