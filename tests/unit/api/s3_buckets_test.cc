#include "s3_world.h"

namespace smhost {
namespace {

constexpr const char* kOther = "111122223333";

TEST_CASE_METHOD(S3World, "buckets are made, listed and removed by their owner") {
  CHECK(Ask("PUT", "/models").Header("Location") == "/models");
  CHECK(Ask("PUT", "/of-other", "", {}, kOther).status() == 200);
  CHECK(Ask("GET", "/").Texts("Name") == std::vector<std::string>{"models"});
  CHECK(Ask("GET", "/", "", {}, kOther).Texts("Name") == std::vector<std::string>{"of-other"});
  CHECK(Ask("HEAD", "/models").status() == 200);
  CHECK(Ask("HEAD", "/models").Header("x-amz-bucket-region") == kRegion);
  CHECK(Ask("DELETE", "/models").status() == 204);
  CHECK(Ask("HEAD", "/models").status() == 404);
  CHECK(ErrorOf(Ask("DELETE", "/models")) == "404 NoSuchBucket");
  CHECK(Leftovers().empty());
}

TEST_CASE_METHOD(S3World, "a bucket's name is taken for all accounts") {
  Ask("PUT", "/models");
  CHECK(ErrorOf(Ask("PUT", "/models")) == "409 BucketAlreadyOwnedByYou");
  CHECK(ErrorOf(Ask("PUT", "/models", "", {}, kOther)) == "409 BucketAlreadyExists");
}

TEST_CASE_METHOD(S3World, "another account's bucket is closed") {
  Ask("PUT", "/models");
  Put("/models/a", "hello");
  for (auto [method, target] : {std::pair{"GET", "/models"},
                                {"HEAD", "/models"},
                                {"DELETE", "/models"},
                                {"GET", "/models/a"},
                                {"PUT", "/models/a"},
                                {"DELETE", "/models/a"},
                                {"POST", "/models/a?uploads"},
                                {"GET", "/models?uploads"},
                                {"GET", "/models?location"}}) {
    INFO(method << " " << target);
    KeptAnswer answer = Ask(method, target, "", {}, kOther);
    CHECK(answer.status() == 403);
    if (std::string(method) != "HEAD") CHECK(answer.Text("Code") == "AccessDenied");
  }
  Ask("PUT", "/mine", "", {}, kOther);
  CHECK(ErrorOf(Ask("PUT", "/mine/a", "", {{"x-amz-copy-source", "models/a"}}, kOther)) == "403 AccessDenied");
  CHECK(OnDisk("models/a") == "hello");
}

TEST_CASE_METHOD(S3World, "a folder made by hand is a bucket of the local account") {
  std::filesystem::create_directories(home.Objects() + "/by.hand");
  std::filesystem::create_directories(home.Objects() + "/No_Bucket");
  CHECK(Ask("GET", "/").Texts("Name") == std::vector<std::string>{"by.hand"});
  CHECK(Ask("GET", "/by.hand").status() == 200);
  CHECK(Ask("GET", "/by.hand", "", {}, kOther).status() == 403);
}

TEST_CASE_METHOD(S3World, "a bucket that is not empty stays; empty folders in it do not count") {
  Ask("PUT", "/models");
  Put("/models/a/b", "x");
  CHECK(ErrorOf(Ask("DELETE", "/models")) == "409 BucketNotEmpty");
  Ask("DELETE", "/models/a/b");
  std::filesystem::create_directories(home.Objects() + "/models/made/by/hand");
  CHECK(Ask("DELETE", "/models").status() == 204);
  CHECK_FALSE(std::filesystem::exists(home.Objects() + "/models"));
}

TEST_CASE_METHOD(S3World, "names that no bucket has are refused") {
  for (const char* name : {"ab", "Models", "under_score", "1.2.3.4", "a..b"}) {
    CHECK(ErrorOf(Ask("PUT", std::string("/") + name)) == "400 InvalidBucketName");
    CHECK(ErrorOf(Ask("GET", std::string("/") + name + "/key")) == "400 InvalidBucketName");
  }
  CHECK(ErrorOf(Ask("PUT", "/..%2f..%2fetc")) == "400 InvalidBucketName");
  CHECK(ErrorOf(Ask("PUT", "/%")) == "400 InvalidURI");
}

TEST_CASE_METHOD(S3World, "a bucket is where the runtime is") {
  auto asked = [](const std::string& place) {
    return "<CreateBucketConfiguration><LocationConstraint>" + place +
           "</LocationConstraint></CreateBucketConfiguration>";
  };
  CHECK(Ask("PUT", "/models", asked(kRegion)).status() == 200);
  CHECK(ErrorOf(Ask("PUT", "/other", asked("eu-west-1"))) == "400 InvalidLocationConstraint");
  CHECK(ErrorOf(Ask("PUT", "/other", "<broken")) == "400 MalformedXML");
  KeptAnswer location = Ask("GET", "/models?location");
  CHECK(location.status() == 200);
  CHECK(location.body.find("LocationConstraint") != std::string::npos);
  CHECK(location.body.find(kRegion) == std::string::npos);  // the first region has no constraint
  context.region = "eu-west-1";
  CHECK(Ask("GET", "/models?location").body.find(">eu-west-1<") != std::string::npos);
}

TEST_CASE_METHOD(S3World, "versions, policies and such are not built; versioning is really off") {
  Ask("PUT", "/models");
  CHECK(Ask("GET", "/models?versioning").body.find("VersioningConfiguration") != std::string::npos);
  for (const char* query :
       {"acl", "policy", "cors", "lifecycle", "versions", "tagging", "encryption", "notification"}) {
    KeptAnswer answer = Ask("GET", std::string("/models?") + query);
    CHECK(ErrorOf(answer) == "501 NotImplemented");
    CHECK(answer.Text("Message").find(query) != std::string::npos);
  }
  CHECK(ErrorOf(Ask("PUT", "/models?versioning", "x")) == "501 NotImplemented");
  CHECK(ErrorOf(Ask("DELETE", "/models?policy")) == "501 NotImplemented");
  CHECK(ErrorOf(Ask("POST", "/models", "form")) == "501 NotImplemented");
  CHECK(Ask("HEAD", "/models").status() == 200);
}

TEST_CASE_METHOD(S3World, "the expected owner must be the owner") {
  Ask("PUT", "/models");
  CHECK(Ask("GET", "/models", "", {{"x-amz-expected-bucket-owner", kLocalAccount}}).status() == 200);
  CHECK(Ask("GET", "/models", "", {{"x-amz-expected-bucket-owner", kOther}}).status() == 403);
}

}  // namespace
}  // namespace smhost
