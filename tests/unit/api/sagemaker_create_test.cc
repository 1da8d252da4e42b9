#include <atomic>
#include <thread>

#include "base/limits_api.h"
#include "resources/template.h"
#include "unit/api/sagemaker_world.h"

namespace smhost {
namespace {

TEST_CASE("a model, a configuration and an endpoint are created and answer their ARNs, names in lower case") {
  SagemakerWorld world;
  CHECK(world.Done("CreateModel", world.ModelInput("Vad")) == Json({{"ModelArn", HostingArn("model/vad")}}));
  CHECK(world.Done("CreateEndpointConfig", world.ConfigInput("Vad-1", "Vad")) ==
        Json({{"EndpointConfigArn", HostingArn("endpoint-config/vad-1")}}));
  CHECK(world.Done("CreateEndpoint", world.EndpointInput("VAD", "Vad-1")) == Json({{"EndpointArn", HostingArn("endpoint/vad")}}));
  CHECK(world.store.Get(world.account, Kind::kEndpoint, "VAD")->generation == 1);
}

TEST_CASE("what is stored is what apply of the same properties stores, so apply sees nothing to change") {
  SagemakerWorld world;
  Json model = world.ModelInput("m");
  model["ExecutionRoleArn"] = "arn:aws:iam::111122223333:role/r";
  model["Tags"] = {{{"Key", "team"}, {"Value", "speech"}}};
  world.Done("CreateModel", model);
  world.Done("CreateEndpointConfig", world.ConfigInput("c"));
  Json endpoint = world.EndpointInput("e");
  endpoint["DeploymentConfig"] = {{"BlueGreenUpdatePolicy", {{"TrafficRoutingConfiguration", {{"Type", "ALL_AT_ONCE"}, {"WaitIntervalInSeconds", 0}}}}}};
  world.Done("CreateEndpoint", endpoint);
  const Json documents = Json::array({{{"Type", "AWS::SageMaker::Model"}, {"Properties", model}},
                                      {{"Type", "AWS::SageMaker::EndpointConfig"}, {"Properties", world.ConfigInput("c")}},
                                      {{"Type", "AWS::SageMaker::Endpoint"}, {"Properties", endpoint}}});
  auto loaded = LoadDocuments(CompactJson(documents), "d.json", "/d", {});
  REQUIRE(loaded);
  auto outcomes = world.Apply(loaded->documents);
  REQUIRE(outcomes);
  for (const Outcome& outcome : *outcomes) CHECK(outcome.change == Change::kUnchanged);
}

TEST_CASE("what is there already is not created again, in AWS's words, whatever its spelling and properties") {
  SagemakerWorld world;
  world.MakeEndpoint();
  for (const char* name : {"m", "M"})
    CHECK(world.Invalid("CreateModel", world.ModelInput(name)) ==
          "Cannot create already existing model \"" + HostingArn("model/m") + "\".");
  for (const char* name : {"c", "C"})
    CHECK(world.Invalid("CreateEndpointConfig", world.ConfigInput(name)) ==
          "Cannot create already existing endpoint configuration \"" + HostingArn("endpoint-config/c") + "\".");
  for (const char* name : {"e", "E"})
    CHECK(world.Invalid("CreateEndpoint", world.EndpointInput(name)) ==
          "Cannot create already existing endpoint \"" + HostingArn("endpoint/e") + "\".");
}

TEST_CASE("the name of an endpoint that is on its way out is still taken") {
  SagemakerWorld world;
  world.MakeEndpoint("Vad");
  world.Done("DeleteEndpoint", {{"EndpointName", "Vad"}});
  CHECK_THAT(world.Invalid("CreateEndpoint", world.EndpointInput("vad")), Catch::Contains("already existing endpoint"));
  REQUIRE(world.store.RemoveStatus(world.account, Kind::kEndpoint, "Vad"));
  CHECK(world.Done("CreateEndpoint", world.EndpointInput("vad")).contains("EndpointArn"));
}

TEST_CASE("a configuration names models, and an endpoint a configuration, that exist") {
  SagemakerWorld world;
  CHECK(world.Invalid("CreateEndpointConfig", world.ConfigInput("c", "none")) == "Could not find model \"" + HostingArn("model/none") + "\".");
  CHECK(world.Invalid("CreateEndpoint", world.EndpointInput("e", "none")) ==
        "Could not find endpoint configuration \"" + HostingArn("endpoint-config/none") + "\".");
  CHECK(world.Done("ListEndpointConfigs")["EndpointConfigs"].empty());
}

TEST_CASE("names in another spelling mean the same resource and are stored as it is spelled") {
  SagemakerWorld world;
  world.MakeModel("Vad");
  world.Done("CreateEndpointConfig", world.ConfigInput("Config", "vad"));
  world.Done("CreateEndpoint", world.EndpointInput("e", "CONFIG"));
  CHECK(world.store.Get(world.account, Kind::kEndpointConfig, "Config")->properties["ProductionVariants"][0]["ModelName"] == "Vad");
  CHECK(world.store.Get(world.account, Kind::kEndpoint, "e")->properties["EndpointConfigName"] == "Config");
}

TEST_CASE("CreateModel looks for the artifact") {
  SagemakerWorld world;
  CHECK_THAT(world.Invalid("CreateModel", world.ModelInput("m", "s3://data/none.tar.gz")),
             Catch::StartsWith("Could not access model data at s3://data/none.tar.gz.") && Catch::Contains("smhost cp"));
  CHECK_THAT(world.Invalid("CreateModel", world.ModelInput("m", "s3://none/m.tar.gz")), Catch::StartsWith("Could not access model data at s3://none/m.tar.gz."));
  CHECK_THAT(world.Invalid("CreateModel", world.ModelInput("m", "s3://data/")), Catch::StartsWith("Could not access model data at s3://data/."));
  CHECK_THAT(world.Invalid("CreateModel", world.ModelInput("m", "file:///models/a%20b.tar.gz")),
             Catch::StartsWith("Could not access model data at file:///models/a%20b.tar.gz."));
  CHECK(world.Done("ListModels")["Models"].empty());

  REQUIRE(world.files.MakeFolders("/models", 0700));
  world.files.Put("/models/a b.tar.gz", "artifact");
  world.Done("CreateModel", world.ModelInput("file", "file:///models/a%20b.tar.gz"));
  world.Done("CreateModel", world.ModelInput("web", "https://example.org/m.tar.gz"));
}

TEST_CASE("CreateModel looks for the object of a data source too") {
  SagemakerWorld world;
  Json model = world.ModelInput("m");
  model["PrimaryContainer"].erase("ModelDataUrl");
  Json& source = model["PrimaryContainer"]["ModelDataSource"]["S3DataSource"];
  source = {{"S3Uri", "s3://data/none.tar.gz"}, {"S3DataType", "S3Object"}, {"CompressionType", "Gzip"}};
  CHECK_THAT(world.Invalid("CreateModel", model), Catch::StartsWith("Could not access model data at s3://data/none.tar.gz."));
  source["S3Uri"] = "s3://data/m.tar.gz";
  world.Done("CreateModel", model);
}

TEST_CASE("an object that another S3 store may hold is not missed") {
  SagemakerWorld world;
  SagemakerService service(world.context, true);
  CHECK(service.Call("CreateModel", world.ModelInput("m", "s3://elsewhere/m.tar.gz"), world.caller, "r-1"));
}

TEST_CASE("rules between members are those of documents, named as the operation names them") {
  SagemakerWorld world;
  Json both = world.ModelInput("m");
  both["Containers"] = Json::array({both["PrimaryContainer"]});
  CHECK(world.Invalid("CreateModel", both) == "Containers: must not stand beside PrimaryContainer");
  CHECK(world.Invalid("CreateModel", {{"ModelName", "m"}}) == "PrimaryContainer: is required unless Containers is there");
  Json setting = world.ModelInput("m");
  setting["PrimaryContainer"]["Environment"] = {{"SMHOST_THREADS", "many"}};
  CHECK_THAT(world.Invalid("CreateModel", setting), Catch::StartsWith("PrimaryContainer.Environment.SMHOST_THREADS: \"many\""));

  world.MakeModel();
  Json twice = world.ConfigInput("c");
  twice["ProductionVariants"].push_back(Variant("m"));
  CHECK(world.Invalid("CreateEndpointConfig", twice) == "ProductionVariants[1].VariantName: \"main\" is the name of two variants");
  Json shadows = world.ConfigInput("c");
  shadows["ProductionVariants"].push_back(Variant("m", "b"));
  shadows["ShadowProductionVariants"] = {Variant("m", "s")};
  CHECK_THAT(world.Invalid("CreateEndpointConfig", shadows), Catch::StartsWith("ProductionVariants: must have exactly 1 item"));

  world.MakeConfig();
  Json endpoint = world.EndpointInput("e");
  endpoint["DeploymentConfig"] = {
      {"BlueGreenUpdatePolicy", {{"TrafficRoutingConfiguration", {{"Type", "CANARY"}, {"WaitIntervalInSeconds", 0}}}}}};
  CHECK_THAT(world.Invalid("CreateEndpoint", endpoint), Catch::Contains("CanarySize: is required where Type is CANARY"));
  Json tags = world.EndpointInput("e");
  tags["Tags"] = {{{"Key", "aws:x"}, {"Value", ""}}};
  CHECK_THAT(world.Invalid("CreateEndpoint", tags), Catch::Contains("must not begin with aws:"));
}

TEST_CASE("many faults are told in one message, the first three of them in full") {
  SagemakerWorld world;
  Json config = {{"EndpointConfigName", "c"}, {"ProductionVariants", Json::array()}};
  for (const char* name : {"a", "b", "c", "d", "e"}) config["ProductionVariants"].push_back({{"VariantName", name}, {"ModelName", "m"}});
  CHECK_THAT(world.Invalid("CreateEndpointConfig", config),
             Catch::Contains("ProductionVariants[2].InstanceType") && Catch::EndsWith(" (and 2 more)"));
}

TEST_CASE("what is not built is refused and says so") {
  SagemakerWorld world;
  const auto refused = [&](const std::string& operation, const Json& input, const std::string& what) {
    CHECK_THAT(world.Invalid(operation, input), Catch::StartsWith("Not supported by smhost: ") && Catch::Contains(what));
  };
  Json model = world.ModelInput("m");
  model["PrimaryContainer"]["Mode"] = "MultiModel";
  refused("CreateModel", model, "PrimaryContainer.Mode");
  model = world.ModelInput("m");
  model["PrimaryContainer"]["Image"] = "111122223333.dkr.ecr.us-east-1.amazonaws.com/own:1";
  refused("CreateModel", model, "PrimaryContainer.Image");
  model = {{"ModelName", "m"}, {"Containers", Json::array({world.ModelInput("m")["PrimaryContainer"], world.ModelInput("m")["PrimaryContainer"]})}};
  refused("CreateModel", model, "pipelines");

  world.MakeModel();
  Json config = world.ConfigInput("c");
  config["ProductionVariants"][0] = {{"VariantName", "main"}, {"ModelName", "m"}, {"ServerlessConfig", {{"MemorySizeInMB", 1024}, {"MaxConcurrency", 1}}}};
  refused("CreateEndpointConfig", config, "ServerlessConfig");
  config["ProductionVariants"][0] = {{"VariantName", "main"}, {"InstanceType", "ml.m5.large"}, {"InitialInstanceCount", 1}};
  refused("CreateEndpointConfig", config, "inference components");
}

TEST_CASE("more instances than one machine runs are over a service limit") {
  SagemakerWorld world;
  world.MakeModel();
  Json config = world.ConfigInput("c");
  config["ProductionVariants"][0]["InitialInstanceCount"] = 300;
  const ApiError error = world.Refused("CreateEndpointConfig", config);
  CHECK(error.code == "ResourceLimitExceeded");
  CHECK_THAT(error.message, Catch::StartsWith("The account-level service limit 'ml.m5.large for endpoint usage' is 256 Instances, with "
                                              "current utilization of 0 Instances and a request delta of 300 Instances."));
}

TEST_CASE("an account has so many resources of a kind and no more") {
  SagemakerWorld world;
  world.MakeModel("last");
  for (std::size_t i = 1; i < limits::kApiResourcesPerKind; ++i) world.files.Put(world.PathOf(Kind::kModel, "m" + std::to_string(i)), "");
  const ApiError error = world.Refused("CreateModel", world.ModelInput("m"));
  CHECK(error.code == "ResourceLimitExceeded");
  CHECK_THAT(error.message, Catch::StartsWith("The account-level service limit 'model count' is 10000, with current utilization of 10000"));
  CHECK_THAT(world.Invalid("CreateModel", world.ModelInput("m1")), Catch::Contains("already existing"));
  world.Done("DeleteModel", {{"ModelName", "last"}});
  world.MakeModel("m");
}

TEST_CASE("of many creations of one name at once, in any spelling, exactly one is taken and the others are told") {
  SagemakerWorld world;
  std::atomic<int> taken{0}, told{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&, i] {
      Store own = world.MakeStore();
      ApiContext context{world.files, world.clock, world.context.home, kRegion, own, ""};
      SagemakerService service(context);
      auto answer = service.Call("CreateModel", world.ModelInput(i % 2 == 0 ? "vad" : "VAD"), world.caller, "");
      if (answer) ++taken;
      else if (answer.error().code == "ValidationException" &&
               answer.error().message == "Cannot create already existing model \"" + HostingArn("model/vad") + "\".")
        ++told;
    });
  for (auto& caller : callers) caller.join();
  CHECK(taken == 1);
  CHECK(told == 7);
}

TEST_CASE("accounts do not see each other's resources") {
  SagemakerWorld world;
  world.MakeModel();
  const Caller other{"111122223333", "arn:aws:iam::111122223333:root", "", "", nullptr};
  auto missing = world.service.Call("DescribeModel", {{"ModelName", "m"}}, other, "");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message == "Could not find model \"arn:aws:sagemaker:us-east-1:111122223333:model/m\".");
  auto made = world.service.Call("CreateModel", world.ModelInput("m"), other, "");
  REQUIRE(made);
  CHECK((*made)["ModelArn"] == "arn:aws:sagemaker:us-east-1:111122223333:model/m");
}

}  // namespace
}  // namespace smhost
