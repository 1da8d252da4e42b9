// What is counted of one variant on one loop. Written and copied on that loop's thread; copies are added up elsewhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace smhost {

struct Histogram {
  // Upper bounds in seconds; one more bucket takes the rest.
  static constexpr std::array<double, 15> kBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                     0.05,   0.1,     0.25,   0.5,   1,      5,     30};
  std::array<std::uint64_t, kBounds.size() + 1> counts{};
  double sum = 0;

  void Add(Duration took) {
    double seconds = std::chrono::duration<double>(took).count();
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
    ++counts[bucket];
    sum += seconds;
  }
  void Add(const Histogram& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    sum += other.sum;
  }
};

struct VariantMetrics {
  std::vector<std::pair<int, std::uint64_t>> codes;  // HTTP status, answers
  Histogram model, overhead;                         // AWS's ModelLatency and OverheadLatency
  std::uint64_t replayed = 0;                        // calls whose instance was lost, sent or held once more
  std::uint64_t poisoned = 0;                        // calls that took two instances down, or are the same as such a one

  void Count(int code, std::uint64_t times = 1) {
    for (auto& [known, count] : codes)
      if (known == code) {
        count += times;
        return;
      }
    codes.emplace_back(code, times);
  }
  void Add(const VariantMetrics& other) {
    for (auto [code, count] : other.codes) Count(code, count);
    model.Add(other.model);
    overhead.Add(other.overhead);
    replayed += other.replayed;
    poisoned += other.poisoned;
  }
};

}  // namespace smhost
