#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "documents.h"
#include "resources/template.h"

using namespace smhost;
namespace fs = std::filesystem;

namespace {

const fs::path kExamples = fs::path(SMHOST_SOURCES) / "schemas/examples";

DocumentSource Read(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return {text.str(), path.filename().string(), "/models"};
}

std::string Said(const LoadFailure& failure) {
  std::string text;
  for (const Fault& fault : failure.faults) text += Describe(fault) + "\n";
  return text;
}

}  // namespace

TEST_CASE("every example of one file is loaded without fault or note") {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(kExamples)) {
    if (entry.path().extension() != ".json") continue;
    const auto loaded = LoadDocuments({Read(entry.path())}, {});
    INFO(entry.path() << "\n" << (loaded ? "" : Said(loaded.error())));
    REQUIRE(loaded);
    CHECK(loaded->notes.empty());
    CHECK(loaded->documents.size() >= 3);
    CHECK(loaded->documents.back().kind == Kind::kEndpoint);
    ++count;
  }
  CHECK(count >= 2);
}

TEST_CASE("the folder of three files is loaded in the order of dependence") {
  std::vector<DocumentSource> sources;
  for (const auto& entry : fs::directory_iterator(kExamples / "three-files")) sources.push_back(Read(entry.path()));
  std::sort(sources.begin(), sources.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto loaded = LoadDocuments(sources, {});
  INFO((loaded ? "" : Said(loaded.error())));
  REQUIRE(loaded);
  REQUIRE(loaded->documents.size() == 3);
  CHECK(loaded->documents[0].kind == Kind::kModel);
  CHECK(loaded->documents[1].kind == Kind::kEndpointConfig);
  CHECK(loaded->documents[2].kind == Kind::kEndpoint);
  CHECK(loaded->documents[0].properties["PrimaryContainer"]["ModelDataUrl"] == "file:///speech.tar.gz");
}

TEST_CASE("the minimal example takes its parameters") {
  const auto loaded = LoadDocuments({Read(kExamples / "minimal.json")},
                                    {.parameters = {{"InstanceCount", "3"}, {"ModelData", "s3://b/k"}}});
  REQUIRE(loaded);
  CHECK(loaded->documents[1].properties["ProductionVariants"][0]["InitialInstanceCount"] == 3);
  CHECK(loaded->documents[0].properties["PrimaryContainer"]["ModelDataUrl"] == "s3://b/k");
  CHECK(loaded->outputs.at("EndpointName") == "my-endpoint");
  CHECK(loaded->outputs.at("EndpointArn") == "arn:aws:sagemaker:us-east-1:000000000000:endpoint/my-endpoint");
}
