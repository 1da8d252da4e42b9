// Where the calls of one variant are counted: its slots in the file that all processes share. Looked up when routes come,
// never for a request. Any thread may hold a copy; counting takes no lock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/clock.h"
#include "telemetry/counters.h"

namespace smhost {

// The slots of all variants in a table of routes.
using CounterSlots = std::map<CounterKey, CounterSlot*>;

struct VariantCounters {
  CounterSlot* whole = nullptr;   // the variant's, whatever its configuration; null: all slots were taken
  CounterSlot* config = nullptr;  // while a deployment runs: of this fleet's configuration
  std::uint64_t instances = 0;    // that are routed to

  void Count(int status, bool model_error, std::optional<Duration> in_model, std::optional<Duration> in_gateway) const {
    for (CounterSlot* slot : {whole, config})
      if (slot != nullptr) slot->CountInvocation(status, model_error, instances, in_model, in_gateway);
  }
  void CountShadow(const ShadowComparison& seen) const {
    for (CounterSlot* slot : {whole, config})
      if (slot != nullptr) slot->CountShadow(seen);
  }
  void CountShadowDropped() const {
    for (CounterSlot* slot : {whole, config})
      if (slot != nullptr) slot->CountShadowDropped();
  }
};

}  // namespace smhost
