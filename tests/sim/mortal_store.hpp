#pragma once
// The store as a process sees it that may die at any write: before it, so that nothing of it is kept, or
// after it, so that it is kept and nobody was told.

#include "base/random.hpp"
#include "network.hpp"
#include "store/database.hpp"

namespace kiki::sim {

class MortalStore final : public store::Database, public store::Writer {
 public:
  MortalStore(store::Database& real, Random& random, std::uint64_t death_one_in)
      : real_(real), random_(random), death_one_in_(death_one_in) {}
  void heal() { death_one_in_ = 0; }

  store::Dialect dialect() const override { return real_.dialect(); }
  Result<store::Reader> reader() override { return real_.reader(); }
  store::Writer& writer() override { return *this; }
  void close() override {}

  Result<void> write(Job job) override {
    maybe_die();
    auto done = real_.writer().write(std::move(job));
    maybe_die();
    return done;
  }
  void write_async(Job job, std::function<void(Result<void>)> done) override {
    real_.writer().write_async(std::move(job), std::move(done));
  }

 private:
  void maybe_die() {
    if (death_one_in_ != 0 && random_.below(death_one_in_) == 0) throw Died{};
  }
  store::Database& real_;
  Random& random_;
  std::uint64_t death_one_in_;
};

}  // namespace kiki::sim
