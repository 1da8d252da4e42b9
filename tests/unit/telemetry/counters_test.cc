#include "telemetry/counters.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <optional>
#include <thread>

#include "base/limits.h"
#include "fakes/scratch_folder.h"

using namespace smhost;
using namespace std::chrono_literals;

namespace {

const CounterKey kKey{"000000000000", "vad", "main", ""};

CounterKey Numbered(int i) { return {"000000000000", "e" + std::to_string(i), "v", "c"}; }

void CountOne(CounterSlot& slot) { slot.CountInvocation(200, false, 2, 100us, 20us); }

}  // namespace

TEST_CASE("every value up to 2^32 us lies in the bucket whose bounds hold it") {
  for (std::uint64_t us : {0ull, 1ull, 7ull, 8ull, 9ull, 15ull, 16ull, 17ull, 18ull, 1000ull, 123456ull, 4294967295ull}) {
    const std::size_t bucket = LatencyBuckets::Of(us);
    REQUIRE(bucket < LatencyBuckets::kCount);
    CHECK(LatencyBuckets::Low(bucket) <= static_cast<double>(us));
    CHECK(static_cast<double>(us) < LatencyBuckets::High(bucket));
    if (us >= 8) CHECK(LatencyBuckets::High(bucket) / LatencyBuckets::Low(bucket) <= 1.125);
  }
  CHECK(LatencyBuckets::Of(~0ull) == LatencyBuckets::kCount - 1);
}

TEST_CASE("one request counts once in each of AWS's metrics") {
  Counters counters = Counters::InMemory();
  CounterSlot* slot = counters.Claim(kKey);
  REQUIRE(slot != nullptr);
  CountOne(*slot);
  slot->CountInvocation(424, true, 2, std::nullopt, 30us);
  slot->CountInvocation(503, false, 0, std::nullopt, std::nullopt);
  const CounterSnapshot seen = Read(*slot);
  CHECK(seen.invocations == 3);
  CHECK(seen.errors_4xx == 1);
  CHECK(seen.errors_5xx == 1);
  CHECK(seen.model_errors == 1);
  CHECK(seen.per_instance == 2 * CounterSlot::kInstanceUnit);  // 1/2 + 1/2 + 1
  CHECK(seen.model.count == 1);
  CHECK(seen.model.sum_us == 100);
  CHECK(seen.overhead.sum_us == 50);
  CHECK(seen.model.buckets[LatencyBuckets::Of(100)] == 1);
}

TEST_CASE("a shadow's differences add up and the largest one stays") {
  Counters counters = Counters::InMemory();
  CounterSlot* slot = counters.Claim(kKey);
  slot->CountShadow({true, true, 0.5, 2.0});
  slot->CountShadow({true, false, 0.25, 1.0});
  slot->CountShadow({false, true, 0, 0});
  slot->CountShadowDropped();
  const CounterSnapshot seen = Read(*slot);
  CHECK(seen.shadow_compared == 3);
  CHECK(seen.shadow_status_mismatches == 1);
  CHECK(seen.shadow_shape_mismatches == 1);
  CHECK(seen.shadow_dropped == 1);
  CHECK(seen.shadow_difference_sum == 0.75);
  CHECK(seen.shadow_difference_largest == 2.0);
}

TEST_CASE("a key has one slot, whoever claims it") {
  ScratchFolder folder;
  const std::string path = folder.path() + "/counters";
  auto gateway = Counters::Open(path);
  auto next_gateway = Counters::Open(path);
  REQUIRE(gateway);
  REQUIRE(next_gateway);
  CounterSlot* one = gateway->Claim(kKey);
  CounterSlot* two = next_gateway->Claim(kKey);
  CountOne(*one);
  CountOne(*two);
  REQUIRE(gateway->All().size() == 1);
  CHECK(gateway->All()[0].first == kKey);
  CHECK(Read(*one).invocations == 2);
  CHECK(next_gateway->Claim({kKey.account, kKey.endpoint, kKey.variant, "config-2"}) != two);
}

TEST_CASE("what was counted is there after everybody closed the file") {
  ScratchFolder folder;
  const std::string path = folder.path() + "/counters";
  {
    auto counters = Counters::Open(path);
    REQUIRE(counters);
    CountOne(*counters->Claim(kKey));
  }
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  auto counters = Counters::Open(path);
  REQUIRE(counters);
  CHECK(counters->note().empty());
  REQUIRE(counters->All().size() == 1);
  CHECK(Read(*counters->All()[0].second).invocations == 1);
}

TEST_CASE("threads that count at once lose nothing") {
  ScratchFolder folder;
  auto counters = Counters::Open(folder.path() + "/counters");
  REQUIRE(counters);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        CounterSlot* slot = counters->Claim(Numbered(i % 3));
        slot->CountInvocation(200, false, 1, 10us, 10us);
        slot->CountShadow({true, true, 1.0, 1.0});
      }
    });
  for (auto& thread : threads) thread.join();
  std::uint64_t invocations = 0;
  double differences = 0;
  REQUIRE(counters->All().size() == 3);
  for (const auto& [key, slot] : counters->All()) {
    invocations += Read(*slot).invocations;
    differences += Read(*slot).shadow_difference_sum;
  }
  CHECK(invocations == 4000);
  CHECK(differences == 4000);
}

TEST_CASE("a file that is cut, foreign, of another format or no file is replaced and said so") {
  ScratchFolder folder;
  const std::string path = folder.path() + "/counters";
  { REQUIRE(Counters::Open(path)); }
  SECTION("cut") { REQUIRE(::truncate(path.c_str(), 100) == 0); }
  SECTION("foreign") {
    std::fstream file(path, std::ios::in | std::ios::out);
    file << "something else";
  }
  SECTION("another format") {
    std::fstream file(path, std::ios::in | std::ios::out);
    file.seekp(8);
    file.put(99);
  }
  SECTION("a link") {
    REQUIRE(::unlink(path.c_str()) == 0);
    REQUIRE(::symlink("elsewhere", path.c_str()) == 0);
  }
  auto counters = Counters::Open(path);
  REQUIRE(counters);
  CHECK(counters->note().find(path) != std::string::npos);
  CHECK(counters->All().empty());
  CountOne(*counters->Claim(kKey));
  auto again = Counters::Open(path);
  REQUIRE(again);
  CHECK(again->note().empty());
  CHECK(again->All().size() == 1);
}

TEST_CASE("a file of counters with a mad high-water mark is read within its bounds") {
  ScratchFolder folder;
  const std::string path = folder.path() + "/counters";
  { CountOne(*Counters::Open(path)->Claim(kKey)); }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(16);
    file.write("\xff\xff\xff\xff\xff\xff\xff\x7f", 8);
  }
  auto counters = Counters::Open(path);
  REQUIRE(counters);
  CHECK(counters->All().size() == 1);
}

TEST_CASE("counters in a folder that is not there are an error that names the file") {
  auto counters = Counters::Open("/nowhere/at/all/counters");
  REQUIRE(!counters);
  CHECK(counters.error().message.find("/nowhere/at/all/counters") != std::string::npos);
}

TEST_CASE("a key past the last slot or with a name too long has none") {
  Counters counters = Counters::InMemory();
  CHECK(counters.Claim({"000000000000", std::string(64, 'e'), "v", ""}) == nullptr);
  for (std::size_t i = 0; i < limits::kCounterSlots; ++i) REQUIRE(counters.Claim(Numbered(static_cast<int>(i))) != nullptr);
  CHECK(counters.Claim(kKey) == nullptr);
  CHECK(counters.Claim(Numbered(7)) != nullptr);
}

TEST_CASE("a slot is freed only after it was long neither in use nor counted in") {
  Counters counters = Counters::InMemory();
  CounterSlot* slot = counters.Claim(kKey);
  CountOne(*slot);
  const std::uint64_t epoch = Read(*slot).epoch;
  MonotonicTime now{1h};
  counters.Release({kKey}, now);
  counters.Release({}, now += limits::kCounterSlotIdle);
  CHECK(counters.All().size() == 1);
  CountOne(*slot);  // a gateway that drains
  counters.Release({}, now += limits::kCounterSlotIdle);
  CHECK(counters.All().size() == 1);
  counters.Release({}, now += limits::kCounterSlotIdle / 2);
  CHECK(counters.All().size() == 1);
  counters.Release({}, now += limits::kCounterSlotIdle / 2);
  CHECK(counters.All().empty());
  CounterSlot* other = counters.Claim(Numbered(1));
  CHECK(other == slot);
  CHECK(Read(*other).invocations == 0);
  CHECK(Read(*other).epoch > epoch);
}

TEST_CASE("the difference of two snapshots is what was counted between them") {
  Counters counters = Counters::InMemory();
  CounterSlot* slot = counters.Claim(kKey);
  CountOne(*slot);
  const CounterSnapshot older = Read(*slot);
  CountOne(*slot);
  slot->CountInvocation(500, true, 1, 7us, 9us);
  const CounterSnapshot added = Difference(Read(*slot), older);
  CHECK(added.invocations == 2);
  CHECK(added.errors_5xx == 1);
  CHECK(added.model.count == 2);
  CHECK(added.model.sum_us == 107);
  CHECK(added.model.buckets[7] == 1);
  CHECK(Difference(older, older).Empty());
}

TEST_CASE("after a slot began anew the difference is all that it holds") {
  CounterSnapshot older, newer;
  older.epoch = newer.epoch = 3;
  older.invocations = 100;
  newer.invocations = 4;
  CHECK(Difference(newer, older).invocations == 4);
  newer.epoch = 4;
  newer.invocations = 200;
  CHECK(Difference(newer, older).invocations == 200);
}
