#include <cstdio>

#include "context.h"
#include "api/endpoint_state.h"
#include "process_list.h"
#include "runtime_control.h"
#include "text.h"
#include "time_text.h"
#include "verbs.h"
#include "views.h"

namespace smhost::cli {
namespace {

constexpr auto kPingPatience = std::chrono::seconds(2);

std::string MebibytesText(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

struct Picture {
  std::optional<RuntimeInfo> info;
  bool answers = false;
  std::string url;
  std::vector<RuntimeProcess> processes;
  std::vector<EndpointState> endpoints;
};

Result<Picture> Look(Context& context) {
  Picture picture;
  picture.info = RunningRuntime(context.home());
  if (picture.info) {
    picture.url = UrlOf(*picture.info);
    auto pong = HttpOverUnix(context.home().Socket(), "GET", "/ping", {}, "", kPingPatience);
    picture.answers = pong && pong->status == 200;
    picture.processes = ProcessesOf(context.files(), context.home());
  }
  SMHOST_TRY(auto names, context.store().StatusNames(context.account(), Kind::kEndpoint));
  SMHOST_TRY(Listing listing, context.store().List(context.account(), Kind::kEndpoint));
  for (const Incident& incident : listing.incidents) context.out().Warn(incident.resource + ": " + incident.message);
  for (const Resource& endpoint : listing.resources) names.push_back(endpoint.name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const auto& name : names)
    if (auto state = ReadEndpointState(context.store(), context.account(), name, picture.info.has_value()))
      picture.endpoints.push_back(*state);
  return picture;
}

Json JsonOf(Context& context, const Picture& picture) {
  Json out = {{"Running", picture.info.has_value()},
              {"Answers", picture.answers},
              {"Home", context.home().root()},
              {"Processes", Json::array()},
              {"Endpoints", Json::array()}};
  if (picture.info) {
    out["Pid"] = picture.info->pid;
    out["Port"] = picture.info->port;
    out["Url"] = picture.url;
    out["Version"] = picture.info->version;
    out["Started"] = picture.info->started;
  }
  for (const RuntimeProcess& process : picture.processes)
    out["Processes"].push_back({{"Role", process.role},
                                {"Object", process.object},
                                {"Pid", process.pid},
                                {"MemoryBytes", process.memory_bytes}});
  for (const EndpointState& state : picture.endpoints) out["Endpoints"].push_back(ListJson(state));
  return out;
}

std::string Page(Context& context, const Picture& picture) {
  Output& out = context.out();
  WallTime now = context.clock().Wall();
  Table head;
  if (!picture.info) {
    head.Add({"Runtime:", out.Paint("not running", Colour::kBad)});
    head.Add({"Home:", context.home().root()});
  } else {
    head.Add({"Runtime:", out.Paint("running", Colour::kGood) + ", " + Age(picture.info->started, now) + ", version " +
                              picture.info->version});
    head.Add({"Gateway:",
              picture.answers ? out.Paint("answers", Colour::kGood) : out.Paint("does not answer", Colour::kBad)});
    head.Add({"URL:", picture.url});
    head.Add({"Home:", context.home().root()});
  }
  std::string page = head.Text();
  Table processes({"PROCESS", "OBJECT", "PID", "MEMORY"});
  for (const RuntimeProcess& process : picture.processes)
    processes.Add({process.role, process.object.empty() ? "-" : process.object, std::to_string(process.pid),
                   MebibytesText(process.memory_bytes)});
  if (!processes.empty()) page += "\n" + processes.Text();
  Table endpoints({"ENDPOINT", "STATUS", "CONFIG", "INSTANCES", "AGE"});
  for (const EndpointState& state : picture.endpoints) endpoints.Add(RowOf(state, out, now));
  if (!endpoints.empty()) page += "\n" + endpoints.Text();
  return page;
}

VerbResult StatusVerb(Context& context) {
  SMHOST_TRY(Picture picture, Look(context));
  SMHOST_TRY_STATUS(context.out().Show(JsonOf(context, picture), {picture.info ? "running" : "stopped"},
                                       [&] { return Page(context, picture); }));
  if (!picture.info) {
    context.out().Note("start it with `smhost up`");
    return Exit::kNoRuntime;
  }
  return picture.answers ? Exit::kDone : Exit::kFailed;
}

}  // namespace

Command StatusCommand() {
  Command command;
  command.name = "status";
  command.group = "Runtime";
  command.summary = "show the runtime, its processes and endpoints";
  command.description =
      "Shows whether a runtime runs and answers, its processes with their share of memory, and the endpoints. Exit "
      "code 7 "
      "where none runs.";
  command.example = "smhost status\nsmhost status -o jsonpath='{.Url}'";
  command.run = StatusVerb;
  return command;
}

}  // namespace smhost::cli
