// What a supervisor that was killed has left: its gateway serves on and gives us the listening sockets, so that nothing is
// refused and the port stays; its controller and launcher, which have lost their parent's ear, end and are started anew.
// Called once, before the loop runs; waits where it must.
#pragma once

#include <optional>
#include <vector>

#include "base/files.h"
#include "state/home.h"
#include "supervisor/children_file.h"
#include "supervisor/options.h"
#include "supervisor/startup.h"

namespace smhost {

struct TakenOver {
  Descriptor tcp, local;
  std::vector<AdoptedProcess> adopted;  // the gateway, and those that leave
};

// Children of an earlier supervisor of this home that live.
std::vector<ChildRecord> ReadPredecessors(Files& files, const Home& home);

// Nothing where no gateway lives, it does not answer, or it listens elsewhere than is asked for now; `predecessors` are
// all to be ended then. Otherwise those that are no gateways have been.
std::optional<TakenOver> TakeOver(const Home& home, const UpOptions& options,
                                  const std::vector<ChildRecord>& predecessors);

void EndAll(const std::vector<ChildRecord>& predecessors);

}  // namespace smhost
