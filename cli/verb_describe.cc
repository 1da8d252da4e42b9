#include <memory>

#include "alarm_state.h"
#include "context.h"
#include "api/endpoint_state.h"
#include "event_feed.h"
#include "public_routes.h"
#include "kind_argument.h"
#include "verbs.h"
#include "views.h"

namespace smhost::cli {
namespace {

constexpr std::size_t kEventsShown = 10;

struct DescribeOptions {
  std::string kind, name;
};

VerbResult DescribeEndpoint(Context& context, const std::string& name) {
  bool running = context.RuntimeRuns();
  SMHOST_TRY(EndpointState state, ReadEndpointState(context.store(), context.account(), name, running));
  if (!running) context.out().Note("no runtime runs: `smhost up` starts one");
  auto config = context.store().Get(context.account(), Kind::kEndpointConfig, StringOr(state.describe, "EndpointConfigName"));
  const Json described = DescribeJson(state, config ? std::optional<Resource>(*config) : std::nullopt);
  SMHOST_TRY_STATUS(context.out().Show(described, {ResourceWord(Kind::kEndpoint, name)}, [&] {
    return DescribePage(state, EventFeed(context).LastOf(Kind::kEndpoint, name, kEventsShown), context.out(), context.clock().Wall());
  }));
  return Exit::kDone;
}

VerbResult DescribeAlarm(Context& context, const std::string& name) {
  SMHOST_TRY(Resource alarm, context.store().Get(context.account(), Kind::kAlarm, name));
  const Json described = ReadAlarm(context, alarm);
  if (!context.RuntimeRuns()) context.out().Note("no runtime runs, so nothing evaluates alarms: `smhost up` starts one");
  SMHOST_TRY_STATUS(context.out().Show(described, {ResourceWord(Kind::kAlarm, name)}, [&] {
    return AlarmPage(alarm, described, EventFeed(context).LastOf(Kind::kAlarm, name, kEventsShown), context.out(),
                     context.clock().Wall());
  }));
  return Exit::kDone;
}

VerbResult DescribePublicRoute(Context& context, const Resource& route) {
  SMHOST_TRY(RouteState state, ReadRouteState(context, route));
  Json described = DescribeJson(route);
  described["Path"] = state.path;
  described["Smhost"] = {{"Url", state.url}, {"Serves", state.problem.empty()}, {"Problem", state.problem}};
  SMHOST_TRY_STATUS(context.out().Show(described, {ResourceWord(Kind::kPublicRoute, route.name)}, [&] {
    const std::string page = DescribePage(route, context.clock().Wall());
    return state.problem.empty() ? page + "URL: " + state.url + "\n" : page + "Does not serve: " + state.problem + "\n";
  }));
  return Exit::kDone;
}

VerbResult Describe(Context& context, const DescribeOptions& options) {
  auto kind = ParseKind(options.kind);
  if (!kind) return tl::unexpected<Failure>(kind.error());
  if (*kind == Kind::kEndpoint) return DescribeEndpoint(context, options.name);
  if (*kind == Kind::kAlarm) return DescribeAlarm(context, options.name);
  SMHOST_TRY(Resource resource, context.store().Get(context.account(), *kind, options.name));
  if (*kind == Kind::kPublicRoute) return DescribePublicRoute(context, resource);
  SMHOST_TRY_STATUS(context.out().Show(DescribeJson(resource), {ResourceWord(*kind, options.name)},
                                       [&] { return DescribePage(resource, context.clock().Wall()); }));
  return Exit::kDone;
}

}  // namespace

Command DescribeCommand() {
  auto options = std::make_shared<DescribeOptions>();
  Command command;
  command.name = "describe";
  command.group = "Resources";
  command.summary = "show all of one resource";
  command.description =
      "Shows a resource; of an endpoint its status, variants, instances and last events, of an alarm its state and why. With -o json, what AWS's "
      "Describe "
      "operation returns, times as ISO 8601; an endpoint has a member Smhost besides, with its instances.";
  command.example =
      "smhost describe endpoint vad\n"
      "smhost describe ep vad -o jsonpath='{.EndpointStatus}'";
  command.positionals = {
      {"KIND", KindList(), &options->kind, true, Complete::kKind},
      {"NAME", "its name", &options->name, true, Complete::kName}};
  command.run = [options](Context& context) { return Describe(context, *options); };
  return command;
}

}  // namespace smhost::cli
