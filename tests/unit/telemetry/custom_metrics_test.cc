#include "telemetry/custom_metrics.h"

#include <catch2/catch.hpp>
#include <memory>

#include "base/limits_api.h"
#include "fakes/fake_clock.h"
#include "fakes/scratch_folder.h"

using namespace smhost;

namespace {

struct MetricWorld {
  ScratchFolder folder;
  std::unique_ptr<Files> files = MakeSystemFiles();
  FakeClock clock;
  Home home{folder.path()};
  std::string account = "000000000000";
  MetricId id{"Shop", "Orders", {{"Place", "Rome"}}};

  std::int64_t Now() const { return std::chrono::duration_cast<std::chrono::seconds>(clock.Wall().time_since_epoch()).count(); }
  MetricDatum Datum(std::int64_t time, double value, const std::string& unit = "None") const {
    MetricDatum datum;
    datum.id = id;
    datum.time = time;
    datum.unit = unit;
    datum.values = {{value, 1}};
    return datum;
  }
  void Put(const std::vector<MetricDatum>& data) { REQUIRE(AppendMetricData(*files, home, account, data)); }
};

}  // namespace

TEST_CASE("statistics of values and of statistic sets") {
  MetricDatum values;
  values.values = {{1, 3}, {5, 1}};
  MetricSum sum;
  CHECK_FALSE(sum.Statistic("Sum"));
  sum.Add(values);
  CHECK(sum.Statistic("SampleCount") == 4.0);
  CHECK(sum.Statistic("Sum") == 8.0);
  CHECK(sum.Statistic("Average") == 2.0);
  CHECK(sum.Statistic("p50") == 1.0);
  CHECK(sum.Statistic("p100") == 5.0);
  MetricDatum set;
  set.is_set = true;
  set.count = 2;
  set.sum = 20;
  set.minimum = 0;
  set.maximum = 20;
  sum.Add(set);
  CHECK(sum.Statistic("Minimum") == 0.0);
  CHECK(sum.Statistic("Maximum") == 20.0);
  CHECK(sum.Statistic("Sum") == 28.0);
  CHECK_FALSE(sum.Statistic("p50"));  // where between 0 and 20 the values lie is not known
}

TEST_CASE("values are read on from where they were, in periods, by unit") {
  MetricWorld world;
  CustomMetrics metrics(*world.files, world.clock, world.home, world.account);
  const std::int64_t end = world.Now() / 60 * 60;
  metrics.Want({world.id});
  metrics.Refresh();
  world.Put({world.Datum(end - 61, 1), world.Datum(end - 60, 2), world.Datum(end - 1, 4, "Seconds")});
  metrics.Refresh();
  CHECK(metrics.Query(world.id, "Sum", 60, 3, end) == std::vector<std::optional<double>>{std::nullopt, 1.0, 6.0});
  CHECK(metrics.Query(world.id, "Sum", 60, 1, end, "Seconds") == std::vector<std::optional<double>>{4.0});
  CHECK(metrics.Units(world.id, end - 60, end) == std::set<std::string>{"None", "Seconds"});
  world.Put({world.Datum(end - 2, 10)});
  metrics.Refresh();
  metrics.Refresh();
  CHECK(metrics.Query(world.id, "Sum", 60, 1, end) == std::vector<std::optional<double>>{16.0});
  MetricId other = world.id;
  other.dimensions.clear();
  CHECK(metrics.Query(other, "Sum", 60, 1, end) == std::vector<std::optional<double>>{std::nullopt});
}

TEST_CASE("a torn line is passed over, and what follows it is read") {
  MetricWorld world;
  world.Put({world.Datum(world.Now(), 1)});
  const std::string path = world.home.MetricLog(world.account);
  const std::string bytes = *world.files->Read(path, 1 << 20);
  REQUIRE(world.files->Remove(path));
  REQUIRE(world.files->WriteNew(path, bytes.substr(0, bytes.size() - 5), 0600));
  world.Put({world.Datum(world.Now(), 2)});
  CustomMetrics metrics(*world.files, world.clock, world.home, world.account);
  metrics.Want({world.id});
  metrics.Refresh();
  CHECK(metrics.Query(world.id, "Sum", 60, 1, world.Now() + 1) == std::vector<std::optional<double>>{2.0});
}

TEST_CASE("a full log begins a new file, and a reader loses and doubles nothing") {
  MetricWorld world;
  CustomMetrics metrics(*world.files, world.clock, world.home, world.account);
  metrics.Want({world.id});
  std::vector<MetricDatum> many;
  MetricDatum datum = world.Datum(world.Now(), 1);
  for (int i = 0; i < 1000; ++i) many.push_back(datum);
  double total = 0;
  for (bool full = false; !full; metrics.Refresh()) {
    world.Put(many);
    total += 1000;
    full = world.files->Exists(world.home.MetricLog(world.account) + ".1");
  }
  CHECK(metrics.Query(world.id, "Sum", 60, 1, world.Now() + 1) == std::vector<std::optional<double>>{total});
}

TEST_CASE("metrics are listed with the time of their newest value, for a day") {
  MetricWorld world;
  world.Put({world.Datum(world.Now() - 100, 1), world.Datum(world.Now() - 50, 1)});
  CHECK(ListCustomMetrics(*world.files, world.clock, world.home, world.account) == std::map<MetricId, std::int64_t>{{world.id, world.Now() - 50}});
  world.clock.Advance(std::chrono::hours(25));
  CHECK(ListCustomMetrics(*world.files, world.clock, world.home, world.account).empty());
}
