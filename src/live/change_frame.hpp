#pragma once
// One event as the bytes that every console of its workspace gets.

#include <string>
#include <string_view>

#include "events/event_log.hpp"

namespace kiki::live {

// `case_row`: JSON of the case's row, or "" for none.
std::string change_frame(const events::Event& event, std::string_view case_row);

}  // namespace kiki::live
