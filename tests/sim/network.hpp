#pragma once
// A network that remembers what arrived and misbehaves by chance: away, busy, refusing, silent after it took
// the post, and blind when asked whether it did. The process may also die while it speaks.

#include <map>
#include <string>

#include "base/random.hpp"
#include "ingest/test_desk.hpp"

namespace kiki::sim {

// The process died: thrown through whatever ran, caught where the day goes on with a new process.
struct Died {};

class SimNetwork final : public ingest::ScriptedChannel {
 public:
  // One in so many sends goes wrong; 0: none.
  SimNetwork(Random& random, std::uint64_t fault_one_in, std::uint64_t death_one_in, bool chooses_ids)
      : random_(random), fault_one_in_(fault_one_in), death_one_in_(death_one_in), chooses_ids_(chooses_ids) {
    descriptor_.network = "sim";
  }
  std::map<std::string, int> arrived;  // network_key -> how often

  void heal() { fault_one_in_ = death_one_in_ = 0; }

  std::string choose_key(const channels::Account&, const channels::Outgoing& out) override {
    return "key" + to_string(out.outbox_id);
  }
  std::string planned_external_id(const channels::Account&, const channels::Outgoing& out) const override {
    return chooses_ids_ ? "net/" + to_string(out.outbox_id) : std::string();
  }
  Result<channels::Sent> send(const channels::Account&, channels::AccountState&,
                              const channels::Outgoing& out, std::vector<channels::Delivery>&,
                              std::stop_token) override {
    if (one_in(death_one_in_)) throw Died{};
    if (one_in(fault_one_in_)) {
      switch (random_.below(5)) {
        case 0:
          return unavailable("away");
        case 1:
          return Error{ErrorKind::kRateLimited, "slow down", {}, {}, 30'000};
        case 2:
          return Error{ErrorKind::kUnprocessable, "not wanted", {}, "refused", 0};
        case 3:
          return Error{ErrorKind::kUnclear, "the line broke before", {}, {}, 0};
        default:
          ++arrived[out.network_key];
          return Error{ErrorKind::kUnclear, "the line broke after", {}, {}, 0};
      }
    }
    ++arrived[out.network_key];
    if (one_in(death_one_in_)) throw Died{};
    return sent(out);
  }
  Result<std::optional<channels::Sent>> look_up(const channels::Account&, channels::AccountState&,
                                                const channels::Outgoing& out, std::stop_token) override {
    if (one_in(fault_one_in_)) return unavailable("away");
    if (!arrived.contains(out.network_key)) return std::optional<channels::Sent>{};
    return std::optional(sent(out));
  }
  Result<bool> is_visible(const channels::Account&, channels::AccountState&, const channels::Outgoing&,
                          const channels::Sent&, std::stop_token) override {
    return !one_in(fault_one_in_);
  }

 private:
  bool one_in(std::uint64_t n) { return n != 0 && random_.below(n) == 0; }
  static channels::Sent sent(const channels::Outgoing& out) {
    return {"net/" + to_string(out.outbox_id), "rev1", "https://net.example/" + to_string(out.outbox_id)};
  }

  Random& random_;
  std::uint64_t fault_one_in_;
  std::uint64_t death_one_in_;
  bool chooses_ids_;
};

class NoState final : public channels::AccountState {
 public:
  Result<std::string> secret(std::string_view) override { return std::string(); }
  Result<void> set_secrets(const std::vector<std::pair<std::string, std::string>>&) override { return {}; }
  Result<std::string> cursor(std::string_view) override { return std::string(); }
  Result<void> set_cursor(std::string_view, std::string_view) override { return {}; }
};

}  // namespace kiki::sim
