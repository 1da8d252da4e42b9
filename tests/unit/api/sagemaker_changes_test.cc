#include <array>
#include <atomic>
#include <thread>

#include "resources/steering.h"
#include "unit/api/sagemaker_world.h"

namespace smhost {
namespace {

const std::string kInProgress = "Cannot update in-progress endpoint \"" + HostingArn("endpoint/e") + "\".";

Json Sizes(const Json& size) { return {{"EndpointName", "e"}, {"DesiredWeightsAndCapacities", Json::array({size})}}; }

TEST_CASE("UpdateEndpoint stores the new configuration and every word about the way there") {
  SagemakerWorld world;
  world.MakeEndpoint();
  world.MakeConfig("c2");
  const Json deployment = {{"RollingUpdatePolicy", {{"MaximumBatchSize", {{"Type", "CAPACITY_PERCENT"}, {"Value", 50}}}, {"WaitIntervalInSeconds", 0}}}};
  Json input = world.EndpointInput("E", "C2");
  input["RetainAllVariantProperties"] = true;
  input["ExcludeRetainedVariantProperties"] = {{{"VariantPropertyType", "DesiredWeight"}}};
  input["DeploymentConfig"] = deployment;
  CHECK(world.Done("UpdateEndpoint", input) == Json({{"EndpointArn", HostingArn("endpoint/e")}}));
  const Resource stored = world.store.Get(world.account, Kind::kEndpoint, "e").value();
  CHECK(stored.generation == 2);
  CHECK(stored.properties == Json({{"EndpointName", "e"},
                                   {"EndpointConfigName", "c2"},
                                   {"RetainAllVariantProperties", true},
                                   {"ExcludeRetainedVariantProperties", {{{"VariantPropertyType", "DesiredWeight"}}}},
                                   {"DeploymentConfig", deployment}}));
  CHECK(world.StatusOf("e") == "Updating");
}

TEST_CASE("UpdateEndpoint wants a configuration that exists and a policy that holds") {
  SagemakerWorld world;
  world.MakeEndpoint();
  CHECK(world.Invalid("UpdateEndpoint", world.EndpointInput("e", "none")) ==
        "Could not find endpoint configuration \"" + HostingArn("endpoint-config/none") + "\".");
  CHECK(world.Invalid("UpdateEndpoint", world.EndpointInput("none")) == "Could not find endpoint \"" + HostingArn("endpoint/none") + "\".");
  Json input = world.EndpointInput("e");
  input["DeploymentConfig"] = {{"RollingUpdatePolicy", {{"MaximumBatchSize", {{"Type", "CAPACITY_PERCENT"}, {"Value", 51}}}, {"WaitIntervalInSeconds", 0}}}};
  CHECK_THAT(world.Invalid("UpdateEndpoint", input), Catch::Contains("between 5 and 50 percent"));
  CHECK(world.store.Get(world.account, Kind::kEndpoint, "e")->generation == 1);
}

TEST_CASE("weights and counts go to the variants of the serving configuration") {
  SagemakerWorld world;
  world.MakeEndpoint();
  CHECK(world.Done("UpdateEndpointWeightsAndCapacities", Sizes({{"VariantName", "main"}, {"DesiredWeight", 0.5}, {"DesiredInstanceCount", 3}})) ==
        Json({{"EndpointArn", HostingArn("endpoint/e")}}));
  const Steering steering = ReadSteering(world.store.Get(world.account, Kind::kEndpoint, "e")->steering);
  CHECK(steering.sizes.at("main").weight == 0.5);
  CHECK(steering.sizes.at("main").count == 3);
  CHECK(world.StatusOf("e") == "Updating");
}

TEST_CASE("weights and counts that cannot be are refused with AWS's texts") {
  SagemakerWorld world;
  world.MakeEndpoint();
  const std::string operation = "UpdateEndpointWeightsAndCapacities";
  CHECK(world.Invalid(operation, Sizes({{"VariantName", "x"}, {"DesiredWeight", 1}})) ==
        "The variant name(s) \"x\" is/are not present within endpoint configuration \"c\".");
  CHECK_THAT(world.Invalid(operation, Sizes({{"VariantName", "main"}, {"DesiredWeight", -1}})), Catch::StartsWith("1 validation error detected: Value '-1'"));
  CHECK_THAT(world.Invalid(operation, Sizes({{"VariantName", "main"}, {"ServerlessUpdateConfig", {{"MaxConcurrency", 1}}}})), Catch::StartsWith("Not supported by smhost"));
  const ApiError error = world.Refused(operation, Sizes({{"VariantName", "main"}, {"DesiredInstanceCount", 257}}));
  CHECK(error.code == "ResourceLimitExceeded");
  CHECK_THAT(error.message, Catch::StartsWith("The account-level service limit 'ml.m5.large for endpoint usage' is 256 Instances, with "
                                              "current utilization of 1 Instances and a request delta of 256 Instances."));
  CHECK(world.Refused(operation, Sizes({{"VariantName", "main"}, {"DesiredInstanceCount", 99'999'999'999}})).code == "ResourceLimitExceeded");
  CHECK(world.Invalid(operation, {{"EndpointName", "x"}, {"DesiredWeightsAndCapacities", {{{"VariantName", "main"}, {"DesiredInstanceCount", 1}}}}}) ==
        "Could not find endpoint \"" + HostingArn("endpoint/x") + "\".");
  CHECK(world.store.Get(world.account, Kind::kEndpoint, "e")->generation == 1);
}

TEST_CASE("an endpoint that is not at rest takes no change, in AWS's words") {
  SagemakerWorld world;
  world.MakeEndpoint();
  const auto refuses_all = [&] {
    CHECK(world.Invalid("UpdateEndpoint", world.EndpointInput("E")) == kInProgress);
    CHECK(world.Invalid("UpdateEndpointWeightsAndCapacities", Sizes({{"VariantName", "main"}, {"DesiredInstanceCount", 2}})) == kInProgress);
    CHECK(world.Invalid("DeleteEndpoint", {{"EndpointName", "e"}}) == kInProgress);
  };
  for (const char* status : {"Creating", "Updating", "SystemUpdating", "RollingBack"}) {
    INFO(status);
    world.Say("e", status);
    refuses_all();
  }
  world.Say("e", "InService");
  world.Done("DeleteEndpoint", {{"EndpointName", "e"}});
  refuses_all();  // it is Deleting now
}

TEST_CASE("an endpoint that the controller has not seen yet, or not since its last change, is in progress") {
  SagemakerWorld world;
  world.MakeConfig();
  world.Done("CreateEndpoint", world.EndpointInput("e"));
  CHECK(world.Invalid("DeleteEndpoint", {{"EndpointName", "e"}}) == kInProgress);
  world.Say("e", "InService");
  world.Done("UpdateEndpoint", world.EndpointInput("e"));
  CHECK(world.Invalid("DeleteEndpoint", {{"EndpointName", "e"}}) == kInProgress);
}

TEST_CASE("a failed endpoint can only be deleted") {
  SagemakerWorld world;
  world.MakeEndpoint();
  world.Say("e", "Failed", {{"FailureReason", "no artifact"}});
  CHECK_THAT(world.Invalid("UpdateEndpoint", world.EndpointInput("e")), Catch::StartsWith("Cannot update failed endpoint"));
  CHECK(world.StatusOf("e") == "Failed");
  CHECK(world.Done("DeleteEndpoint", {{"EndpointName", "e"}}).is_null());
  CHECK(world.StatusOf("e") == "Deleting");
}

TEST_CASE("an endpoint whose rollback failed may be updated or deleted") {
  SagemakerWorld world;
  world.MakeEndpoint();
  world.Say("e", "UpdateRollbackFailed", {{"FailureReason", "neither fleet came up"}});
  SECTION("updated") { world.Done("UpdateEndpoint", world.EndpointInput("e")); }
  SECTION("deleted") { world.Done("DeleteEndpoint", {{"EndpointName", "e"}}); }
}

TEST_CASE("models and configurations are deleted though they are in use") {
  SagemakerWorld world;
  world.MakeEndpoint();
  CHECK(world.Done("DeleteModel", {{"ModelName", "M"}}).is_null());
  CHECK(world.Done("DeleteEndpointConfig", {{"EndpointConfigName", "C"}}).is_null());
  CHECK(world.StatusOf("e") == "InService");
  CHECK(world.Invalid("DeleteModel", {{"ModelName", "m"}}) == "Could not find model \"" + HostingArn("model/m") + "\".");
  CHECK(world.Invalid("DeleteEndpointConfig", {{"EndpointConfigName", "c"}}) ==
        "Could not find endpoint configuration \"" + HostingArn("endpoint-config/c") + "\".");
  CHECK(world.Invalid("DeleteEndpoint", {{"EndpointName", "x"}}) == "Could not find endpoint \"" + HostingArn("endpoint/x") + "\".");
}

TEST_CASE("of an update and deletions at once exactly one is taken, and the others hear that it is in progress") {
  SagemakerWorld world;
  world.MakeEndpoint();
  std::atomic<int> taken{0}, told{0};
  std::array<std::string, 8> others;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&, i] {
      Store own = world.MakeStore();
      ApiContext context{world.files, world.clock, world.context.home, kRegion, own, ""};
      SagemakerService service(context);
      auto answer = i % 2 == 0 ? service.Call("UpdateEndpoint", world.EndpointInput("e"), world.caller, "")
                               : service.Call("DeleteEndpoint", {{"EndpointName", "e"}}, world.caller, "");
      if (answer) ++taken;
      else if (answer.error().message == kInProgress) ++told;
      else others[static_cast<std::size_t>(i)] = answer.error().code + ": " + answer.error().message;
    });
  for (auto& caller : callers) caller.join();
  for (const std::string& other : others) CHECK(other == "");
  CHECK(taken == 1);
  CHECK(told == 7);
}

}  // namespace
}  // namespace smhost
