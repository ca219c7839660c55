#include "base/bounded_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

namespace kiki {
namespace {

TEST(BoundedQueue, KeepsOrderAndItsLimit) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.try_push(1));
  EXPECT_TRUE(queue.try_push(2));
  EXPECT_FALSE(queue.try_push(3));
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.try_pop(), 2);
  EXPECT_EQ(queue.try_pop(), std::nullopt);
  EXPECT_EQ(queue.pop_for(0), std::nullopt);
}

TEST(BoundedQueue, ARefusedItemIsUntouched) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  EXPECT_TRUE(queue.try_push(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.try_push(std::move(second)));
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(*second, 2);
}

TEST(BoundedQueue, CloseLetsTheRestRunOut) {
  BoundedQueue<int> queue(5);
  EXPECT_TRUE(queue.try_push(1));
  queue.close();
  EXPECT_FALSE(queue.try_push(2));
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_TRUE(queue.pop_some(10).empty());
}

TEST(BoundedQueue, CloseWakesThoseWhoWait) {
  BoundedQueue<int> empty(1);
  std::jthread consumer([&] { EXPECT_EQ(empty.pop(), std::nullopt); });
  BoundedQueue<int> full(1);
  ASSERT_TRUE(full.try_push(1));
  std::jthread producer([&] { EXPECT_FALSE(full.push(2)); });
  empty.close();
  full.close();
}

TEST(BoundedQueue, AStopEndsTheWaitEvenWithItemsLeft) {
  BoundedQueue<int> queue(1);
  std::jthread consumer([&](std::stop_token stop) { EXPECT_EQ(queue.pop(stop), std::nullopt); });
  consumer.request_stop();
  consumer.join();
  ASSERT_TRUE(queue.try_push(1));
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_EQ(queue.pop(stopped.get_token()), std::nullopt);
  EXPECT_FALSE(queue.push(2, stopped.get_token()));
  EXPECT_EQ(queue.size(), 1u);
}

TEST(BoundedQueue, TakesAGroup) {
  BoundedQueue<int> queue(10);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(queue.try_push(i));
  EXPECT_EQ(queue.pop_some(3), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(queue.pop_some(3), (std::vector<int>{3, 4}));
}

TEST(BoundedQueue, LosesNothingBetweenThreads) {
  BoundedQueue<int> queue(7);
  std::atomic<long> sum = 0;
  std::atomic<int> count = 0;
  {
    std::vector<std::jthread> consumers;
    for (int i = 0; i < 3; ++i) {
      consumers.emplace_back([&] {
        while (const auto item = queue.pop()) {
          sum += *item;
          ++count;
        }
      });
    }
    {
      std::vector<std::jthread> producers;
      for (int i = 0; i < 3; ++i) {
        producers.emplace_back([&] {
          for (int k = 1; k <= 1000; ++k) EXPECT_TRUE(queue.push(int{k}));
        });
      }
    }
    queue.close();
  }
  EXPECT_EQ(count, 3000);
  EXPECT_EQ(sum, 3 * 500'500);
}

}  // namespace
}  // namespace kiki
