#include "wire/control.h"

#include "base/limits.h"

namespace smhost {
namespace {

Json ToJson(const ProcessId& id) { return {{"pid", id.pid}, {"start_time", id.start_time}, {"boot_id", id.boot_id}}; }
ProcessId ProcessFrom(const Json& j) {
  return {static_cast<pid_t>(IntOr(j, "pid")), static_cast<std::uint64_t>(IntOr(j, "start_time")), StringOr(j, "boot_id")};
}

tl::unexpected<Error> Bad(const char* what) { return Fail(Code::kInvalid, std::string("control message: not a ") + what); }

// An id becomes a file name: nothing but what we make ourselves.
bool GoodId(const std::string& id, char kind) {
  if (id.size() != 14 || id[0] != kind || id[1] != '-') return false;
  return id.find_first_not_of("0123456789abcdef", 2) == std::string::npos;
}

}  // namespace

std::string Encode(const TemplateOrder& o) {
  return CompactJson({{"op", "template"}, {"id", o.id}, {"digest", o.digest}, {"model_folder", o.model_folder},
                      {"environment", o.environment}});
}
std::string Encode(const InstanceOrder& o) {
  return CompactJson({{"op", "instance"}, {"id", o.id}, {"account", o.account}, {"endpoint", o.endpoint},
                      {"fleet", o.fleet}, {"variant", o.variant}, {"index", o.index}, {"threads", o.threads},
                      {"memory_bytes", o.memory_bytes}, {"volume_bytes", o.volume_bytes}, {"call_limit_s", o.call_limit.count()},
                      {"scratch_folder", o.scratch_folder}, {"log_path", o.log_path}});
}
std::string Encode(const Started& m) {
  Json j = {{"op", "started"}, {"id", m.id}, {"error", m.error}};
  if (m.process) j["process"] = ToJson(*m.process);
  return CompactJson(j);
}
std::string Encode(const TemplateReport& m) {
  return CompactJson({{"op", "report"}, {"id", m.id}, {"ready", m.ready}, {"error", m.error},
                      {"model_file", m.model_file}, {"load_ms", m.load_ms}});
}
std::string Encode(const Exited& m) { return CompactJson({{"op", "exited"}, {"id", m.id}, {"reason", m.reason}}); }
std::string Encode(const RoutesReady& m) { return CompactJson({{"op", "routes"}, {"generation", m.generation}}); }
std::string Encode(const RoutesTaken& m) {
  return CompactJson({{"op", "taken"}, {"generation", m.generation}, {"busy", m.busy}});
}
std::string Encode(const InstanceIdle& m) { return CompactJson({{"op", "idle"}, {"id", m.id}}); }
std::string Encode(const InstanceLost& m) { return CompactJson({{"op", "lost"}, {"id", m.id}}); }
std::string Encode(const InstancesPoisoned& m) { return CompactJson({{"op", "poisoned"}, {"ids", m.ids}}); }

Result<Json> ParseMessage(const std::string& text, std::string& op) {
  SMHOST_TRY(Json message, ParseJson(text, "control message", limits::kControlMessageBytes));
  op = StringOr(message, "op");
  if (op.empty()) return Bad("message with an op");
  return message;
}

Result<TemplateOrder> DecodeTemplateOrder(const Json& j) {
  TemplateOrder o{StringOr(j, "id"), StringOr(j, "digest"), StringOr(j, "model_folder"), {}};
  if (StringOr(j, "op") != "template" || !GoodId(o.id, 't') || o.model_folder.empty()) return Bad("template order");
  for (const auto& [key, value] : MemberOr(j, "environment").items())
    if (value.is_string()) o.environment[key] = value.get<std::string>();
  return o;
}
Result<InstanceOrder> DecodeInstanceOrder(const Json& j) {
  InstanceOrder o;
  o.id = StringOr(j, "id");
  o.account = StringOr(j, "account");
  o.endpoint = StringOr(j, "endpoint");
  o.fleet = StringOr(j, "fleet");
  o.variant = StringOr(j, "variant");
  o.index = static_cast<int>(IntOr(j, "index"));
  o.threads = static_cast<int>(IntOr(j, "threads", 1));
  o.memory_bytes = static_cast<std::uint64_t>(IntOr(j, "memory_bytes"));
  o.volume_bytes = static_cast<std::uint64_t>(IntOr(j, "volume_bytes"));
  o.call_limit = std::chrono::seconds(IntOr(j, "call_limit_s", std::chrono::seconds(limits::kModelCall).count()));
  o.scratch_folder = StringOr(j, "scratch_folder");
  o.log_path = StringOr(j, "log_path");
  if (StringOr(j, "op") != "instance" || !GoodId(o.id, 'i') || o.threads < 1) return Bad("instance order");
  return o;
}
Result<Started> DecodeStarted(const Json& j) {
  if (StringOr(j, "op") != "started") return Bad("start report");
  Started m{StringOr(j, "id"), std::nullopt, StringOr(j, "error")};
  if (j.contains("process")) m.process = ProcessFrom(j["process"]);
  return m;
}
Result<TemplateReport> DecodeTemplateReport(const Json& j) {
  if (StringOr(j, "op") != "report") return Bad("template report");
  return TemplateReport{StringOr(j, "id"), BoolOr(j, "ready"), StringOr(j, "error"), StringOr(j, "model_file"),
                        IntOr(j, "load_ms")};
}
Result<Exited> DecodeExited(const Json& j) {
  if (StringOr(j, "op") != "exited") return Bad("exit report");
  return Exited{StringOr(j, "id"), StringOr(j, "reason")};
}
Result<RoutesReady> DecodeRoutesReady(const Json& j) {
  if (StringOr(j, "op") != "routes") return Bad("routes message");
  return RoutesReady{static_cast<std::uint64_t>(IntOr(j, "generation"))};
}
Result<RoutesTaken> DecodeRoutesTaken(const Json& j) {
  if (StringOr(j, "op") != "taken") return Bad("routes answer");
  RoutesTaken m{static_cast<std::uint64_t>(IntOr(j, "generation")), {}};
  for (const auto& id : MemberOr(j, "busy"))
    if (id.is_string()) m.busy.push_back(id.get<std::string>());
  return m;
}
Result<InstanceIdle> DecodeInstanceIdle(const Json& j) {
  if (StringOr(j, "op") != "idle") return Bad("idle message");
  return InstanceIdle{StringOr(j, "id")};
}
Result<InstanceLost> DecodeInstanceLost(const Json& j) {
  if (StringOr(j, "op") != "lost") return Bad("lost message");
  return InstanceLost{StringOr(j, "id")};
}
Result<InstancesPoisoned> DecodeInstancesPoisoned(const Json& j) {
  if (StringOr(j, "op") != "poisoned") return Bad("poisoned message");
  InstancesPoisoned m;
  for (const auto& id : MemberOr(j, "ids"))
    if (id.is_string() && m.ids.size() < limits::kPoisonedInstances) m.ids.push_back(id.get<std::string>());
  return m;
}

std::string EncodeRecord(const ProcessRecord& record) {
  return CompactJson({{"process", ToJson(record.process)}, {"order", record.order}}) + "\n";
}
Result<ProcessRecord> DecodeRecord(const std::string& text) {
  SMHOST_TRY(Json j, ParseJson(text, "process record", limits::kControlMessageBytes));
  if (!j.is_object() || !j.contains("process") || !j.contains("order")) return Bad("process record");
  return ProcessRecord{ProcessFrom(j["process"]), j["order"]};
}

}  // namespace smhost
