// All that a loop counts, and its text for Prometheus. A loop fills its own; snapshots of all loops are added up.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "gateway/variant_metrics.h"

namespace smhost {

struct MetricsSnapshot {
  struct Variant {
    VariantMetrics counted;
    std::size_t waiting = 0, outstanding = 0, ready = 0;
  };
  std::map<std::tuple<std::string, std::string, std::string>, Variant> variants;  // account, endpoint, variant
  std::map<int, std::uint64_t> responses;  // by HTTP status, of every request
  std::uint64_t connections = 0, connections_total = 0, shed_total = 0, accept_errors_total = 0;
  std::uint64_t held_body_bytes = 0, generation = 0;

  void Add(const MetricsSnapshot& other);
};

// Prometheus' text format 0.0.4.
std::string PrometheusText(const MetricsSnapshot& snapshot);

}  // namespace smhost
