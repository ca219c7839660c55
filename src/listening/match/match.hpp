#pragma once
// `kikimimi match`: the engine as a Unix filter. docs/use/match.md describes it.

#include <iosfwd>
#include <string>

namespace kiki::listening::match {

struct Options {
  std::string queries;  // file of lines "id<TAB>query"
  bool explain = false;
  unsigned threads = 1;
  bool shows_progress = false;  // on `problems`
};

inline constexpr unsigned kThreadsLimit = 256;
inline constexpr std::size_t kLineLimitBytes = 1 << 20;

// Reads posts from one file descriptor and writes matches to the other, in the order of the posts. Bad
// queries and lines are named on `problems` and do not stop the rest. Returns the exit status: 0, or 1 when
// something was bad or could not be read or written.
int match(const Options& options, int in, int out, std::ostream& problems);

}  // namespace kiki::listening::match
