// The messages on the control sockets, one JSON object a packet, and the records that prove who lives.
//
// run/launcher.sock        controller → launcher: TemplateOrder;  launcher → controller: Started
// run/templates/<id>.sock  controller → template: InstanceOrder;  template → controller: first, once it has loaded or
//                          failed to, TemplateReport; Started for each order, in order; Exited whenever a child ended
// run/instances/<id>.sock  frames (wire/frame.h); the listening socket is bound by the parent before the fork, so a
//                          connection may wait in it while the model loads or warms up
// run/gateway.sock         controller → gateway: RoutesReady;  gateway → controller: RoutesTaken, InstanceIdle, InstanceLost,
//                          InstancesPoisoned
//
// A record run/{templates,instances}/<id>.json is locked (flock) by its process from before the fork on: the parent
// opens and locks it, the child inherits the lock, the parent closes its descriptor. It holds the process's identity.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/result.h"

namespace smhost {

// "Make a template": one per model snapshot, settings that matter to loading, and device kind.
struct TemplateOrder {
  std::string id;          // "t-" + 12 hex digits
  std::string digest;      // of the snapshot, "sha256:<64 hex>"
  std::string model_folder;  // absolute: the unpacked snapshot
  std::map<std::string, std::string> environment;  // the container's Environment, SMHOST_… among it
};

// "Make an instance of your model."
struct InstanceOrder {
  std::string id;          // "i-" + 12 hex digits
  std::string account, endpoint, fleet, variant;
  int index = 0;           // 0 … count-1 within the variant
  int threads = 1;
  std::uint64_t memory_bytes = 0;  // private memory it may have beyond the template's; 0: no limit
  std::uint64_t volume_bytes = 0;  // size of its scratch folder
  std::string scratch_folder;      // absolute; exists and is empty; the instance's alone
  std::string log_path;            // absolute; its folder exists
  std::chrono::seconds call_limit = limits::kModelCall;  // of one call of its model
};

struct Started {
  std::string id;
  std::optional<ProcessId> process;  // absent: `error` says why
  std::string error;
};

struct TemplateReport {
  std::string id;
  bool ready = false;
  std::string error;       // one line, with torch's words
  std::string model_file;  // relative to the folder
  std::int64_t load_ms = 0;
};

struct Exited {
  std::string id;          // of the instance
  std::string reason;      // base/process.h DescribeExit
};

struct RoutesReady { std::uint64_t generation = 0; };
struct RoutesTaken {
  std::uint64_t generation = 0;
  std::vector<std::string> busy;  // instances no longer routed to that still owe an answer
};
struct InstanceIdle { std::string id; };  // one of those owes nothing more
struct InstanceLost { std::string id; };  // its connection broke or it spoke nonsense: a hint to look at it
// They ended by one request, which is refused from now on: that says nothing against their model.
struct InstancesPoisoned { std::vector<std::string> ids; };

// A message of any kind as text, and back. Decode…: kInvalid for anything else than what was asked for.
std::string Encode(const TemplateOrder&);
std::string Encode(const InstanceOrder&);
std::string Encode(const Started&);
std::string Encode(const TemplateReport&);
std::string Encode(const Exited&);
std::string Encode(const RoutesReady&);
std::string Encode(const RoutesTaken&);
std::string Encode(const InstanceIdle&);
std::string Encode(const InstanceLost&);
std::string Encode(const InstancesPoisoned&);

// The "op" of a message ("template", "instance", "started", "report", "exited", "routes", "taken", "idle", "lost", "poisoned").
// One that is not known is to be let pass: it is a newer peer's.
Result<Json> ParseMessage(const std::string& text, std::string& op);
Result<TemplateOrder> DecodeTemplateOrder(const Json&);
Result<InstanceOrder> DecodeInstanceOrder(const Json&);
Result<Started> DecodeStarted(const Json&);
Result<TemplateReport> DecodeTemplateReport(const Json&);
Result<Exited> DecodeExited(const Json&);
Result<RoutesReady> DecodeRoutesReady(const Json&);
Result<RoutesTaken> DecodeRoutesTaken(const Json&);
Result<InstanceIdle> DecodeInstanceIdle(const Json&);
Result<InstanceLost> DecodeInstanceLost(const Json&);
Result<InstancesPoisoned> DecodeInstancesPoisoned(const Json&);

// A record's content. `order` is the message that made the process, so that a new controller knows all about it.
struct ProcessRecord {
  ProcessId process;
  Json order;
};
std::string EncodeRecord(const ProcessRecord&);
Result<ProcessRecord> DecodeRecord(const std::string& text);

}  // namespace smhost
