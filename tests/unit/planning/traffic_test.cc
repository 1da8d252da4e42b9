#include "planning/traffic.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

namespace smhost {
namespace {

// How far any variant ever was from its share, over n requests.
double WorstDistance(const std::vector<double>& weights, int n) {
  TrafficSplit split(weights);
  double sum = 0, worst = 0;
  for (double weight : weights) sum += weight;
  std::vector<double> got(weights.size());
  for (int i = 1; i <= n; ++i) {
    got[*split.Next()] += 1;
    for (std::size_t v = 0; v < weights.size(); ++v)
      worst = std::max(worst, std::abs(weights[v] / sum * i - got[v]));
  }
  return worst;
}

TEST_CASE("equal weights take turns") {
  TrafficSplit split({1, 1});
  std::size_t first = *split.Next();
  for (int i = 0; i < 10; ++i) {
    CHECK(*split.Next() == 1 - first);
    CHECK(*split.Next() == first);
  }
}

TEST_CASE("weights are ratios, whatever their sum") {
  for (double scale : {0.001, 1.0, 70.0}) {
    TrafficSplit split({3 * scale, 1 * scale});
    int first = 0;
    for (int i = 0; i < 400; ++i) first += *split.Next() == 0;
    CHECK(first == 300);
  }
}

TEST_CASE("a weight of zero gets nothing") {
  TrafficSplit split({0, 1, 0, 2});
  for (int i = 0; i < 100; ++i) CHECK(*split.Next() % 2 == 1);
}

TEST_CASE("weights that are no positive number get nothing") {
  TrafficSplit split({std::numeric_limits<double>::quiet_NaN(), -1, std::numeric_limits<double>::infinity(), 5});
  for (int i = 0; i < 10; ++i) CHECK(split.Next() == 3u);
}

TEST_CASE("where no weight is positive there is no variant to choose") {
  CHECK_FALSE(TrafficSplit({0, 0}).Next().has_value());
  CHECK_FALSE(TrafficSplit(std::vector<double>{}).Next().has_value());
}

TEST_CASE("each variant is within one request of its share at every moment") {
  CHECK(WorstDistance({1, 2, 3, 94}, 5000) < 1);
  CHECK(WorstDistance({1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 1000) < 1);
  CHECK(WorstDistance({1e-6, 1}, 100000) < 1);
}

TEST_CASE("each variant is within one request of its share for random weights") {
  auto seed = GENERATE(range(1u, 60u));
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::vector<double> weights(2 + random() % 9);
  for (double& weight : weights) weight = std::pow(10.0, static_cast<int>(random() % 5) - 2) * (1 + random() % 9);
  CHECK(WorstDistance(weights, 2000) < 1 + 1e-6);
}

TEST_CASE("many light variants beside a heavy one come due together and still keep the bound") {
  std::vector<double> weights(30, 1.0);
  weights.push_back(30.0);
  CHECK(WorstDistance(weights, 3000) < 1);
}

}  // namespace
}  // namespace smhost
