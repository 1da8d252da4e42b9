#include "resources/model_url.h"

#include <catch2/catch.hpp>

using namespace smhost;

TEST_CASE("a path becomes a file address from the document's folder") {
  CHECK(ModelUrl("model.tar.gz", "/srv/models") == "file:///srv/models/model.tar.gz");
  CHECK(ModelUrl("./a/../b.tar.gz", "/srv") == "file:///srv/b.tar.gz");
  CHECK(ModelUrl("../b.tar.gz", "/srv/x") == "file:///srv/b.tar.gz");
  CHECK(ModelUrl("/abs/m.tar.gz", "/srv") == "file:///abs/m.tar.gz");
  CHECK(ModelUrl("a b#1?%ä.tar.gz", "/s") == "file:///s/a%20b%231%3F%25%C3%A4.tar.gz");
  CHECK(ModelUrl("dir:1/m.tar.gz", "/s") == "dir:1/m.tar.gz");  // reads as a scheme, as in any URL; ./dir:1 is the path
  CHECK(ModelUrl("./dir:1/m.tar.gz", "/s") == "file:///s/dir%3A1/m.tar.gz");
}

TEST_CASE("an address stays as it is") {
  for (const char* url : {"s3://b/k", "https://h/x?y=1", "file:///a%20b", "S3://b/k", ""})
    CHECK(ModelUrl(url, "/srv") == url);
}

TEST_CASE("all sources of a model are rewritten") {
  const Json source = {{"S3DataSource", {{"S3Uri", "a"}}}};
  Json properties = {
      {"PrimaryContainer", {{"ModelDataUrl", "a"}}},
      {"Containers",
       Json::array({{{"ModelDataSource", source}, {"AdditionalModelDataSources", Json::array({source})}}})}};
  RewriteModelUrls("/s", properties);
  CHECK(properties["PrimaryContainer"]["ModelDataUrl"] == "file:///s/a");
  CHECK(properties["Containers"][0]["ModelDataSource"]["S3DataSource"]["S3Uri"] == "file:///s/a");
  CHECK(properties["Containers"][0]["AdditionalModelDataSources"][0]["S3DataSource"]["S3Uri"] == "file:///s/a");
}

TEST_CASE("properties of a wrong shape are left to the validation") {
  for (const char* text :
       {"null", "[]", R"({"PrimaryContainer": 5, "Containers": {}})", R"({"Containers": [null, {"ModelDataUrl": 5}]})",
        R"({"PrimaryContainer": {"ModelDataSource": [], "AdditionalModelDataSources": [1]}})"}) {
    Json properties = Json::parse(text);
    const Json before = properties;
    RewriteModelUrls("/s", properties);
    CHECK(properties == before);
  }
}
