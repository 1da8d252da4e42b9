#include "api/endpoint_state.h"

#include <catch2/catch.hpp>

#include "unit/api/endpoint_statuses.h"

namespace smhost {
namespace {

TEST_CASE("an endpoint that the controller has not seen yet is Creating") {
  EndpointState state = ComposeEndpointState(StatedEndpoint(), kWanted, std::nullopt, true);
  CHECK((state.exists && state.wanted && !state.observed));
  CHECK(state.describe["EndpointStatus"] == "Creating");
  CHECK(state.describe["EndpointConfigName"] == "c");
}

TEST_CASE("a status of the wanted generations is taken as it is") {
  EndpointState state = Running(StatusDocument("InService"));
  CHECK((state.observed && state.status == "InService" && state.stage == "Starting"));
  REQUIRE(state.instances.size() == 1);
  CHECK((state.instances[0].id == "i-1" && state.instances[0].pid == 42 && state.instances[0].restarts == 1));
}

TEST_CASE("a status of an older generation of any of its documents says Updating") {
  CHECK(Running(StatusDocument("InService", 1, 5, 7)).status == "Updating");
  CHECK(Running(StatusDocument("InService", 2, 4, 7)).status == "Updating");
  CHECK(Running(StatusDocument("InService", 2, 5, 6)).status == "Updating");
  CHECK(Running(StatusDocument("Failed", 1, 5, 7)).status == "Creating");
}

TEST_CASE("a status of an earlier endpoint of the same name does not count") {
  Json status = StatusDocument("InService");
  status["CreationTime"] = "2025-01-01T00:00:00.000Z";
  CHECK_FALSE(Running(status).observed);
}

TEST_CASE("a status without a document is that of an endpoint on its way out") {
  EndpointState state = ComposeEndpointState(std::nullopt, {}, StatusDocument("InService"), true);
  CHECK((state.exists && !state.wanted && state.status == "Deleting"));
  CHECK_FALSE(ComposeEndpointState(std::nullopt, {}, std::nullopt, true).exists);
}

TEST_CASE("without a runtime nothing is in service, and a failure stays one") {
  CHECK(ComposeEndpointState(StatedEndpoint(), kWanted, StatusDocument("InService"), false).status == "OutOfService");
  CHECK(ComposeEndpointState(StatedEndpoint(), kWanted, StatusDocument("Failed"), false).status == "Failed");
}

TEST_CASE("a status that is no object or has members of other types breaks nothing") {
  for (const Json& status :
       {Json(7), Json::array(), Json{{"Smhost", 3}}, Json{{"Smhost", {{"Instances", "x"}, {"ObservedGenerations", 1}}}},
        Json{{"EndpointStatus", 9}}})
    CHECK_FALSE(Running(status).observed);
}

TEST_CASE("a change that the controller has not seen yet has its own time and none of the reasons before it") {
  Json status = StatusDocument("InService", 1);
  status["LastModifiedTime"] = "2026-01-31T12:00:01.000Z";
  status["FailureReason"] = "an alarm";
  Resource changed = StatedEndpoint();
  changed.last_modified_time = "2026-01-31T12:00:02.000Z";
  const EndpointState state = ComposeEndpointState(changed, kWanted, status, true);
  CHECK(state.status == "Updating");
  CHECK(state.describe["LastModifiedTime"] == "2026-01-31T12:00:02.000Z");
  CHECK_FALSE(state.describe.contains("FailureReason"));
  CHECK(state.reason == "an alarm");

  status = StatusDocument("InService");
  status["LastModifiedTime"] = "2026-01-31T12:00:03.000Z";
  status["FailureReason"] = "an alarm";
  const EndpointState seen = ComposeEndpointState(changed, kWanted, status, true);
  CHECK(seen.describe["LastModifiedTime"] == "2026-01-31T12:00:03.000Z");
  CHECK(seen.describe["FailureReason"] == "an alarm");
}

}  // namespace
}  // namespace smhost
