#include "endpoint_state.h"

#include <catch2/catch.hpp>

#include "follow.h"

namespace smhost::cli {
namespace {

constexpr const char* kMade = "2026-01-31T12:00:00.000Z";

Resource Document() {
  Resource resource;
  resource.kind = Kind::kEndpoint;
  resource.name = "vad";
  resource.generation = 2;
  resource.creation_time = kMade;
  resource.last_modified_time = kMade;
  resource.properties = {{"EndpointName", "vad"}, {"EndpointConfigName", "c"}};
  return resource;
}

const Generations kWanted{2, 5, {{"m", 7}}};

Json StatusDocument(const std::string& word, int endpoint = 2, int config = 5, int model = 7) {
  return {{"EndpointName", "vad"},
          {"EndpointStatus", word},
          {"CreationTime", kMade},
          {"Smhost",
           {{"Stage", "Starting"},
            {"ObservedGenerations", {{"endpoint", endpoint}, {"endpoint-config", config}, {"models", {{"m", model}}}}},
            {"Instances",
             {{{"Id", "i-1"}, {"Variant", "v"}, {"Index", 0}, {"State", "Ready"}, {"Pid", 42}, {"Restarts", 1}}}}}}};
}

EndpointState Running(const Json& status) { return ComposeEndpointState(Document(), kWanted, status, true); }

TEST_CASE("an endpoint that the controller has not seen yet is Creating") {
  EndpointState state = ComposeEndpointState(Document(), kWanted, std::nullopt, true);
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
  CHECK(ComposeEndpointState(Document(), kWanted, StatusDocument("InService"), false).status == "OutOfService");
  CHECK(ComposeEndpointState(Document(), kWanted, StatusDocument("Failed"), false).status == "Failed");
}

TEST_CASE("a status that is no object or has members of other types breaks nothing") {
  for (const Json& status :
       {Json(7), Json::array(), Json{{"Smhost", 3}}, Json{{"Smhost", {{"Instances", "x"}, {"ObservedGenerations", 1}}}},
        Json{{"EndpointStatus", 9}}})
    CHECK_FALSE(Running(status).observed);
}

TEST_CASE("after an apply only the wanted generations count") {
  CHECK(JudgeApplied(Running(StatusDocument("InService", 1))) == Verdict::kPending);
  CHECK(JudgeApplied(Running(StatusDocument("Failed", 1))) == Verdict::kPending);
  CHECK(JudgeApplied(Running(StatusDocument("Updating"))) == Verdict::kPending);
  CHECK(JudgeApplied(Running(StatusDocument("InService"))) == Verdict::kReached);
  CHECK(JudgeApplied(Running(StatusDocument("Failed"))) == Verdict::kUnreachable);
  CHECK(JudgeApplied(ComposeEndpointState(std::nullopt, {}, StatusDocument("InService"), true)) ==
        Verdict::kUnreachable);
}

TEST_CASE("an update that failed ends the wait although the version before it serves") {
  Json status = StatusDocument("InService");
  status["FailureReason"] = "no such artifact";
  CHECK(JudgeApplied(Running(status)) == Verdict::kUnreachable);
  CHECK(JudgeStatus(Running(status), "InService") == Verdict::kReached);
}

TEST_CASE("waiting for a status ends where it can no longer come") {
  CHECK(JudgeStatus(Running(StatusDocument("Creating")), "InService") == Verdict::kPending);
  CHECK(JudgeStatus(Running(StatusDocument("Failed")), "InService") == Verdict::kUnreachable);
  CHECK(JudgeStatus(Running(StatusDocument("Failed")), "Failed") == Verdict::kReached);
  CHECK(JudgeStatus(ComposeEndpointState(std::nullopt, {}, StatusDocument("InService"), true), "InService") ==
        Verdict::kUnreachable);
  CHECK(JudgeStatus(EndpointState{}, "InService") == Verdict::kUnreachable);
  CHECK(JudgeDeleted(EndpointState{}) == Verdict::kReached);
  CHECK(JudgeDeleted(Running(StatusDocument("Failed"))) == Verdict::kPending);
}

}  // namespace
}  // namespace smhost::cli
