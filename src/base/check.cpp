// A failed CHECK ends the program at once: state that we thought impossible must not reach the store.

#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace kiki {

void check_failed(const char* expression, const char* file, int line) {
  // No log, no allocation: the heap may be what is broken.
  std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, expression);
  std::fflush(stderr);
  std::abort();
}

}  // namespace kiki
