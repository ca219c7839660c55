#pragma once
// Randomness is passed in: SystemRandom for secrets (libsodium), SeededRandom for tests, simulation and seed
// data.

#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace kiki {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
  std::uint64_t below(std::uint64_t bound);  // 0 … bound-1, unbiased; bound > 0
  // `bytes` random bytes as URL-safe base64 without padding.
  std::string token(std::size_t bytes = 32);
};

class SystemRandom final : public Random {  // thread-safe
 public:
  std::uint64_t next() override;
};

class SeededRandom final : public Random {  // repeatable, not thread-safe, never for secrets
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace kiki
