#include "artifacts/fetch_settings.h"

#include <catch2/catch.hpp>
#include <map>

using namespace smhost;

namespace {
FetchSettings Of(const std::map<std::string, std::string>& environment) {
  return FetchSettings::From([&](const char* name) -> const char* {
    auto it = environment.find(name);
    return it == environment.end() ? nullptr : it->second.c_str();
  });
}
}  // namespace

TEST_CASE("without variables there is no store, no credentials, and a region") {
  auto settings = Of({});
  CHECK(settings.s3_endpoint.empty());
  CHECK_FALSE(settings.credentials);
  CHECK(settings.region == "us-east-1");
}

TEST_CASE("credentials need both key and secret") {
  CHECK_FALSE(Of({{"AWS_ACCESS_KEY_ID", "a"}}).credentials);
  CHECK_FALSE(Of({{"AWS_ACCESS_KEY_ID", "a"}, {"AWS_SECRET_ACCESS_KEY", ""}}).credentials);
  auto own = Of({{"AWS_ACCESS_KEY_ID", "a"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_SESSION_TOKEN", "t"}}).credentials;
  REQUIRE(own);
  CHECK(own->access_key == "a");
  CHECK(own->session_token == "t");
}

TEST_CASE("AWS_REGION goes before AWS_DEFAULT_REGION, CURL_CA_BUNDLE before SSL_CERT_FILE") {
  CHECK(Of({{"AWS_DEFAULT_REGION", "eu-west-1"}}).region == "eu-west-1");
  CHECK(Of({{"AWS_DEFAULT_REGION", "eu-west-1"}, {"AWS_REGION", "eu-west-2"}}).region == "eu-west-2");
  CHECK(Of({{"SSL_CERT_FILE", "/s"}, {"CURL_CA_BUNDLE", "/c"}}).ca_file == "/c");
  CHECK(Of({{"SSL_CERT_FILE", "/s"}}).ca_file == "/s");
}

TEST_CASE("slashes at the store's end do not double") {
  CHECK(Of({{"SMHOST_S3_ENDPOINT", "http://127.0.0.1:9000//"}}).s3_endpoint == "http://127.0.0.1:9000");
}
