#include "telemetry/series.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/limits.h"
#include "fakes/scratch_folder.h"
#include "telemetry/series_file.h"

using namespace smhost;
using namespace std::chrono_literals;

namespace {

const CounterKey kKey{"000000000000", "vad", "main", ""};
using Points = std::vector<std::optional<double>>;

// A variant whose counters a test moves by hand.
struct World {
  Counters counters = Counters::InMemory();
  CounterSlot* slot = counters.Claim(kKey);
  Series series;

  void Request(int status = 200, Duration model = 100us) { slot->CountInvocation(status, status >= 500, 2, model, 10us); }
  SeriesSample Now() const { return {{kKey, Read(*slot)}}; }
  void Tick(std::int64_t periods = 1) { series.Sample(Now(), periods); }
  Points Ask(const char* metric, const char* statistic, int seconds, std::size_t count) const {
    return series.Query({kKey, metric, statistic, seconds}, count);
  }
};

}  // namespace

TEST_CASE("a period holds what was counted in it, and one without a request has no value") {
  World world;
  world.Tick();
  world.Request();
  world.Request(500);
  world.Tick();
  world.Tick();
  world.Request();
  world.Tick();
  CHECK(world.Ask("Invocations", "Sum", 10, 4) == Points{std::nullopt, 2, std::nullopt, 1});
  CHECK(world.Ask("Invocation5XXErrors", "Average", 10, 4) == Points{std::nullopt, 0.5, std::nullopt, 0});
  CHECK(world.Ask("Invocation5XXErrors", "Sum", 30, 1) == Points{1});
  CHECK(world.Ask("Invocation5XXErrors", "SampleCount", 60, 2) == Points{std::nullopt, 3});
  CHECK(world.Ask("InvocationsPerInstance", "Sum", 60, 1) == Points{1.5});
}

TEST_CASE("periods may be laid on other ends than the last sample's") {
  World world;
  world.Tick();
  for (int i = 0; i < 4; ++i) {
    world.Request();
    world.Tick();
  }
  const MetricQuery query{kKey, "Invocations", "Sum", 30};
  CHECK(world.series.QueryTo(query, 2, 0) == Points{1, 3});
  CHECK(world.series.QueryTo(query, 2, 1) == Points{2, 2});
  CHECK(world.series.QueryTo(query, 2, 2) == Points{3, 1});
}

TEST_CASE("what was counted before the first sample belongs to no period") {
  World world;
  world.Request();
  world.Tick();
  CHECK(world.Ask("Invocations", "Sum", 60, 1) == Points{std::nullopt});
  world.Request();
  world.Tick();
  CHECK(world.Ask("Invocations", "Sum", 60, 1) == Points{1});
}

TEST_CASE("a variant that comes later is counted from its first request on") {
  World world;
  world.series.Sample({});
  world.Request();
  world.Tick();
  CHECK(world.Ask("Invocations", "Sum", 10, 1) == Points{1});
}

TEST_CASE("errors are flags of requests in each statistic") {
  World world;
  world.Tick();
  for (int i = 0; i < 9; ++i) world.Request();
  world.Request(400);
  world.Tick();
  const auto ask = [&](const char* statistic) { return world.Ask("Invocation4XXErrors", statistic, 10, 1)[0]; };
  CHECK(ask("Sum") == 1);
  CHECK(ask("Average") == 0.1);
  CHECK(ask("Minimum") == 0);
  CHECK(ask("Maximum") == 1);
  CHECK(ask("p90") == 0);
  CHECK(ask("p91") == 1);
  CHECK(world.Ask("Invocations", "Average", 10, 1)[0] == 1);
}

TEST_CASE("latencies are exact in sum and average and to an eighth in percentiles") {
  World world;
  world.Tick();
  for (int i = 1; i <= 1000; ++i) world.Request(200, std::chrono::microseconds(i * 100));
  world.Tick();
  const auto ask = [&](const char* statistic) { return world.Ask("ModelLatency", statistic, 10, 1)[0].value(); };
  CHECK(ask("Average") == 50050);
  CHECK(ask("Sum") == 50050000);
  CHECK(ask("SampleCount") == 1000);
  CHECK(ask("p50") == Approx(50000).epsilon(0.125));
  CHECK(ask("p99") == Approx(99000).epsilon(0.125));
  CHECK(ask("Maximum") == Approx(100000).epsilon(0.125));
  CHECK(ask("Minimum") == Approx(100).epsilon(0.125));
  CHECK(world.Ask("OverheadLatency", "Average", 10, 1)[0] == 10);
}

TEST_CASE("a latency alone in its period is exact in every statistic") {
  World world;
  world.Tick();
  world.Request(200, 12345us);
  world.Tick();
  for (const char* statistic : {"Average", "Sum", "Minimum", "Maximum", "p0", "p99.9", "p100"})
    CHECK(world.Ask("ModelLatency", statistic, 10, 1) == Points{12345});
}

TEST_CASE("metrics, statistics and dimensions that there are not have no values") {
  World world;
  world.Tick();
  world.Request();
  world.Tick();
  CHECK(world.Ask("CPUUtilization", "Sum", 10, 1) == Points{std::nullopt});
  CHECK(world.Ask("Invocations", "tm90", 10, 1) == Points{std::nullopt});
  CHECK(world.series.Query({{"000000000000", "vad", "main", "config"}, "Invocations", "Sum", 10}, 1) == Points{std::nullopt});
}

TEST_CASE("a gap of several periods stays empty") {
  World world;
  world.Tick();
  world.Request();
  world.Tick();
  world.Request();
  world.Tick(3);
  CHECK(world.Ask("Invocations", "Sum", 10, 5) == Points{std::nullopt, 1, std::nullopt, std::nullopt, 1});
}

TEST_CASE("values older than a day go") {
  World world;
  world.Tick();
  world.Request();
  world.Tick();
  world.Tick(24 * 360 - 1);
  CHECK(world.Ask("Invocations", "Sum", 86400, 1) == Points{1});
  world.Tick();
  CHECK(world.Ask("Invocations", "Sum", 86400, 2) == Points{std::nullopt, std::nullopt});
}

TEST_CASE("the next controller goes on with what the file holds, requests in between included") {
  ScratchFolder folder;
  const auto files = MakeSystemFiles();
  const std::string path = folder.path() + "/series";
  World world;
  WallTime end{std::chrono::seconds(1'750'000'000)};
  SeriesFile file(*files, path);
  for (int i = 0; i < 3; ++i, end += 10s) {
    if (i > 0) world.Request(i == 1 ? 200 : 500, 250us);
    const SeriesSample changed = world.series.Sample(world.Now());
    REQUIRE(file.Append(changed, world.series, end));
  }
  world.Request();  // while no controller runs
  SECTION("whole") {}
  SECTION("with a torn line at its end") { std::ofstream(path, std::ios::app) << "\n{\"end\": 175000"; }
  SECTION("with nonsense in between") { std::ofstream(path, std::ios::app) << "\n{}\n[1]\n{\"end\":1,\"counters\":[[1]]}\n\0\0"; }
  Series next;
  SeriesFile(*files, path).Load(next, end - 10s);
  next.Sample(world.Now());
  CHECK(next.Query({kKey, "Invocations", "Sum", 10}, 3) == Points{1, 1, 1});
  CHECK(next.Query({kKey, "Invocation5XXErrors", "Sum", 10}, 3) == Points{0, 1, 0});
  CHECK(next.Query({kKey, "ModelLatency", "Average", 10}, 3) == Points{250, 250, 100});
}

TEST_CASE("a full file becomes the older one and both are read") {
  ScratchFolder folder;
  const auto files = MakeSystemFiles();
  const std::string path = folder.path() + "/series";
  World world;
  WallTime end{std::chrono::seconds(1'750'000'000)};
  SeriesFile file(*files, path);
  const auto append = [&] {
    REQUIRE(file.Append(world.series.Sample(world.Now()), world.series, end));
    end += 10s;
  };
  append();
  world.Request();
  append();
  std::ofstream(path, std::ios::app) << "\n" << std::string(limits::kSeriesFileBytes, ' ');
  world.Request();
  append();
  CHECK(files->Exists(path + ".1"));
  Series next;
  SeriesFile(*files, path).Load(next, end - 10s);
  CHECK(next.Query({kKey, "Invocations", "Sum", 10}, 2) == Points{1, 1});
}

TEST_CASE("no file and an idle variant cost nothing") {
  ScratchFolder folder;
  const auto files = MakeSystemFiles();
  const std::string path = folder.path() + "/series";
  Series series;
  SeriesFile file(*files, path);
  file.Load(series, WallTime{});
  REQUIRE(file.Append(series.Sample({}), series, WallTime{}));
  CHECK(!files->Exists(path));
}
