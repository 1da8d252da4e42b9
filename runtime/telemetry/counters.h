// The file of counters (HOME/run/counters), mapped into every process that counts or reads: what was counted survives the
// death of any of them. The gateway claims a slot for each variant that it routes to and counts through the pointer; two
// gateways may hold the same slot. The controller reads all and frees what is used no more. Any thread; counting and
// reading take no lock, claiming a short one (on the file, so that a dead holder holds nothing).
//
// The rule of freeing: whoever holds pointers claims anew at each change of routes and counts through no older pointer for
// longer than a request lasts. Release therefore frees a slot only after it was neither in use nor counted in for
// limits::kCounterSlotIdle.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/result.h"
#include "telemetry/counter_slot.h"
#include "telemetry/counter_snapshot.h"

namespace smhost {

struct CounterKey {
  std::string account, endpoint, variant;
  std::string config;  // empty: the variant whatever its configuration
  auto operator<=>(const CounterKey&) const = default;
};

class Counters {
 public:
  // Maps the file, making it (0600) where it is missing. One that is damaged, of another format or not a file is replaced
  // by a fresh one, told in note(); whoever has the old one mapped counts on in it, unseen.
  static Result<Counters> Open(const std::string& path);
  // Memory of this process alone, for whoever must go on where Open failed.
  static Counters InMemory();
  Counters(Counters&&) noexcept;
  Counters& operator=(Counters&&) noexcept;
  ~Counters();

  // The key's slot, claimed where it has none yet; nullptr where all are taken, a name is too long, or the lock was not
  // had within 50 ms. Stays valid as long as this object; see the rule above.
  CounterSlot* Claim(const CounterKey& key);
  std::vector<std::pair<CounterKey, const CounterSlot*>> All() const;
  // The key's slot; nullptr where it has none.
  CounterSlot* Find(const CounterKey& key) const;
  // Frees what has long been unused; call it now and then with the keys that routes name.
  void Release(const std::set<CounterKey>& in_use, MonotonicTime now);

  // What was wrong with the file that was replaced; empty: nothing.
  const std::string& note() const { return note_; }

 private:
  struct Layout;
  struct Idle {
    MonotonicTime since;
    CounterSnapshot seen;
  };
  Counters();
  std::size_t Touched() const;

  Descriptor file_;  // none: memory of our own
  Layout* layout_ = nullptr;
  std::string note_;
  std::unique_ptr<std::mutex> claiming_;  // among our own threads, which share the file's lock
  std::map<std::size_t, Idle> idle_;      // the releasing thread's
};

}  // namespace smhost
