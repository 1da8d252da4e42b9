#include "resources/validate.h"

#include <catch2/catch.hpp>

#include "documents.h"

using namespace smhost;

namespace {
std::vector<Fault> Faults(Kind kind, const Json& properties) { return Validate(DocumentOf(kind, properties)); }
Json Variant(const char* name) {
  Json variant = ConfigProperties()["ProductionVariants"][0];
  variant["VariantName"] = name;
  return variant;
}
Json BlueGreen(const char* routing, int timeout, int termination) {
  Json properties = EndpointProperties();
  properties["DeploymentConfig"]["BlueGreenUpdatePolicy"] = {{"TrafficRoutingConfiguration", Json::parse(routing)},
                                                             {"MaximumExecutionTimeoutInSeconds", timeout},
                                                             {"TerminationWaitInSeconds", termination}};
  return properties;
}
const char* const kPolicy = "Properties.DeploymentConfig.BlueGreenUpdatePolicy";
}  // namespace

TEST_CASE("a model has one of PrimaryContainer and Containers") {
  Json properties = ModelProperties();
  properties["Containers"] = Json::array({properties["PrimaryContainer"]});
  CHECK(RuleAt(Faults(Kind::kModel, properties), "Properties.Containers") == "must not stand beside PrimaryContainer");
  properties.erase("PrimaryContainer");
  CHECK(Faults(Kind::kModel, properties).empty());
  properties["Containers"] = Json::array();
  CHECK(RuleAt(Faults(Kind::kModel, properties), "Properties.Containers") == "must have at least 1 item");
  properties.erase("Containers");
  CHECK(RuleAt(Faults(Kind::kModel, properties), "Properties.PrimaryContainer") ==
        "is required unless Containers is there");
}

TEST_CASE("a container needs an image and at most one source of its model") {
  Json properties = ModelProperties();
  properties["PrimaryContainer"].erase("Image");
  properties["PrimaryContainer"]["ModelDataSource"] = {
      {"S3DataSource", {{"S3Uri", "s3://b/k"}, {"S3DataType", "S3Object"}, {"CompressionType", "Gzip"}}}};
  const auto faults = Faults(Kind::kModel, properties);
  CHECK(RuleAt(faults, "Properties.PrimaryContainer.Image") == "is required unless ModelPackageName is there");
  CHECK(RuleAt(faults, "Properties.PrimaryContainer.ModelDataSource") == "must not stand beside ModelDataUrl");
}

TEST_CASE("names of containers, variants and tags stand once") {
  Json model = {{"ModelName", "m"}, {"Containers", Json::array()}};
  for (int i = 0; i < 2; ++i) model["Containers"].push_back({{"Image", "i"}, {"ContainerHostname", "h"}});
  CHECK(RuleAt(Faults(Kind::kModel, model), "Properties.Containers[1].ContainerHostname") ==
        "is the name of two containers");

  Json config = ConfigProperties();
  config["ProductionVariants"].push_back(Variant("v"));
  CHECK(RuleAt(Faults(Kind::kEndpointConfig, config), "Properties.ProductionVariants[1].VariantName") ==
        "is the name of two variants");

  Json endpoint = EndpointProperties();
  endpoint["Tags"] =
      Json::parse(R"([{"Key": "a", "Value": ""}, {"Key": "a", "Value": "b"}, {"Key": "aws:x", "Value": "b"}])");
  const auto faults = Faults(Kind::kEndpoint, endpoint);
  CHECK(RuleAt(faults, "Properties.Tags[1].Key") == "stands in two tags");
  CHECK(RuleAt(faults, "Properties.Tags[2].Key") == "must not begin with aws:");
}

TEST_CASE("tags take letters of any script and refuse what AWS refuses") {
  Json endpoint = EndpointProperties();
  endpoint["Tags"] = Json::parse(R"([{"Key": "Größe 名前 _.:/=+-@", "Value": "é"}])");
  CHECK(Faults(Kind::kEndpoint, endpoint).empty());
  for (const char* bad : {"a;b", "a&b", "a\nb", "<a>"}) {
    endpoint["Tags"][0]["Key"] = bad;
    CHECK_THAT(RuleAt(Faults(Kind::kEndpoint, endpoint), "Properties.Tags[0].Key"), Catch::StartsWith("must match"));
  }
}

TEST_CASE("a shadow variant stands beside exactly one production variant") {
  Json config = ConfigProperties();
  config["ShadowProductionVariants"] = Json::array({Variant("shadow")});
  CHECK(Faults(Kind::kEndpointConfig, config).empty());
  config["ProductionVariants"].push_back(Variant("w"));
  config["ShadowProductionVariants"].push_back(Variant("shadow2"));
  const auto faults = Faults(Kind::kEndpointConfig, config);
  CHECK_THAT(RuleAt(faults, "Properties.ShadowProductionVariants"), Catch::Contains("exactly 1 item, has 2"));
  CHECK_THAT(RuleAt(faults, "Properties.ProductionVariants"), Catch::Contains("exactly 1 item"));
}

TEST_CASE("a variant runs on instances, on pools or serverless") {
  Json config = ConfigProperties();
  Json& variant = config["ProductionVariants"][0];
  variant.erase("InstanceType");
  CHECK_THAT(RuleAt(Faults(Kind::kEndpointConfig, config), "Properties.ProductionVariants[0].InstanceType"),
             Catch::StartsWith("is required"));
  variant["ServerlessConfig"] = {{"MemorySizeInMB", 2048}, {"MaxConcurrency", 5}, {"ProvisionedConcurrency", 6}};
  const auto faults = Faults(Kind::kEndpointConfig, config);
  CHECK(RuleAt(faults, "Properties.ProductionVariants[0].ServerlessConfig.ProvisionedConcurrency") ==
        "must be at most MaxConcurrency, 5");
  CHECK(RuleAt(faults, "Properties.ProductionVariants[0].InitialInstanceCount") ==
        "must not stand beside ServerlessConfig");
  variant["ServerlessConfig"] = {{"MemorySizeInMB", 1500}, {"MaxConcurrency", 5}};
  variant.erase("InitialInstanceCount");
  CHECK(RuleAt(Faults(Kind::kEndpointConfig, config),
               "Properties.ProductionVariants[0].ServerlessConfig.MemorySizeInMB") ==
        "must be between 1024 and 6144 and a multiple of 1024");
}

TEST_CASE("least and most instances of managed scaling are in order") {
  Json config = ConfigProperties();
  config["ProductionVariants"][0]["ManagedInstanceScaling"] = {
      {"Status", "ENABLED"}, {"MinInstanceCount", 3}, {"MaxInstanceCount", 2}};
  CHECK(RuleAt(Faults(Kind::kEndpointConfig, config),
               "Properties.ProductionVariants[0].ManagedInstanceScaling.MinInstanceCount") ==
        "must be at most MaxInstanceCount, 2");
}

TEST_CASE("an update is blue/green or rolling, not both") {
  Json properties = BlueGreen(R"({"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0})", 600, 0);
  CHECK(Faults(Kind::kEndpoint, properties).empty());
  properties["DeploymentConfig"]["RollingUpdatePolicy"] = {
      {"MaximumBatchSize", {{"Type", "CAPACITY_PERCENT"}, {"Value", 60}}}, {"WaitIntervalInSeconds", 0}};
  const auto faults = Faults(Kind::kEndpoint, properties);
  CHECK(RuleAt(faults, "Properties.DeploymentConfig.RollingUpdatePolicy") ==
        "must not stand beside BlueGreenUpdatePolicy");
  CHECK(RuleAt(faults, "Properties.DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize.Value") ==
        "must be between 5 and 50 percent");
}

TEST_CASE("canary and linear steps have their size, and only theirs") {
  const std::string routing = std::string(kPolicy) + ".TrafficRoutingConfiguration";
  const auto canary = Faults(Kind::kEndpoint, BlueGreen(R"({"Type": "CANARY", "WaitIntervalInSeconds": 0,
      "LinearStepSize": {"Type": "INSTANCE_COUNT", "Value": 1}})",
                                                        600, 0));
  CHECK(RuleAt(canary, routing + ".CanarySize") == "is required where Type is CANARY");
  CHECK(RuleAt(canary, routing + ".LinearStepSize") == "is allowed only where Type is LINEAR");
  const auto linear = Faults(Kind::kEndpoint, BlueGreen(R"({"Type": "LINEAR", "WaitIntervalInSeconds": 0,
      "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 9}})",
                                                        600, 0));
  CHECK(RuleAt(linear, routing + ".LinearStepSize.Value") == "must be between 10 and 50 percent");
}

TEST_CASE("an update's time limit exceeds its waits") {
  const std::string path = std::string(kPolicy) + ".MaximumExecutionTimeoutInSeconds";
  const auto rule = [&](const char* routing, int timeout, int termination) {
    return RuleAt(Faults(Kind::kEndpoint, BlueGreen(routing, timeout, termination)), path);
  };
  const char* canary =
      R"({"Type": "CANARY", "WaitIntervalInSeconds": 300, "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10}})";
  CHECK_THAT(rule(canary, 700, 100), Catch::Contains("700 seconds"));
  CHECK(rule(canary, 701, 100).empty());
  const char* linear =
      R"({"Type": "LINEAR", "WaitIntervalInSeconds": 200, "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 30}})";
  CHECK_THAT(rule(linear, 800, 0), Catch::Contains("800 seconds"));
  CHECK(rule(linear, 801, 0).empty());
}

TEST_CASE("properties of any wrong shape end in faults") {
  for (const char* text :
       {"null", "[]", "5", "\"x\"", "{}", R"({"ProductionVariants": 5, "ShadowProductionVariants": {}})",
        R"({"ProductionVariants": [null, 5, []], "Tags": [7, {}]})",
        R"({"Containers": {"a": 1}, "PrimaryContainer": []})", R"({"Containers": [null, [], "x"]})",
        R"({"DeploymentConfig": {"BlueGreenUpdatePolicy": []}})",
        R"({"DeploymentConfig": {"BlueGreenUpdatePolicy": {"MaximumExecutionTimeoutInSeconds": 600,
                               "TerminationWaitInSeconds": 18446744073709551615,
                               "TrafficRoutingConfiguration": {"Type": 3, "WaitIntervalInSeconds": 1e300}}}})"})
    for (const KindInfo& info : Kinds()) {
      INFO(info.word << " " << text);
      CHECK_FALSE(Validate({info.kind, "n", Json::parse(text)}).empty());
    }
}
