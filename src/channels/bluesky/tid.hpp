#pragma once
// Record keys that are times: 53 bits of microseconds since 1970 and 10 bits that tell writers apart, as 13
// digits that sort like the time. Choosing one before the first try is what makes sending repeatable.
// https://atproto.com/specs/tid

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace kiki::channels::bluesky {

bool is_tid(std::string_view text);
std::string make_tid(std::int64_t microseconds, std::uint32_t writer);  // writer: 0 … 1023
// For now, with random microseconds below the clock's millisecond and a random writer: 20 random bits each
// millisecond of each account, so that no counter has to be kept.
std::string choose_tid(const Clock& clock, Random& random);
std::optional<TimeMs> time_of_tid(std::string_view tid);

}  // namespace kiki::channels::bluesky
