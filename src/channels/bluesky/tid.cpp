#include "channels/bluesky/tid.hpp"

namespace kiki::channels::bluesky {

namespace {
constexpr std::string_view kDigits = "234567abcdefghijklmnopqrstuvwxyz";
}

bool is_tid(std::string_view text) {
  if (text.size() != 13 || text.find_first_not_of(kDigits) != std::string_view::npos) return false;
  return kDigits.find(text[0]) < 16;  // 13 digits hold 65 bits; the highest is always 0
}

std::string make_tid(std::int64_t microseconds, std::uint32_t writer) {
  std::uint64_t value =
      (static_cast<std::uint64_t>(microseconds) & ((std::uint64_t{1} << 53) - 1)) << 10 | (writer & 1023);
  std::string text(13, '2');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value >>= 5) *digit = kDigits[value & 31];
  return text;
}

std::string choose_tid(const Clock& clock, Random& random) {
  return make_tid(clock.now_ms() * 1000 + static_cast<std::int64_t>(random.below(1000)),
                  static_cast<std::uint32_t>(random.below(1024)));
}

std::optional<TimeMs> time_of_tid(std::string_view tid) {
  if (!is_tid(tid)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : tid) value = value << 5 | kDigits.find(c);
  return static_cast<TimeMs>((value >> 10) / 1000);
}

}  // namespace kiki::channels::bluesky
