// Places where a test makes a process die, stop, wait or fail, at a step that a signal from outside never hits. Compiled
// to nothing unless -DSMHOST_FAILPOINTS=ON. Any thread.
//
// SMHOST_FAIL="name=action@n": at the n-th pass (default 1) of that point in a process: kill (SIGKILL), stop (SIGSTOP),
// sleep:MS, eio (an error, where the point can return one). SMHOST_FAIL_ARMED=PATH: only while that file exists, and
// whoever fires removes it, so that exactly one process does, once.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

// name, the process that passes it, and the step of a runtime's life in which it does: tests/process/failpoint_test.py
// walks over this table. Steps: apply (an update), adopt (a new controller), restart, takeover.
#define SMHOST_FAILPOINT_TABLE(X)               \
  X(apply_locked, "smhost", "apply")            \
  X(apply_temporary, "smhost", "apply")         \
  X(apply_listed, "smhost", "apply")            \
  X(apply_placed, "smhost", "apply")            \
  X(apply_done, "smhost", "apply")              \
  X(fetch_spawned, "controller", "apply")       \
  X(fetch_begins, "fetch", "apply")             \
  X(unpack_entry, "fetch", "apply")             \
  X(snapshot_unpacked, "fetch", "apply")        \
  X(snapshot_renamed, "fetch", "apply")         \
  X(fetch_answers, "fetch", "apply")            \
  X(template_ordered, "controller", "apply")    \
  X(launcher_forks, "launcher", "apply")        \
  X(launcher_forked, "launcher", "apply")       \
  X(template_loads, "template", "apply")        \
  X(template_loaded, "template", "apply")       \
  X(template_seen, "controller", "apply")       \
  X(instance_ordered, "controller", "apply")    \
  X(template_forks, "template", "apply")        \
  X(template_forked, "template", "apply")       \
  X(instance_starts, "instance", "apply")       \
  X(instance_ready, "instance", "apply")        \
  X(instance_seen, "controller", "apply")       \
  X(journal_write, "controller", "apply")       \
  X(journal_written, "controller", "apply")     \
  X(routes_write, "controller", "apply")        \
  X(routes_written, "controller", "apply")      \
  X(routes_told, "controller", "apply")         \
  X(routes_heard, "gateway", "apply")           \
  X(routes_taken, "gateway", "apply")           \
  X(status_write, "controller", "apply")        \
  X(status_written, "controller", "apply")      \
  X(drain_begins, "controller", "apply")        \
  X(stop_begins, "controller", "apply")         \
  X(stop_sent, "controller", "apply")           \
  X(instance_drains, "instance", "apply")       \
  X(instance_forgotten, "controller", "apply")  \
  X(adopt_template, "controller", "adopt")      \
  X(adopt_instance, "controller", "adopt")      \
  X(child_forked, "supervisor", "adopt")        \
  X(child_recorded, "supervisor", "adopt")      \
  X(child_started, "supervisor", "adopt")       \
  X(restart_probed, "supervisor", "restart")    \
  X(restart_inherited, "supervisor", "restart") \
  X(restart_replaced, "supervisor", "restart")  \
  X(handover_asked, "gateway", "takeover")      \
  X(takeover_taken, "supervisor", "takeover")   \
  X(takeover_ended, "supervisor", "takeover")

namespace smhost {

enum class Failpoint {
#define SMHOST_FAILPOINT_NAME(name, process, step) name,
  SMHOST_FAILPOINT_TABLE(SMHOST_FAILPOINT_NAME)
#undef SMHOST_FAILPOINT_NAME
};

// A line each: name, process, step.
std::string FailpointTable();

struct FailOrder {
  enum class Action { kKill, kStop, kSleep, kEio };
  Failpoint point{};
  Action action = Action::kKill;
  int milliseconds = 0;
  int at = 1;
  bool operator==(const FailOrder&) const = default;
};
// kInvalid: neither a point of the table nor an action.
Result<FailOrder> ParseFailOrder(std::string_view text);

// What the macros call. The error is for those that can return one.
Status PassFailpoint(Failpoint point);

}  // namespace smhost

#ifdef SMHOST_FAILPOINTS
#define SMHOST_FAILPOINT(name) (void)::smhost::PassFailpoint(::smhost::Failpoint::name)
#define SMHOST_FAILPOINT_STATUS(name) SMHOST_TRY_STATUS(::smhost::PassFailpoint(::smhost::Failpoint::name))
#else
#define SMHOST_FAILPOINT(name) static_cast<void>(0)
#define SMHOST_FAILPOINT_STATUS(name) static_cast<void>(0)
#endif
