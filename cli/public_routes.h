// Public routes as the command line shows them: where one is reached, and why it is not. Reads the documents of all accounts.
#pragma once

#include <string>

#include "context.h"
#include "resources/kind.h"

namespace smhost::cli {

struct RouteState {
  std::string path;
  std::string url;      // the path alone where no runtime runs
  std::string problem;  // why requests are not answered by its endpoint; empty: nothing known
};
Result<RouteState> ReadRouteState(Context& context, const Resource& route);

// Until the gateway serves the route as it is stored; false: not within a few seconds.
bool AwaitRoute(Context& context, const Resource& route);

}  // namespace smhost::cli
