#include "resources/effects.h"

#include <catch2/catch.hpp>

#include "documents.h"
#include "resources/explain.h"

using namespace smhost;

namespace {
std::vector<std::string> Notes(Kind kind, const Json& properties) {
  std::vector<std::string> paths;
  for (const Note& note : Unbuilt(DocumentOf(kind, properties))) paths.push_back(note.path);
  return paths;
}
using Paths = std::vector<std::string>;
}  // namespace

TEST_CASE("what has an effect gets no note and no refusal") {
  for (const KindInfo& info : Kinds()) {
    const Kind kind = info.kind;
    Json properties = PropertiesOf(kind);
    properties["Tags"] = Json::array({{{"Key", "a"}, {"Value", "b"}}});
    CHECK(Notes(kind, properties).empty());
    CHECK(Unsupported(DocumentOf(kind, properties)).empty());
  }
}

TEST_CASE("each property without effect is noted at its place") {
  Json config = ConfigProperties();
  config["KmsKeyId"] = "k";
  config["ProductionVariants"].push_back(
      {{"VariantName", "w"}, {"EnableSSMAccess", true}, {"RoutingConfig", {{"RoutingStrategy", "RANDOM"}}}});
  CHECK(Notes(Kind::kEndpointConfig, config) ==
        Paths{"Properties.KmsKeyId", "Properties.ProductionVariants[1].EnableSSMAccess",
              "Properties.ProductionVariants[1].RoutingConfig.RoutingStrategy"});
  Json model = {{"ModelName", "m"},
                {"EnableNetworkIsolation", true},
                {"Containers", Json::array({{{"ContainerHostname", "h"}}})}};
  CHECK(Notes(Kind::kModel, model) ==
        Paths{"Properties.EnableNetworkIsolation", "Properties.Containers[0].ContainerHostname"});
}

TEST_CASE("a value that says what is done anyway gets no note") {
  Json config = ConfigProperties();
  config["EnableNetworkIsolation"] = false;
  config["ProductionVariants"][0]["RoutingConfig"] = {{"RoutingStrategy", "LEAST_OUTSTANDING_REQUESTS"}};
  CHECK(Notes(Kind::kEndpointConfig, config).empty());
}

TEST_CASE("how an update goes has an effect, all of it") {
  Json endpoint = EndpointProperties();
  endpoint["RetainAllVariantProperties"] = true;
  endpoint["ExcludeRetainedVariantProperties"] = Json::array({{{"VariantPropertyType", "DesiredWeight"}}});
  endpoint["RetainDeploymentConfig"] = true;
  endpoint["DeploymentConfig"] = {{"RollingUpdatePolicy", {{"WaitIntervalInSeconds", 0}}}};
  CHECK(Notes(Kind::kEndpoint, endpoint).empty());
}

TEST_CASE("shadow variants are looked at as production variants are") {
  Json config = ConfigProperties();
  config["ShadowProductionVariants"] = Json::array({{{"VariantName", "s"}, {"ModelName", "m"}, {"EnableSSMAccess", true}}});
  CHECK(Notes(Kind::kEndpointConfig, config) == Paths{"Properties.ShadowProductionVariants[0].EnableSSMAccess"});
  config["ShadowProductionVariants"][0] = {{"VariantName", "s"}, {"ServerlessConfig", Json::object()}};
  const auto faults = Unsupported(DocumentOf(Kind::kEndpointConfig, config));
  CHECK_THAT(RuleAt(faults, "Properties.ShadowProductionVariants[0].ModelName"), Catch::Contains("is required"));
  CHECK_THAT(RuleAt(faults, "Properties.ShadowProductionVariants[0].ServerlessConfig"), Catch::Contains("give InstanceType"));
}

TEST_CASE("every path of the table is a property of its schema") {
  for (const UnbuiltProperty& row : UnbuiltProperties()) {
    INFO(row.path);
    const auto text = Explain(std::string(InfoOf(row.kind).word) + "." + row.path);
    REQUIRE(text);
    CHECK_THAT(*text, Catch::Contains("Has no effect yet"));
    if (row.unless != nullptr) CHECK_FALSE(Json::parse(row.unless, nullptr, false).is_discarded());
  }
}

TEST_CASE("images other than the built-in worker's are refused") {
  Json model = ModelProperties();
  Json& image = model["PrimaryContainer"]["Image"];
  const auto rule = [&] {
    return RuleAt(Unsupported(DocumentOf(Kind::kModel, model)), "Properties.PrimaryContainer.Image");
  };
  for (const char* good : {"smhost/torch", "smhost/torch:2",
                           "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6-cpu-py312"}) {
    image = good;
    CHECK(rule().empty());
  }
  image = "exec:/usr/bin/server";
  CHECK_THAT(rule(), Catch::Contains("local programs cannot be run"));
  for (const char* bad : {"nginx", "smhost/torchx", "tensorflow-inference"}) {
    image = bad;
    CHECK_THAT(rule(), Catch::Contains("this image cannot be run"));
  }
}

TEST_CASE("models that cannot be served are refused with the way out") {
  const auto rule = [](const Json& container, const std::string& member) {
    return RuleAt(Unsupported(DocumentOf(Kind::kModel, {{"ModelName", "m"}, {"PrimaryContainer", container}})),
                  "Properties.PrimaryContainer." + member);
  };
  CHECK_THAT(rule({{"Image", "smhost/torch"}}, "ModelDataUrl"), Catch::Contains("without an artifact"));
  CHECK_THAT(rule({{"ModelPackageName", "p"}}, "ModelDataUrl"), Catch::Contains("model packages"));
  CHECK_THAT(rule({{"ModelDataUrl", "s3://b/"}, {"Mode", "MultiModel"}}, "Mode"), Catch::Contains("cannot be served"));
  const Json source = {
      {"S3DataSource", {{"S3Uri", "s3://b/"}, {"S3DataType", "S3Prefix"}, {"CompressionType", "None"}}}};
  CHECK_THAT(rule({{"ModelDataSource", source}}, "ModelDataSource.S3DataSource.S3DataType"),
             Catch::Contains("use S3Object"));
  CHECK_THAT(rule({{"ModelDataSource", source}}, "ModelDataSource.S3DataSource.CompressionType"),
             Catch::Contains("use Gzip"));
  CHECK_FALSE(rule({{"ModelDataSource", Json::object()}}, "ModelDataSource.S3DataSource").empty());
  Json two = {
      {"ModelName", "m"},
      {"Containers", Json::array({ModelProperties()["PrimaryContainer"], ModelProperties()["PrimaryContainer"]})}};
  CHECK_THAT(RuleAt(Unsupported(DocumentOf(Kind::kModel, two)), "Properties.Containers"),
             Catch::Contains("give one container, not 2"));
}

TEST_CASE("variants that cannot be served are refused with the way out") {
  const Json variant = {{"VariantName", "v"},
                        {"ServerlessConfig", Json::object()},
                        {"InstancePools", Json::array()},
                        {"InitialInstanceCount", 257}};
  const auto faults = Unsupported(DocumentOf(Kind::kEndpointConfig, {{"ProductionVariants", Json::array({variant})}}));
  const std::string path = "Properties.ProductionVariants[0].";
  CHECK_THAT(RuleAt(faults, path + "ModelName"), Catch::Contains("inference components"));
  CHECK_THAT(RuleAt(faults, path + "ServerlessConfig"), Catch::Contains("give InstanceType"));
  CHECK_THAT(RuleAt(faults, path + "InstancePools"), Catch::Contains("give InstanceType"));
  CHECK(RuleAt(faults, path + "InitialInstanceCount") == "must be at most 256 on one machine");
}
