#include "public_routes.h"

#include <algorithm>
#include <thread>

#include "base/limits.h"
#include "resources/public_route.h"
#include "runtime_control.h"
#include "wire/routes.h"

namespace smhost::cli {
namespace {

constexpr std::chrono::seconds kServes{10};
constexpr std::chrono::milliseconds kLooks{20};

Result<std::vector<OwnedRoute>> AllRoutes(Context& context) {
  std::vector<OwnedRoute> all;
  SMHOST_TRY(auto accounts, context.store().Accounts());
  for (const auto& account : accounts) {
    SMHOST_TRY(Listing listing, context.store().List(account, Kind::kPublicRoute));
    for (auto& resource : listing.resources) all.push_back({account, std::move(resource)});
  }
  return all;
}

bool InTable(Context& context, const Resource& route, const PublicRouteView& view) {
  const auto text = context.files().Read(context.home().Routes(), limits::kStateFileBytes);
  const auto table = text ? DecodeRoutes(*text) : Fail(text.error());
  if (!table) return false;
  return std::any_of(table->public_routes.begin(), table->public_routes.end(), [&](const PublicRoute& one) {
    return one.account == context.account() && one.name == route.name && one.path == view.path && one.open == view.open &&
           one.key_digests == view.key_digests;
  });
}

// A public route says to any other method that it wants POST.
bool Answers(Context& context, const PublicRouteView& view) {
  const auto answer = context.Call("GET", view.path, {}, "", kServes);
  return answer && answer->status == 405;
}

// "route p of account 123456789012"; empty: nobody else.
Result<std::string> OtherAtPath(Context& context, const Resource& route, const std::string& path) {
  SMHOST_TRY(const auto all, AllRoutes(context));
  const auto serving = ServingRoutes(all);
  const auto found = serving.find(path);
  if (found == serving.end() || (found->second->account == context.account() && found->second->resource.name == route.name)) return std::string();
  return "route " + found->second->resource.name + " of account " + found->second->account;
}

}  // namespace

Result<RouteState> ReadRouteState(Context& context, const Resource& route) {
  const PublicRouteView view = ViewPublicRoute(route.name, route.properties);
  const auto url = RuntimeUrl(context);
  RouteState state{view.path, url.value_or("") + view.path, {}};
  SMHOST_TRY(const std::string other, OtherAtPath(context, route, view.path));
  if (!other.empty())
    state.problem = other + " is older and serves " + view.path + "; give this one another Path";
  else if (!context.store().Get(context.account(), Kind::kEndpoint, view.endpoint))
    state.problem = "there is no endpoint " + view.endpoint + "; requests are answered with 503";
  else if (!url)
    state.problem = "no runtime runs; `smhost up` starts one";
  return state;
}

bool AwaitRoute(Context& context, const Resource& route) {
  const PublicRouteView view = ViewPublicRoute(route.name, route.properties);
  const auto deadline = context.clock().Monotonic() + kServes;
  while (!InTable(context, route, view) || !Answers(context, view)) {
    if (context.clock().Monotonic() >= deadline) return false;
    std::this_thread::sleep_for(kLooks);
  }
  return true;
}

}  // namespace smhost::cli
