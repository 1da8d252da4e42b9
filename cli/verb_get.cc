#include <memory>

#include "alarm_state.h"
#include "context.h"
#include "api/endpoint_state.h"
#include "kind_argument.h"
#include "verbs.h"
#include "views.h"

namespace smhost::cli {
namespace {

struct GetOptions {
  std::string kind, name;
};

struct Found {
  Json list = Json::array();
  std::vector<std::string> names;
  Table table;
  bool damaged = false;
};

// Endpoints that are on their way out have a status and no document any more.
Result<std::vector<std::string>> NamesToShow(Context& context, Kind kind, const std::vector<Resource>& resources) {
  std::vector<std::string> names;
  for (const Resource& resource : resources) names.push_back(resource.name);
  if (kind != Kind::kEndpoint) return names;
  SMHOST_TRY(auto more, context.store().StatusNames(context.account(), kind));
  names.insert(names.end(), more.begin(), more.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Status AddEndpoint(Context& context, const std::string& name, bool running, Found& found) {
  auto state = ReadEndpointState(context.store(), context.account(), name, running);
  if (!state && state.error().code == Code::kNotFound) return {};  // gone meanwhile
  if (!state) return Fail(state.error());
  found.list.push_back(ListJson(*state));
  found.names.push_back(ResourceWord(Kind::kEndpoint, name));
  found.table.Add(RowOf(*state, context.out(), context.clock().Wall()));
  return {};
}

void AddResource(Context& context, const Resource& resource, Found& found) {
  found.names.push_back(ResourceWord(resource.kind, resource.name));
  if (resource.kind == Kind::kAlarm) {
    found.list.push_back(ReadAlarm(context, resource));
    return found.table.Add(AlarmRow(resource, found.list.back(), context.out(), context.clock().Wall()));
  }
  found.list.push_back(ListJson(resource));
  found.table.Add(RowOf(resource, context.clock().Wall()));
}

Result<Found> FindAll(Context& context, Kind kind) {
  Found found;
  found.table = Table(HeadingOf(kind));
  SMHOST_TRY(Listing listing, context.store().List(context.account(), kind));
  for (const Incident& incident : listing.incidents) {
    context.out().Warn(incident.resource + ": " + incident.message);
    if (!incident.previous_used) found.damaged = true;
  }
  if (kind != Kind::kEndpoint) {
    for (const Resource& resource : listing.resources) AddResource(context, resource, found);
    return found;
  }
  SMHOST_TRY(auto names, NamesToShow(context, kind, listing.resources));
  bool running = context.RuntimeRuns();
  if (!running && !names.empty()) context.out().Note("no runtime runs: `smhost up` starts one");
  for (const auto& name : names) SMHOST_TRY_STATUS(AddEndpoint(context, name, running, found));
  return found;
}

Result<Found> FindOne(Context& context, Kind kind, const std::string& name) {
  Found found;
  found.table = Table(HeadingOf(kind));
  if (kind == Kind::kEndpoint) {
    SMHOST_TRY(EndpointState state, ReadEndpointState(context.store(), context.account(), name, context.RuntimeRuns()));
    SMHOST_TRY_STATUS(AddEndpoint(context, name, context.RuntimeRuns(), found));
    return found;
  }
  SMHOST_TRY(Resource resource, context.store().Get(context.account(), kind, name));
  AddResource(context, resource, found);
  return found;
}

VerbResult Get(Context& context, const GetOptions& options) {
  auto kind = ParseKind(options.kind);
  if (!kind) return tl::unexpected<Failure>(kind.error());
  auto found = options.name.empty() ? FindAll(context, *kind) : FindOne(context, *kind, options.name);
  if (!found) return tl::unexpected<Failure>(Failure(found.error()));
  if (found->table.empty() && context.out().format() == Format::kTable) {
    context.out().Note("there is no " + std::string(InfoOf(*kind).prose) + " yet; `smhost apply -f FILE` makes one");
    return found->damaged ? Exit::kFailed : Exit::kDone;
  }
  SMHOST_TRY_STATUS(context.out().Show(found->list, found->names, [&] { return found->table.Text(); }));
  return found->damaged ? Exit::kFailed : Exit::kDone;
}

}  // namespace

Command GetCommand() {
  auto options = std::make_shared<GetOptions>();
  Command command;
  command.name = "get";
  command.group = "Resources";
  command.summary = "list resources of a kind";
  command.description =
      "Lists the resources of a kind, or the one of that name. With -o json, an array of what AWS's List operation "
      "returns (of alarms DescribeAlarms), times as ISO 8601.";
  command.example =
      "smhost get endpoint\n"
      "smhost get models -o name\n"
      "smhost get ep -o jsonpath='{range [*]}{.EndpointName} {.EndpointStatus}{\"\\n\"}{end}'";
  command.positionals = {
      {"KIND", KindList(), &options->kind, true, Complete::kKind},
      {"NAME", "only this one", &options->name, false, Complete::kName}};
  command.run = [options](Context& context) { return Get(context, *options); };
  return command;
}

}  // namespace smhost::cli
