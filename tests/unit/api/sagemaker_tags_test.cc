#include "unit/api/sagemaker_world.h"

namespace smhost {
namespace {

Json Tag(const std::string& key, const std::string& value) { return {{"Key", key}, {"Value", value}}; }
Json Tags(const std::string& arn, const std::vector<Json>& tags) { return {{"ResourceArn", arn}, {"Tags", tags}}; }

TEST_CASE("tags are added, replaced, listed and deleted on all three kinds") {
  SagemakerWorld world;
  world.MakeEndpoint("e");
  for (const std::string& arn : {HostingArn("model/m"), HostingArn("endpoint-config/c"), HostingArn("endpoint/e")}) {
    INFO(arn);
    CHECK(world.Done("ListTags", {{"ResourceArn", arn}}) == Json({{"Tags", Json::array()}}));
    CHECK(world.Done("AddTags", Tags(arn, {Tag("a", "1"), Tag("b", "2")})) == Json({{"Tags", {Tag("a", "1"), Tag("b", "2")}}}));
    CHECK(world.Done("AddTags", Tags(arn, {Tag("c", ""), Tag("a", "3")})) == Json({{"Tags", {Tag("a", "3"), Tag("b", "2"), Tag("c", "")}}}));
    CHECK(world.Done("DeleteTags", {{"ResourceArn", arn}, {"TagKeys", {"a", "none", "c"}}}).is_null());
    CHECK(world.Done("ListTags", {{"ResourceArn", arn}, {"MaxResults", 50}}) == Json({{"Tags", {Tag("b", "2")}}}));
    world.Done("DeleteTags", {{"ResourceArn", arn}, {"TagKeys", {"b"}}});
  }
  // As if there had never been any.
  CHECK_FALSE(world.store.Get(world.account, Kind::kModel, "m")->properties.contains("Tags"));
}

TEST_CASE("tags given at creation are listed and described nowhere else") {
  SagemakerWorld world;
  Json model = world.ModelInput("Vad");
  model["Tags"] = {Tag("a", "1")};
  world.Done("CreateModel", model);
  CHECK(world.Done("ListTags", {{"ResourceArn", HostingArn("model/vad")}})["Tags"] == model["Tags"]);
  CHECK_FALSE(world.Done("DescribeModel", {{"ModelName", "Vad"}}).contains("Tags"));
}

TEST_CASE("a change of tags deploys nothing: generation, times and status stay") {
  SagemakerWorld world;
  world.MakeEndpoint();
  const Resource before = world.store.Get(world.account, Kind::kEndpoint, "e").value();
  world.clock.Advance(std::chrono::seconds(5));
  world.Done("AddTags", Tags(HostingArn("endpoint/e"), {Tag("a", "1")}));
  const Resource after = world.store.Get(world.account, Kind::kEndpoint, "e").value();
  CHECK(after.generation == before.generation);
  CHECK(after.last_modified_time == before.last_modified_time);
  CHECK(after.uid == before.uid);
  CHECK(world.StatusOf("e") == "InService");
}

TEST_CASE("tags stay through an update") {
  SagemakerWorld world;
  world.MakeEndpoint();
  world.Done("AddTags", Tags(HostingArn("endpoint/e"), {Tag("a", "1")}));
  world.Done("UpdateEndpoint", world.EndpointInput("e"));
  CHECK(world.Done("ListTags", {{"ResourceArn", HostingArn("endpoint/e")}})["Tags"].size() == 1);
}

TEST_CASE("a resource has at most fifty tags, and keys that AWS would take") {
  SagemakerWorld world;
  world.MakeModel();
  const std::string arn = HostingArn("model/m");
  std::vector<Json> fifty;
  for (int i = 0; i < 50; ++i) fifty.push_back(Tag("k" + std::to_string(i), "v"));
  world.Done("AddTags", Tags(arn, fifty));
  world.Done("AddTags", Tags(arn, {Tag("k7", "another")}));
  CHECK_THAT(world.Invalid("AddTags", Tags(arn, {Tag("more", "v")})), Catch::Contains("would have 51 tags; at most 50 are allowed"));
  CHECK_THAT(world.Invalid("AddTags", Tags(arn, {Tag("aws:x", "v")})), Catch::Contains("must not begin with aws:"));
  CHECK_THAT(world.Invalid("AddTags", Tags(arn, {Tag("x", "1"), Tag("x", "2")})), Catch::Contains("stands in two tags"));
  CHECK(world.Done("ListTags", {{"ResourceArn", arn}})["Tags"].size() == 50);
}

TEST_CASE("tags belong to what exists and has tags, in the caller's account and region") {
  SagemakerWorld world;
  world.MakeModel();
  for (const char* operation : {"AddTags", "ListTags", "DeleteTags"}) {
    INFO(operation);
    const auto invalid = [&](const std::string& arn) {
      return world.Invalid(operation, {{"ResourceArn", arn}, {"Tags", {Tag("a", "1")}}, {"TagKeys", {"a"}}});
    };
    CHECK(invalid(HostingArn("model/none")) == "Could not find model \"" + HostingArn("model/none") + "\".");
    const std::string other_account = "arn:aws:sagemaker:us-east-1:111122223333:model/m";
    CHECK(invalid(other_account) == "Could not find model \"" + other_account + "\".");
    const std::string other_region = "arn:aws:sagemaker:eu-west-1:000000000000:model/m";
    CHECK(invalid(other_region) == "Could not find model \"" + other_region + "\".");
    CHECK_THAT(invalid("model/m"), Catch::Contains("is no ARN of SageMaker hosting"));
    CHECK_THAT(invalid(HostingArn("notebook-instance/m")), Catch::Contains("is no ARN of SageMaker hosting"));
    CHECK_THAT(invalid("arn:aws:cloudwatch:us-east-1:000000000000:alarm:a"), Catch::Contains("has no tags here"));
  }
}

TEST_CASE("there is one page of tags, so a token was never given") {
  SagemakerWorld world;
  world.MakeModel();
  CHECK_THAT(world.Invalid("ListTags", {{"ResourceArn", HostingArn("model/m")}, {"NextToken", "x"}}), Catch::Contains("NextToken is not valid"));
}

}  // namespace
}  // namespace smhost
