// Sending keeps to what each network allows, as its channel declares it, and uses at least nine tenths of
// that: more wants to leave at every moment than may, for twice the longest window, in virtual time.

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>

#include "channels/line/line_channel.hpp"
#include "channels/x/x_channel.hpp"
#include "delivery/rates.hpp"
#include "store/test_store.hpp"

namespace kiki::delivery {
namespace {

using Rate = channels::Capabilities::Rate;

class NoNetwork final : public net::HttpClient {
 public:
  Result<net::HttpAnswer> call(const net::HttpCall&, std::stop_token) override {
    return unavailable("nowhere");
  }
};

std::size_t most_in(const std::vector<TimeMs>& times, TimeMs window_ms) {
  std::size_t worst = 0;
  for (std::size_t from = 0, to = 0; to < times.size(); ++to) {
    while (times[to] - times[from] >= window_ms) ++from;
    worst = std::max(worst, to - from + 1);
  }
  return worst;
}

// How often this action left from the beginning on, each as soon as it may.
std::vector<TimeMs> send_all_that_may(store::Database& db, const std::vector<Rate>& rates,
                                      std::string_view action, TimeMs length_ms) {
  ManualClock clock;
  IdGenerator ids(clock);
  const auto begin = clock.now_ms();
  std::vector<TimeMs> sent;
  const auto done = db.writer().write([&](store::Transaction& tx) -> Result<void> {
    TRY(tx.db().run("DELETE FROM sends", {}));
    while (clock.now_ms() - begin < length_ms) {
      const auto wait = TRY(count_or_wait(tx, ids, rates, {1, 2, action}, clock.now_ms()));
      if (!wait) {
        sent.push_back(clock.now_ms());
      } else if (*wait <= clock.now_ms()) {
        return internal_error("waiting for what is over");
      } else {
        clock.advance_ms(*wait - clock.now_ms());
      }
    }
    return {};
  });
  EXPECT_TRUE(done.ok());
  return sent;
}

void expect_limits_kept_and_used(const channels::Channel& channel) {
  const auto& all = channel.descriptor().capabilities.rates;
  ASSERT_FALSE(all.empty());
  std::unique_ptr<store::TestStore> opened;
  KIKI_MAKE_TEST_STORE(opened, store::Dialect::kSqlite);
  std::set<std::string> actions;
  for (const auto& rate : all) actions.insert(rate.action.empty() ? "reply" : rate.action);
  for (const auto& action : actions) {
    SCOPED_TRACE(channel.descriptor().network + " " + action);
    std::vector<Rate> of_it;
    std::copy_if(all.begin(), all.end(), std::back_inserter(of_it),
                 [&](const Rate& rate) { return rate.action.empty() || rate.action == action; });
    TimeMs longest_ms = 0;
    for (const auto& rate : of_it) longest_ms = std::max(longest_ms, rate.window_ms);
    const auto length_ms = 2 * longest_ms;
    const auto sent = send_all_that_may(opened->db(), all, action, length_ms);
    auto allowed = std::numeric_limits<std::int64_t>::max();
    for (const auto& rate : of_it) {
      EXPECT_LE(most_in(sent, rate.window_ms), static_cast<std::size_t>(rate.count));
      allowed = std::min(allowed, rate.count * (length_ms / rate.window_ms));
    }
    EXPECT_GE(std::ssize(sent) * 10, allowed * 9) << "of " << allowed;
  }
}

struct Limits : ::testing::Test {
  NoNetwork http;
  ManualClock clock;
  SeededRandom random{1};
  channels::Tools tools{http, {}, clock, random};
};

TEST_F(Limits, OfXAreKeptAndUsed) {
  expect_limits_kept_and_used(*channels::make_x_channel(tools));
}

TEST_F(Limits, OfLineAreKeptAndUsed) {
  expect_limits_kept_and_used(*channels::make_line_channel(tools));
}

}  // namespace
}  // namespace kiki::delivery
