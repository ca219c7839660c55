#include "base/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>

#include "base/log.hpp"

namespace kiki {
namespace {

TEST(WorkerPool, RunsWhatIsQueuedBeforeItStops) {
  std::atomic<int> done = 0;
  {
    WorkerPool pool("test", 3, 1000);
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(pool.submit([&] { ++done; }));
  }
  EXPECT_EQ(done, 500);
}

TEST(WorkerPool, RefusesWhenFullOrStopping) {
  WorkerPool pool("test", 1, 2);
  std::latch busy(1);
  std::latch release(1);
  ASSERT_TRUE(pool.submit([&] {
    busy.count_down();
    release.wait();
  }));
  busy.wait();
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_EQ(pool.queued(), 2u);
  EXPECT_FALSE(pool.submit([] {}));
  release.count_down();
  pool.stop();
  EXPECT_EQ(pool.queued(), 0u);
  EXPECT_FALSE(pool.submit([] {}));
  pool.stop();  // a second stop is harmless
}

TEST(WorkerPool, SurvivesAJobThatThrows) {
  log::Capture capture;
  std::atomic<bool> ran = false;
  {
    WorkerPool pool("broken", 1, 10);
    ASSERT_TRUE(pool.submit([] { throw std::runtime_error("no such luck"); }));
    ASSERT_TRUE(pool.submit([&] { ran = true; }));
  }
  EXPECT_TRUE(ran);
  EXPECT_NE(capture.text().find("no such luck"), std::string::npos);
}

}  // namespace
}  // namespace kiki
