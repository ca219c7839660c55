// System randomness is libsodium's; whatever the source, bounds and tokens are made here so that a seeded run
// repeats exactly.

#include "base/random.hpp"

#include <sodium.h>

#include <vector>

#include "base/check.hpp"

namespace kiki {

namespace {
void start_sodium() {
  static const int started = sodium_init();  // 0 = now, 1 = was already, -1 = no randomness on this machine
  CHECK(started >= 0);
}
}  // namespace

std::uint64_t Random::below(std::uint64_t bound) {
  CHECK(bound > 0);
  // 2^64 mod bound: values under it would make the small remainders more likely.
  const std::uint64_t skip_below = (0 - bound) % bound;
  std::uint64_t value = next();
  while (value < skip_below) value = next();
  return value % bound;
}

std::string Random::token(std::size_t bytes) {
  std::vector<unsigned char> raw(bytes);
  for (std::size_t i = 0; i < bytes;) {
    std::uint64_t word = next();
    for (int k = 0; k < 8 && i < bytes; ++k, ++i, word >>= 8) raw[i] = static_cast<unsigned char>(word);
  }
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes, kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), raw.data(), raw.size(), kVariant);
  text.pop_back();  // libsodium counts and writes the terminating NUL
  return text;
}

std::uint64_t SystemRandom::next() {
  start_sodium();
  std::uint64_t value = 0;
  randombytes_buf(&value, sizeof value);
  return value;
}

}  // namespace kiki
