#include "gateway/token_bucket.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

namespace smhost {
namespace {

using namespace std::chrono_literals;

int TakeAll(TokenBucket& bucket, const Rate& rate, MonotonicTime now) {
  int taken = 0;
  while (!bucket.Take(rate, now)) ++taken;
  return taken;
}

TEST_CASE("a bucket is full at first, fills at its rate and never above what it holds") {
  TokenBucket bucket;
  const Rate rate{2, 5};
  MonotonicTime now{};
  now += 1000s;
  CHECK(TakeAll(bucket, rate, now) == 5);
  CHECK(TakeAll(bucket, rate, now + 499ms) == 0);
  CHECK(TakeAll(bucket, rate, now + 500ms) == 1);
  CHECK(TakeAll(bucket, rate, now + 1999ms) == 2);
  CHECK(TakeAll(bucket, rate, now + 1h) == 5);
  CHECK(TakeAll(bucket, rate, now) == 0);  // a clock of another thread, a little behind
}

TEST_CASE("whoever finds a bucket empty is told when there is one again") {
  TokenBucket bucket;
  const Rate rate{0.5, 1};
  const MonotonicTime now = MonotonicTime{} + 5s;
  REQUIRE_FALSE(bucket.Take(rate, now));
  CHECK(bucket.Take(rate, now) == Duration(2s));
  CHECK(bucket.Take(rate, now + 1500ms) == Duration(500ms));
  CHECK_FALSE(bucket.Take(rate, now + 2s));
}

TEST_CASE("another rate holds from the next request on") {
  TokenBucket bucket;
  const MonotonicTime now = MonotonicTime{} + 5s;
  CHECK(TakeAll(bucket, {0.01, 1}, now) == 1);
  CHECK(TakeAll(bucket, {100, 10}, now) == 0);
  CHECK(TakeAll(bucket, {100, 10}, now + 50ms) == 5);
  CHECK(TakeAll(bucket, {100, 20}, now + 50ms) == 10);
}

TEST_CASE("threads that take at once take no more than there is") {
  TokenBucket bucket;
  const MonotonicTime now = MonotonicTime{} + 5s;
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { taken += TakeAll(bucket, {1, 1000}, now); });
  for (auto& thread : threads) thread.join();
  CHECK(taken == 1000);
}

}  // namespace
}  // namespace smhost
