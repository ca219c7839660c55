#pragma once
// `kikimimi burst`: the detector as a Unix filter, so that it can be judged alone.

#include <iosfwd>

namespace kiki::listening::rise {

// Reads lines "timestamp,value" (RFC 3339, or "YYYY-MM-DD HH:MM:SS" in UTC; ascending) and answers each with
// "timestamp,score,alarm": the score from 0 to 1, alarm 1 on the line that begins one. A first line that is a
// heading is passed over. A bad line is reported on `problems` with its number and does not stop the rest.
// Returns the exit status: 0, or 1 when there were bad lines or the output could not be written.
int burst(std::istream& in, std::ostream& out, std::ostream& problems);

}  // namespace kiki::listening::rise
