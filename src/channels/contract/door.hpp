#pragma once
// A network that can tell us by several doors: by which one an account hears at present, for its page. A
// cursor of the account: "webhook", "stream", "asking"; none: the network has one door only.

#include <string_view>

namespace kiki::channels {

inline constexpr std::string_view kDoor = "door";

}  // namespace kiki::channels
