#include "state/alarm_requests.h"

#include <catch2/catch.hpp>

#include "unit/state/state_world.h"

using namespace smhost;

TEST_CASE("a state given to an alarm waits until somebody takes it") {
  StateWorld world;
  AlarmRequests requests(world.files, world.home);
  CHECK_FALSE(requests.Get(world.account, "a"));
  requests.Take(world.account, [](const std::string&, const AlarmRequest&) -> bool { throw "nothing was given"; });
  REQUIRE(requests.Put(world.account, "a", {"u", "OK", "first", "", "t1"}));
  REQUIRE(requests.Put(world.account, "a", {"u", "ALARM", "second", "{}", "t2"}));
  REQUIRE(requests.Put(world.account, "b", {"v", "OK", "third", "", "t3"}));
  CHECK(requests.Put(world.account, "../x", {}).error().code == Code::kInvalid);
  std::map<std::string, std::string> seen;
  requests.Take(world.account, [&](const std::string& alarm, const AlarmRequest& request) {
    seen[alarm] = request.uid + " " + request.state + " " + request.reason + " " + request.reason_data + " " + request.time;
    return alarm == "a";
  });
  CHECK(seen == std::map<std::string, std::string>{{"a", "u ALARM second {} t2"}, {"b", "v OK third  t3"}});
  CHECK_FALSE(requests.Get(world.account, "a"));
  CHECK(requests.Get(world.account, "b"));
}
