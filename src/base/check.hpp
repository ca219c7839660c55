#pragma once
// CHECK is for our own mistakes: it prints the place and ends the program. Never for input.

namespace kiki {
[[noreturn]] void check_failed(const char* expression, const char* file, int line);
}

#define CHECK(expression) \
  ((expression) ? static_cast<void>(0) : ::kiki::check_failed(#expression, __FILE__, __LINE__))
