#include "resources/defaults.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "documents.h"

using namespace smhost;
using namespace std::chrono_literals;

TEST_CASE("a variant that says only what it must has AWS's defaults") {
  const auto views =
      ViewVariants({{"ProductionVariants",
                     Json::array({{{"VariantName", "v"}, {"ModelName", "m"}, {"InstanceType", "ml.m5.large"}}})}});
  REQUIRE(views.size() == 1);
  CHECK(views[0].name == "v");
  CHECK(views[0].model_name == "m");
  CHECK(views[0].instance_type == "ml.m5.large");
  CHECK(views[0].instance_count == 1);
  CHECK(views[0].weight == 1.0);
  CHECK(views[0].volume_bytes == limits::kDefaultVolumeBytes);
  CHECK(views[0].download_timeout == 3600s);
  CHECK(views[0].startup_timeout == limits::kStartupTimeout);
}

TEST_CASE("what a variant says is taken") {
  const Json variant = {{"VariantName", "v"},
                        {"InitialInstanceCount", 3},
                        {"InitialVariantWeight", 0},
                        {"VolumeSizeInGB", 2},
                        {"ModelDataDownloadTimeoutInSeconds", 60},
                        {"ContainerStartupHealthCheckTimeoutInSeconds", 90}};
  const auto view = ViewVariants({{"ProductionVariants", Json::array({variant})}}).at(0);
  CHECK(view.instance_count == 3);
  CHECK(view.weight == 0);
  CHECK(view.volume_bytes == 2ull << 30);
  CHECK(view.download_timeout == 60s);
  CHECK(view.startup_timeout == 90s);
}

TEST_CASE("a model's artifact is found in each of its places") {
  const Json container = {{"Image", "i"}, {"ModelDataUrl", "s3://b/a"}, {"Environment", {{"A", "1"}}}};
  const Json source = {{"ModelDataSource", {{"S3DataSource", {{"S3Uri", "s3://b/c"}}}}}};
  const ModelView primary = ViewModel({{"PrimaryContainer", container}});
  CHECK(primary.image == "i");
  CHECK(primary.data_url == "s3://b/a");
  CHECK(primary.environment == std::map<std::string, std::string>{{"A", "1"}});
  CHECK(ViewModel({{"Containers", Json::array({container})}}).data_url == "s3://b/a");
  CHECK(ViewModel({{"PrimaryContainer", source}}).data_url == "s3://b/c");
  CHECK(ViewModel(Json::object()).data_url.empty());
}
