#include "controller/desired.h"

#include <catch2/catch.hpp>

using namespace smhost;

namespace {

struct Documents {
  std::map<std::string, Resource> models, configs;
  Resource endpoint;

  Documents() {
    Resource model;
    model.properties = {{"PrimaryContainer",
                         {{"Image", "smhost/torch"}, {"ModelDataUrl", "file:///m.tar.gz"}, {"Environment", {{"SMHOST_METHOD", "go"}}}}}};
    models["m"] = model;
    Resource config;
    config.properties = {{"ProductionVariants",
                          {{{"VariantName", "A"}, {"ModelName", "m"}, {"InstanceType", "ml.m5.4xlarge"}, {"InitialInstanceCount", 2}}}}};
    configs["c"] = config;
    endpoint.name = "e";
    endpoint.uid = "u1";
    endpoint.generation = 3;
    endpoint.properties = {{"EndpointName", "e"}, {"EndpointConfigName", "c"}};
  }
  Desired Compose(Machine machine = {4, 8ull << 30}) const {
    return ComposeDesired(
        endpoint,
        [this](Kind kind, const std::string& name) -> const Resource* {
          const auto& from = kind == Kind::kModel ? models : configs;
          auto it = from.find(name);
          return it == from.end() ? nullptr : &it->second;
        },
        machine, journal);
  }
  Journal journal;
};

}  // namespace

TEST_CASE("an endpoint is composed of its configuration, its model and the instance type") {
  Desired d = Documents().Compose();
  CHECK(d.problem.empty());
  CHECK(d.endpoint_uid == "u1");
  REQUIRE(d.fleet.variants.size() == 1);
  const VariantSpec& v = d.fleet.variants[0];
  CHECK(v.artifact_url == "file:///m.tar.gz");
  CHECK(v.environment.at("SMHOST_METHOD") == "go");
  CHECK(v.count == 2);
  CHECK(v.weight == 1.0);
}

TEST_CASE("an instance type's figures are cut to what the machine has") {
  const VariantSpec small = Documents().Compose({2, 1ull << 30}).fleet.variants[0];
  CHECK(small.threads == 2);
  CHECK(small.memory_bytes == 1ull << 30);
  const VariantSpec large = Documents().Compose({96, 512ull << 30}).fleet.variants[0];
  CHECK(large.threads == 16);
  CHECK(large.memory_bytes == 64ull << 30);
}

TEST_CASE("SMHOST_THREADS overrides the instance type's processors") {
  Documents documents;
  documents.models["m"].properties["PrimaryContainer"]["Environment"]["SMHOST_THREADS"] = "3";
  CHECK(documents.Compose().fleet.variants[0].threads == 3);
}

TEST_CASE("what is missing is named in AWS's words and is a revision of its own") {
  Documents documents;
  std::string good = documents.Compose().fleet.revision;
  SECTION("the configuration") {
    documents.configs.clear();
    CHECK(documents.Compose().problem == "Could not find endpoint configuration \"c\".");
  }
  SECTION("the model") {
    documents.models.clear();
    CHECK(documents.Compose().problem == "Could not find model \"m\" of production variant A.");
  }
  CHECK(documents.Compose().fleet.revision != good);
}

TEST_CASE("a container listed alone in Containers is the primary one") {
  Documents documents;
  Json container = documents.models["m"].properties["PrimaryContainer"];
  documents.models["m"].properties = {{"Containers", Json::array({container})}};
  CHECK(documents.Compose().fleet.variants[0].artifact_url == "file:///m.tar.gz");
}

TEST_CASE("an artifact named by ModelDataSource is found") {
  Documents documents;
  documents.models["m"].properties["PrimaryContainer"] = {
      {"Image", "smhost/torch"},
      {"ModelDataSource", {{"S3DataSource", {{"S3Uri", "s3://b/k"}, {"S3DataType", "S3Object"}, {"CompressionType", "Gzip"}}}}}};
  CHECK(documents.Compose().fleet.variants[0].artifact_url == "s3://b/k");
}
