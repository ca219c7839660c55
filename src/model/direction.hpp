#pragma once
// Which way a post goes, and its name in the database and in the API.

#include <cstdint>
#include <string_view>

namespace kiki::model {

enum class Direction : std::uint8_t {
  kIn,       // from a customer
  kOut,      // from us
  kContext,  // of somebody else in the thread: shown, not answered
};

constexpr std::string_view name(Direction direction) {
  switch (direction) {
    case Direction::kIn:
      return "in";
    case Direction::kOut:
      return "out";
    case Direction::kContext:
      return "context";
  }
  return "";
}

constexpr Direction parse_direction(std::string_view text) {
  return text == "in" ? Direction::kIn : text == "out" ? Direction::kOut : Direction::kContext;
}

}  // namespace kiki::model
