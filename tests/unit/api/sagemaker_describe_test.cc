#include "api/sagemaker_descriptions.h"
#include "unit/api/sagemaker_world.h"

namespace smhost {
namespace {

TEST_CASE("a model is described as it was given, with ARN and time, without its tags") {
  SagemakerWorld world;
  Json model = world.ModelInput("Vad");
  model["PrimaryContainer"]["Environment"] = {{"CreationTime", "2026-01-31T12:00:00.000Z"}, {"SMHOST_THREADS", "2"}};
  model["VpcConfig"] = {{"SecurityGroupIds", {"sg-1"}}, {"Subnets", {"s-1"}}};
  model["EnableNetworkIsolation"] = true;
  Json expected = model;
  model["Tags"] = {{{"Key", "a"}, {"Value", "b"}}};
  world.Done("CreateModel", model);
  expected["ModelArn"] = HostingArn("model/vad");
  expected["CreationTime"] = world.Now();
  CHECK(world.Done("DescribeModel", {{"ModelName", "Vad"}}) == expected);
}

TEST_CASE("an endpoint configuration is described as it was given, with what has no effect here") {
  SagemakerWorld world;
  world.MakeModel();
  Json config = world.ConfigInput("c");
  config["KmsKeyId"] = "k";
  config["DataCaptureConfig"] = {{"InitialSamplingPercentage", 50}, {"DestinationS3Uri", "s3://b/"}, {"CaptureOptions", {{{"CaptureMode", "Input"}}}}};
  config["ProductionVariants"][0]["InitialVariantWeight"] = 0.5;
  config["ShadowProductionVariants"] = Json::array({Variant("m", "shadow")});
  world.Done("CreateEndpointConfig", config);
  config["EndpointConfigArn"] = HostingArn("endpoint-config/c");
  config["CreationTime"] = world.Now();
  CHECK(world.Done("DescribeEndpointConfig", {{"EndpointConfigName", "c"}}) == config);
}

TEST_CASE("an endpoint is Creating as soon as it is created, and InService when the controller says so") {
  SagemakerWorld world;
  world.MakeConfig();
  world.Done("CreateEndpoint", world.EndpointInput("e"));
  CHECK(world.Done("DescribeEndpoint", {{"EndpointName", "e"}}) == Json({{"EndpointName", "e"},
                                                                        {"EndpointArn", HostingArn("endpoint/e")},
                                                                        {"EndpointConfigName", "c"},
                                                                        {"EndpointStatus", "Creating"},
                                                                        {"CreationTime", world.Now()},
                                                                        {"LastModifiedTime", world.Now()}}));
  const double created = world.Now();
  world.clock.Advance(std::chrono::seconds(3));
  world.Say("e", "InService");
  const Json described = world.Done("DescribeEndpoint", {{"EndpointName", "e"}});
  CHECK(described["EndpointStatus"] == "InService");
  CHECK(described["CreationTime"] == created);
  CHECK(described["LastModifiedTime"] == created + 3);
  CHECK(described["ProductionVariants"][0] == Json({{"VariantName", "main"},
                                                    {"CurrentWeight", 1.0},
                                                    {"DesiredWeight", 1.0},
                                                    {"CurrentInstanceCount", 1},
                                                    {"DesiredInstanceCount", 1}}));
  CHECK_FALSE(described.contains("Smhost"));
}

TEST_CASE("an endpoint repeats what its configuration says of routing, scaling and asynchronous calls") {
  SagemakerWorld world;
  world.MakeModel();
  Json config = world.ConfigInput("c");
  config["ProductionVariants"][0]["RoutingConfig"] = {{"RoutingStrategy", "RANDOM"}};
  config["AsyncInferenceConfig"] = {{"OutputConfig", {{"S3OutputPath", "s3://b/"}}}};
  config["DataCaptureConfig"] = {{"EnableCapture", true}, {"InitialSamplingPercentage", 50}, {"DestinationS3Uri", "s3://b/"}, {"CaptureOptions", {{{"CaptureMode", "Input"}}}}};
  world.Done("CreateEndpointConfig", config);
  world.MakeEndpoint();
  Json described = world.Done("DescribeEndpoint", {{"EndpointName", "e"}});
  CHECK(described["ProductionVariants"][0]["RoutingConfig"] == config["ProductionVariants"][0]["RoutingConfig"]);
  CHECK(described["AsyncInferenceConfig"] == config["AsyncInferenceConfig"]);
  CHECK(described["DataCaptureConfig"] == Json({{"EnableCapture", true},
                                                {"CaptureStatus", "Stopped"},
                                                {"CurrentSamplingPercentage", 50},
                                                {"DestinationS3Uri", "s3://b/"},
                                                {"KmsKeyId", ""}}));
  // The configuration may be deleted while the endpoint serves.
  world.Done("DeleteEndpointConfig", {{"EndpointConfigName", "c"}});
  described = world.Done("DescribeEndpoint", {{"EndpointName", "e"}});
  CHECK(described["EndpointConfigName"] == "c");
  CHECK_FALSE(described.contains("DataCaptureConfig"));
}

TEST_CASE("the fleet on its way is described with its start, and nothing of ours") {
  SagemakerWorld world;
  world.MakeEndpoint();
  const Json shadow = {{"VariantName", "s"}, {"Smhost", {{"Compared", 1}}}};
  world.Say("e", "Updating", {{"PendingDeploymentSummary", {{"EndpointConfigName", "c2"}, {"StartTime", "2026-01-31T12:00:00.500Z"}, {"ShadowProductionVariants", {shadow}}}},
                              {"ShadowProductionVariants", {shadow}},
                              {"LastDeploymentConfig", {{"AutoRollbackConfiguration", Json::object()}}}});
  const Json described = world.Done("DescribeEndpoint", {{"EndpointName", "e"}});
  CHECK(described["PendingDeploymentSummary"]["StartTime"] == 1769860800.5);
  CHECK(described["PendingDeploymentSummary"]["ShadowProductionVariants"][0] == Json({{"VariantName", "s"}}));
  CHECK(described["ShadowProductionVariants"][0] == Json({{"VariantName", "s"}}));
  CHECK(described["LastDeploymentConfig"].is_object());
}

TEST_CASE("an update is seen at once: Updating, its time, no reason of the one before, the old configuration") {
  SagemakerWorld world;
  world.MakeEndpoint();
  world.MakeConfig("c2");
  world.Say("e", "InService", {{"FailureReason", "an alarm"}});
  CHECK(world.Done("DescribeEndpoint", {{"EndpointName", "e"}})["FailureReason"] == "an alarm");
  world.clock.Advance(std::chrono::seconds(5));
  world.Done("UpdateEndpoint", world.EndpointInput("e", "c2"));
  const Json described = world.Done("DescribeEndpoint", {{"EndpointName", "e"}});
  CHECK(described["EndpointStatus"] == "Updating");
  CHECK(described["EndpointConfigName"] == "c");
  CHECK(described["LastModifiedTime"] == world.Now());
  CHECK_FALSE(described.contains("FailureReason"));
}

TEST_CASE("an endpoint that is deleted is Deleting, then not found, in AWS's words") {
  SagemakerWorld world;
  world.MakeEndpoint("Vad");
  CHECK(world.Done("DeleteEndpoint", {{"EndpointName", "vad"}}).is_null());
  CHECK(world.StatusOf("Vad") == "Deleting");
  CHECK(world.StatusOf("vad") == "Deleting");
  REQUIRE(world.store.RemoveStatus(world.account, Kind::kEndpoint, "Vad"));
  CHECK(world.Invalid("DescribeEndpoint", {{"EndpointName", "Vad"}}) == "Could not find endpoint \"" + HostingArn("endpoint/vad") + "\".");
}

TEST_CASE("what is not there is not found, in AWS's words") {
  SagemakerWorld world;
  CHECK(world.Invalid("DescribeModel", {{"ModelName", "X"}}) == "Could not find model \"" + HostingArn("model/x") + "\".");
  CHECK(world.Invalid("DescribeEndpointConfig", {{"EndpointConfigName", "x"}}) ==
        "Could not find endpoint configuration \"" + HostingArn("endpoint-config/x") + "\".");
  CHECK(world.Invalid("DescribeEndpoint", {{"EndpointName", "x"}}) == "Could not find endpoint \"" + HostingArn("endpoint/x") + "\".");
}

TEST_CASE("a name finds its resource whatever the case, and the spelling it was made with is told") {
  SagemakerWorld world;
  world.MakeModel("Vad");
  for (const char* name : {"Vad", "vad", "VAD"}) CHECK(world.Done("DescribeModel", {{"ModelName", name}})["ModelName"] == "Vad");
}

TEST_CASE("no answer has a null") {
  SagemakerWorld world;
  world.MakeEndpoint();
  for (const auto& [operation, input] : {std::pair<const char*, Json>{"DescribeModel", {{"ModelName", "m"}}},
                                         {"DescribeEndpointConfig", {{"EndpointConfigName", "c"}}},
                                         {"DescribeEndpoint", {{"EndpointName", "e"}}},
                                         {"ListModels", Json::object()},
                                         {"ListEndpoints", Json::object()}})
    CHECK_THAT(CompactJson(world.Done(operation, input)), !Catch::Contains("null"));
}

TEST_CASE("the command line's description is the same but for times as ISO 8601 and our own member") {
  SagemakerWorld world;
  world.MakeEndpoint();
  auto state = ReadEndpointState(world.store, world.account, "e", true);
  REQUIRE(state);
  Json ours = DescribeJson(*state, world.store.Get(world.account, Kind::kEndpointConfig, "c").value());
  CHECK(ours["Smhost"].is_object());
  CHECK(ours["CreationTime"].is_string());
  ours.erase("Smhost");
  Json theirs = world.Done("DescribeEndpoint", {{"EndpointName", "e"}});
  for (const char* time : {"CreationTime", "LastModifiedTime"}) ours[time] = theirs[time] = 0;
  CHECK(ours == theirs);
}

TEST_CASE("a damaged document is an internal failure, not a missing resource") {
  SagemakerWorld world;
  world.MakeModel();
  world.files.Put(world.PathOf(Kind::kModel, "m"), "{");
  const ApiError error = world.Refused("DescribeModel", {{"ModelName", "m"}});
  CHECK(error.code == "InternalFailure");
  CHECK(error.status == 500);
}

}  // namespace
}  // namespace smhost
