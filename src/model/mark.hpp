#pragma once
// A stretch of a text that is shown marked: UTF-16 offsets, because that is how the console counts.

#include <cstdint>

namespace kiki::model {

struct Mark {  // start inclusive, end exclusive
  std::int32_t start = 0;
  std::int32_t end = 0;
  friend bool operator==(const Mark&, const Mark&) = default;
};

}  // namespace kiki::model
