#include "api/endpoint_updates.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <limits>
#include <thread>

#include "resources/steering.h"
#include "unit/state/state_world.h"

namespace smhost {
namespace {

constexpr const char* kArn = "arn:aws:sagemaker:us-east-1:000000000000:endpoint/e";

Document Config(const std::string& name, const std::string& model, const char* variant = "main") {
  Json one = {{"VariantName", variant}, {"ModelName", model}, {"InstanceType", "ml.m5.large"}, {"InitialInstanceCount", 1}};
  return {Kind::kEndpointConfig, name, {{"EndpointConfigName", name}, {"ProductionVariants", Json::array({one})}}};
}

Json CanaryConfig(int wait) {
  return {{"BlueGreenUpdatePolicy",
           {{"TrafficRoutingConfiguration",
             {{"Type", "CANARY"}, {"WaitIntervalInSeconds", wait}, {"CanarySize", {{"Type", "CAPACITY_PERCENT"}, {"Value", 10}}}}}}}};
}

// Endpoint e with configuration c1 of model m1; c2 and m2 are there too. The status is what a controller would have said.
struct Updates : StateWorld {
  Store store{MakeStore()};

  Updates() {
    SMHOST_CHECK(Apply({ModelDocument("m1", "s3://b/1"), ModelDocument("m2", "s3://b/2"), Config("c1", "m1"), Config("c2", "m2"),
                        EndpointDocument("e", "c1")}));
    Say("InService");
  }

  Resource Endpoint() { return store.Get(account, Kind::kEndpoint, "e").value(); }
  Resource ConfigNow(const std::string& name) { return store.Get(account, Kind::kEndpointConfig, name).value(); }
  Steering SteeringNow() { return ReadSteering(Endpoint().steering); }

  // The controller has seen all documents and says this.
  void Say(const std::string& status, const std::string& reason = "", const std::string& serving = "c1", Json ours = Json::object()) {
    const Resource endpoint = Endpoint();
    const Resource config = ConfigNow(StringOr(endpoint.properties, "EndpointConfigName"));
    ours["ObservedGenerations"] = {{"endpoint", endpoint.generation}, {"endpoint-config", config.generation}};
    for (const char* model : {"m1", "m2"})
      ours["ObservedGenerations"]["models"][model] = store.Get(account, Kind::kModel, model)->generation;
    Json said = {{"EndpointName", "e"},
                 {"EndpointStatus", status},
                 {"CreationTime", endpoint.creation_time},
                 {"EndpointConfigName", serving},
                 {"ProductionVariants", Json::array({{{"VariantName", "main"}, {"DesiredWeight", 1.0}, {"DesiredInstanceCount", 1}}})},
                 {"Smhost", std::move(ours)}};
    if (!reason.empty()) said["FailureReason"] = reason;
    SMHOST_CHECK(store.PutStatus(account, Kind::kEndpoint, "e", said));
  }

  Result<Resource> Update(UpdateEndpointRequest request) {
    request.endpoint = "e";
    return UpdateEndpoint(store, account, request);
  }
  Result<Resource> Resize(const std::vector<DesiredSize>& sizes) { return UpdateEndpointWeightsAndCapacities(store, account, "e", sizes); }

  // As the controller records a deployment of what is wanted now.
  void Record(const std::string& outcome, const std::string& reason = "", const std::string& digest = "") {
    Json revisions = store.GetRevisions(account, "e").value_or(Json::array());
    const Resource endpoint = Endpoint();
    const Resource config = ConfigNow(StringOr(endpoint.properties, "EndpointConfigName"));
    const std::string model = StringOr(config.properties["ProductionVariants"][0], "ModelName");
    Json documents = Json::array();
    for (const Resource& one : {store.Get(account, Kind::kModel, model).value(), config, endpoint})
      documents.push_back({{"Type", InfoOf(one.kind).type}, {"Properties", one.properties}});
    revisions.push_back({{"Revision", revisions.size() + 1}, {"EndpointConfigName", config.name}, {"Outcome", outcome}, {"Documents", documents}});
    if (!reason.empty()) revisions.back()["Reason"] = reason;
    if (!digest.empty()) revisions.back()["ModelDigests"][model] = digest;
    SMHOST_CHECK(store.PutRevisions(account, "e", revisions));
  }
  Result<UndoneRollout> Undo(std::optional<int> revision = std::nullopt) { return UndoRollout(store, account, "e", revision); }
};

std::string MessageOf(const auto& result) { return result ? "" : result.error().message; }

TEST_CASE("an update names another configuration and how to get there") {
  Updates world;
  auto updated = world.Update({.config = "c2", .retain_all = true, .exclude = {"DesiredWeight"}, .deployment_config = CanaryConfig(0)});
  REQUIRE(updated);
  const Resource stored = world.Endpoint();
  CHECK(stored.generation == 2);
  CHECK(stored.properties == updated->properties);
  CHECK(stored.properties["EndpointConfigName"] == "c2");
  CHECK(stored.properties["DeploymentConfig"] == CanaryConfig(0));
  CHECK(stored.properties["RetainAllVariantProperties"] == true);
  CHECK(stored.properties["ExcludeRetainedVariantProperties"][0]["VariantPropertyType"] == "DesiredWeight");
}

TEST_CASE("each update says for itself how it goes: nothing of the one before stays") {
  Updates world;
  REQUIRE(world.Update({.config = "c2", .retain_all = true, .exclude = {"DesiredWeight"}, .deployment_config = CanaryConfig(0)}));
  world.Say("InService", "", "c2");
  REQUIRE(world.Update({.config = "c1", .retain_deployment_config = true}));
  CHECK(world.Endpoint().properties == Json({{"EndpointName", "e"}, {"EndpointConfigName", "c1"}, {"RetainDeploymentConfig", true}}));
}

TEST_CASE("an endpoint on its way is not updated, in AWS's words") {
  Updates world;
  const std::string refusal = std::string("Cannot update in-progress endpoint \"") + kArn + "\".";
  for (const char* status : {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}) {
    world.Say(status);
    INFO(status);
    CHECK(MessageOf(world.Update({.config = "c2"})) == refusal);
    CHECK(MessageOf(world.Resize({{"main", 2.0, {}}})) == refusal);
    CHECK(world.Update({.config = "c2"}).error().code == Code::kConflict);
  }
  world.Say("Failed", "no artifact");
  CHECK_THAT(MessageOf(world.Update({.config = "c2"})), Catch::Contains("Cannot update failed endpoint") && Catch::Contains("no artifact"));
  CHECK(world.Endpoint().generation == 1);
}

TEST_CASE("what the controller has not seen yet is in progress too") {
  Updates world;
  REQUIRE(world.Update({.config = "c2"}));
  CHECK_THAT(MessageOf(world.Update({.config = "c1"})), Catch::Contains("Cannot update in-progress endpoint"));
  world.Say("InService", "", "c2");
  REQUIRE(world.Apply({ModelDocument("m2", "s3://b/3")}));
  CHECK_THAT(MessageOf(world.Update({.config = "c1"})), Catch::Contains("Cannot update in-progress endpoint"));
}

TEST_CASE("an endpoint whose rollback failed may be updated") {
  Updates world;
  world.Say("UpdateRollbackFailed", "neither fleet came up");
  CHECK(world.Update({.config = "c2"}));
}

TEST_CASE("what an update names must be there") {
  Updates world;
  CHECK(MessageOf(world.Update({.config = "none"})) ==
        "Could not find endpoint configuration \"arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/none\".");
  auto missing = UpdateEndpoint(world.store, world.account, {.endpoint = "x", .config = "c2"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message == "Could not find endpoint \"arn:aws:sagemaker:us-east-1:000000000000:endpoint/x\".");
  CHECK(missing.error().code == Code::kNotFound);
}

TEST_CASE("an update's policy and exclusions are checked as a document's are, and nothing is written") {
  Updates world;
  Json half = CanaryConfig(0);
  half["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["CanarySize"]["Value"] = 51;
  auto refused = world.Update({.config = "c2", .deployment_config = half});
  CHECK_THAT(MessageOf(refused), Catch::Contains("CanarySize.Value") && Catch::Contains("between 1 and 50 percent"));
  CHECK(refused.error().code == Code::kInvalid);
  CHECK_FALSE(world.Update({.config = "c2", .retain_all = true, .exclude = {"Weight"}}));
  CHECK(world.Endpoint().generation == 1);
}

TEST_CASE("of many updates at once exactly one is taken, and the others are told") {
  Updates world;
  std::atomic<int> taken{0}, refused{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&, i] {
      Store own = world.MakeStore();
      auto result = i % 2 == 0 ? UpdateEndpoint(own, world.account, {.endpoint = "e", .config = "c2"})
                               : UpdateEndpointWeightsAndCapacities(own, world.account, "e", {{"main", {}, 2}});
      if (result) ++taken;
      else if (result.error().code == Code::kConflict) ++refused;
    });
  for (auto& caller : callers) caller.join();
  CHECK(taken == 1);
  CHECK(refused == 7);
  CHECK(world.Endpoint().generation == 2);
}

TEST_CASE("weights and counts are kept beside the document and make a new generation") {
  Updates world;
  REQUIRE(world.Resize({{"main", 0.5, {}}}));
  CHECK(world.Endpoint().generation == 2);
  CHECK(world.Endpoint().properties == EndpointDocument("e", "c1").properties);
  world.Say("InService");
  REQUIRE(world.Resize({{"main", {}, 3}}));
  const Steering steering = world.SteeringNow();
  CHECK(steering.config_uid == world.ConfigNow("c1").uid);
  CHECK(steering.config_generation == 1);
  CHECK(steering.sizes.at("main").weight == 0.5);
  CHECK(steering.sizes.at("main").count == 3);
}

TEST_CASE("weights given for another configuration end with it") {
  Updates world;
  REQUIRE(world.Resize({{"main", 0.5, 3}}));
  REQUIRE(world.Apply({Config("c1", "m2")}));
  world.Say("InService");
  REQUIRE(world.Resize({{"main", {}, 2}}));
  const Steering steering = world.SteeringNow();
  CHECK(steering.config_generation == 2);
  CHECK_FALSE(steering.sizes.at("main").weight);
  CHECK(steering.sizes.at("main").count == 2);
}

TEST_CASE("an update drops the weights and counts that it does not retain") {
  Updates world;
  REQUIRE(world.Resize({{"main", 0.5, 3}}));
  world.Say("InService");
  REQUIRE(world.Update({.config = "c1", .retain_all = true, .exclude = {"DesiredWeight"}}));
  CHECK_FALSE(world.SteeringNow().sizes.at("main").weight);
  CHECK(world.SteeringNow().sizes.at("main").count == 3);
  world.Say("InService");
  REQUIRE(world.Update({.config = "c1"}));
  CHECK(world.SteeringNow().sizes.empty());
}

TEST_CASE("weights and counts out of their bounds are refused with the rule") {
  Updates world;
  const std::string begin = "1 validation error detected: Value '";
  CHECK(MessageOf(world.Resize({})) == begin + "[]' at 'desiredWeightsAndCapacities' failed to satisfy constraint: Member must have length greater than or equal to 1");
  CHECK(MessageOf(world.Resize({{"main", -0.5, {}}})) ==
        begin + "-0.5' at 'desiredWeightsAndCapacities.1.member.desiredWeight' failed to satisfy constraint: Member must have value greater than or equal to 0");
  CHECK_THAT(MessageOf(world.Resize({{"main", std::numeric_limits<double>::quiet_NaN(), {}}})), Catch::Contains("desiredWeight"));
  CHECK_THAT(MessageOf(world.Resize({{"main", {}, -1}})), Catch::Contains("desiredInstanceCount") && Catch::Contains("greater than or equal to 0"));
  CHECK_THAT(MessageOf(world.Resize({{"main", {}, 257}})), Catch::Contains("less than or equal to 256"));
  CHECK_THAT(MessageOf(world.Resize({{"main", 1.0, {}}, {"main", 2.0, {}}})), Catch::Contains("named twice"));
  CHECK(MessageOf(world.Resize({{"x", 1.0, {}}, {"main", 1.0, {}}, {"y", 1.0, {}}})) ==
        "The variant name(s) \"x\", \"y\" is/are not present within endpoint configuration \"c1\".");
  CHECK(world.Endpoint().generation == 1);
}

TEST_CASE("an endpoint that answers is not left without any variant that does") {
  Updates world;
  CHECK_THAT(MessageOf(world.Resize({{"main", {}, 0}})), Catch::Contains("every request would fail"));
  CHECK_THAT(MessageOf(world.Resize({{"main", 0.0, {}}})), Catch::Contains("every request would fail"));
  CHECK(world.Resize({{"main", {}, 256}}));
}

TEST_CASE("after a failed update, weights are refused until it is clear for which fleet they are") {
  Updates world;
  SECTION("the fleet that serves is of another configuration") {
    REQUIRE(world.Update({.config = "c2"}));
    world.Say("InService", "no artifact", "c1");
    auto refused = world.Resize({{"main", {}, 2}});
    CHECK_THAT(MessageOf(refused), Catch::Contains("its last update failed") && Catch::Contains("no artifact") && Catch::Contains("rollout undo e"));
    CHECK(refused.error().code == Code::kConflict);
  }
  SECTION("it is of an earlier document of the same configuration") {
    world.Record("Failed", "no artifact");
    world.Say("InService", "no artifact", "c1");
    CHECK_THAT(MessageOf(world.Resize({{"main", {}, 2}})), Catch::Contains("its last update failed"));
  }
  SECTION("the counts themselves could not be had: others may be tried") {
    world.Record("Succeeded");
    world.Say("InService", "too little memory", "c1");
    CHECK(world.Resize({{"main", {}, 2}}));
  }
}

TEST_CASE("aborting names the deployment that runs and leaves the generation as it is") {
  Updates world;
  CHECK_THAT(MessageOf(AbortDeployment(world.store, world.account, "e")), Catch::Contains("no deployment is in progress"));
  REQUIRE(world.Update({.config = "c2"}));
  CHECK_THAT(MessageOf(AbortDeployment(world.store, world.account, "e")), Catch::Contains("has not begun"));
  world.Say("Updating", "", "c1", {{"Deployment", {{"Id", "f-2"}}}});
  const auto generation = world.Endpoint().generation;
  auto aborted = AbortDeployment(world.store, world.account, "e");
  REQUIRE(aborted);
  CHECK(*aborted == "f-2");
  CHECK(world.SteeringNow().abort == "f-2");
  CHECK(world.Endpoint().generation == generation);
  world.Say("RollingBack", "an alarm", "c1", {{"Deployment", {{"Id", "f-2"}}}});
  CHECK_THAT(MessageOf(AbortDeployment(world.store, world.account, "e")), Catch::Contains("going back already: an alarm"));
  CHECK(AbortDeployment(world.store, world.account, "x").error().code == Code::kNotFound);
}

TEST_CASE("an abort keeps weights and counts, and the next update forgets the abort") {
  Updates world;
  REQUIRE(world.Resize({{"main", 0.5, {}}}));
  world.Say("Updating", "", "c1", {{"Deployment", {{"Id", "f-2"}}}});
  REQUIRE(AbortDeployment(world.store, world.account, "e"));
  CHECK(world.SteeringNow().sizes.at("main").weight == 0.5);
  world.Say("InService", "aborted");
  REQUIRE(world.Update({.config = "c2"}));
  CHECK(world.SteeringNow().abort.empty());
}

TEST_CASE("undo applies the documents of the last other deployment that succeeded and keeps the way of deploying") {
  Updates world;
  world.Record("Succeeded");
  REQUIRE(world.Update({.config = "c2", .deployment_config = CanaryConfig(0)}));
  REQUIRE(world.Apply({ModelDocument("m2", "s3://b/3")}));
  world.Say("InService", "", "c2");
  world.Record("Succeeded");
  auto undone = world.Undo();
  REQUIRE(undone);
  CHECK(undone->revision == 1);
  CHECK(undone->config == "c1");
  CHECK(world.Endpoint().properties["EndpointConfigName"] == "c1");
  CHECK(world.Endpoint().properties["DeploymentConfig"] == CanaryConfig(0));
  // And again: the way forth.
  auto redone = world.Undo();
  REQUIRE(redone);
  CHECK(redone->revision == 2);
  CHECK(world.Endpoint().properties["EndpointConfigName"] == "c2");
}

TEST_CASE("undo after a failed update goes back to what serves, and once more goes further") {
  Updates world;
  world.Record("Succeeded");
  REQUIRE(world.Apply({ModelDocument("m1", "s3://b/2")}));
  world.Record("Succeeded");
  REQUIRE(world.Apply({ModelDocument("m1", "s3://b/3")}));
  world.Record("Failed", "no artifact");
  CHECK(world.Undo()->revision == 2);
  CHECK(world.UrlOf("m1") == "s3://b/2");
  CHECK(world.Undo()->revision == 1);
  CHECK(world.UrlOf("m1") == "s3://b/1");
}

TEST_CASE("a revision can be named, a failed one too, and the others that use its documents are told of") {
  Updates world;
  world.Record("Failed", "full disk");
  REQUIRE(world.Apply({ModelDocument("m1", "s3://b/2"), EndpointDocument("other", "c1")}));
  world.Record("Succeeded");
  auto undone = world.Undo(1);
  REQUIRE(undone);
  CHECK(undone->other_endpoints == std::vector<std::string>{"other"});
  CHECK(world.UrlOf("m1") == "s3://b/1");
  auto missing = world.Undo(7);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Code::kNotFound);
  CHECK_THAT(missing.error().message, Catch::Contains("has no revision 7; there are 1, 2"));
}

TEST_CASE("a revision whose deployment failed is tried again although its documents are those of now") {
  Updates world;
  world.Record("Failed", "full disk");
  world.Say("InService", "full disk");
  auto again = world.Undo(1);
  REQUIRE(again);
  CHECK(again->outcomes.back().change == Change::kRetried);
  world.Say("InService");
  CHECK(world.Undo(1)->outcomes.back().change == Change::kUnchanged);
}

TEST_CASE("undo asks for the artifacts as that deployment had them, each time anew, and not where they serve") {
  Updates world;
  world.Record("Succeeded", "", "sha256:1");
  REQUIRE(world.Apply({ModelDocument("m1", "s3://b/2")}));
  world.Record("Succeeded", "", "sha256:2");
  REQUIRE(world.Undo());
  const Restore first = world.SteeringNow().restore;
  CHECK(first.digests == std::map<std::string, std::string>{{"s3://b/1", "sha256:1"}});
  CHECK(world.Endpoint().generation == 2);  // told to the runtime though only the model's document changed
  world.Record("Succeeded", "", "sha256:1");
  REQUIRE(world.Undo());
  const Restore second = world.SteeringNow().restore;
  CHECK(second.digests == std::map<std::string, std::string>{{"s3://b/2", "sha256:2"}});
  CHECK(second.id != first.id);
  // Its documents are those of now and what it had serves: nothing is asked for.
  world.Record("Succeeded", "", "sha256:2");
  REQUIRE(world.Undo(4));
  CHECK(world.SteeringNow().restore == second);
  // The same documents, but the bytes were others.
  world.Record("Succeeded", "", "sha256:3");
  auto undone = world.Undo(4);
  REQUIRE(undone);
  CHECK(undone->outcomes.back().change == Change::kRetried);
  CHECK(world.SteeringNow().restore.digests == std::map<std::string, std::string>{{"s3://b/2", "sha256:2"}});
  // Whoever updates it meanwhile means what is there now.
  world.Say("InService");
  REQUIRE(world.Update({.config = "c2"}));
  CHECK(world.SteeringNow().restore == Restore{});
}

TEST_CASE("without an earlier deployment that succeeded there is nothing to undo") {
  Updates world;
  CHECK_THAT(MessageOf(world.Undo()), Catch::Contains("nothing to go back to"));
  CHECK_THAT(MessageOf(world.Undo(1)), Catch::Contains("nothing was deployed yet"));
  world.Record("Succeeded");
  CHECK_THAT(MessageOf(world.Undo()), Catch::Contains("nothing to go back to"));
  CHECK(UndoRollout(world.store, world.account, "x").error().code == Code::kNotFound);
}

TEST_CASE("a revision that cannot be understood or is no longer valid changes nothing") {
  Updates world;
  const Json endpoint = {{"Type", "AWS::SageMaker::Endpoint"}, {"Properties", {{"EndpointName", "e"}, {"EndpointConfigName", "c2"}}}};
  const Json strange = {{"Type", "AWS::Other"}, {"Properties", Json::object()}};
  const Json broken = {{"Type", "AWS::SageMaker::Model"}, {"Properties", {{"ModelName", "m1"}, {"Unknown", 1}}}};
  for (const Json& bad : {strange, broken}) {
    REQUIRE(world.store.PutRevisions(world.account, "e", Json::array({{{"Revision", 1}, {"Outcome", "Succeeded"}, {"Documents", {bad, endpoint}}}})));
    CHECK_FALSE(world.Undo());
    CHECK(world.Endpoint().generation == 1);
  }
}

TEST_CASE("a revision brings no tags back, and tags alone are no other documents") {
  Updates world;
  const auto tag = [&](Kind kind, const std::string& name) {
    REQUIRE(world.store.Retag(world.account, kind, name, [](Json& tags) -> Status {
      tags.push_back({{"Key", "a"}, {"Value", "b"}});
      return {};
    }));
  };
  world.Record("Succeeded");
  tag(Kind::kModel, "m1");
  tag(Kind::kEndpoint, "e");
  CHECK_THAT(MessageOf(world.Undo()), Catch::Contains("nothing to go back to"));
  REQUIRE(world.Update({.config = "c2"}));
  CHECK(world.Endpoint().properties["Tags"].size() == 1);
  world.Say("InService", "", "c2");
  world.Record("Succeeded");
  REQUIRE(world.Undo());
  CHECK(world.Endpoint().properties["EndpointConfigName"] == "c1");
  CHECK(world.Endpoint().properties["Tags"].size() == 1);
}

}  // namespace
}  // namespace smhost
