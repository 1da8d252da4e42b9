#include "resources/arn.h"

#include <catch2/catch.hpp>

using namespace smhost;

TEST_CASE("an ARN is made with the name in lower case and read back") {
  for (const KindInfo& info : Kinds()) {
    if (info.kind == Kind::kAlarm || info.kind == Kind::kGoldenSet || info.kind == Kind::kPublicRoute) continue;
    const std::string text = MakeArn(info.kind, "eu-west-1", "123456789012", "My-Name9");
    CHECK(text == std::string("arn:aws:sagemaker:eu-west-1:123456789012:") + info.word + "/my-name9");
    const auto arn = ParseArn(text);
    REQUIRE(arn);
    CHECK(*arn == Arn{"aws", "eu-west-1", "123456789012", info.kind, "my-name9"});
  }
}

TEST_CASE("an alarm's ARN is that of CloudWatch and keeps the name's case") {
  const std::string text = MakeArn(Kind::kAlarm, "us-east-1", "123456789012", "My-Alarm");
  CHECK(text == "arn:aws:cloudwatch:us-east-1:123456789012:alarm:My-Alarm");
  REQUIRE(ParseArn(text));
  CHECK(ParseArn(text)->name == "My-Alarm");
  const std::string set = MakeArn(Kind::kGoldenSet, "us-east-1", "123456789012", "digits");
  REQUIRE(ParseArn(set));
  CHECK(ParseArn(set)->kind == Kind::kGoldenSet);
  CHECK(MakeArn(Kind::kPublicRoute, "us-east-1", "123456789012", "P") == "arn:aws:smhost:us-east-1:123456789012:public-route/p");
  for (const char* bad : {"arn:aws:cloudwatch:us-east-1:123456789012:alarm/a", "arn:aws:sagemaker:us-east-1:123456789012:alarm:a",
                          "arn:aws:cloudwatch:us-east-1:123456789012:model/m"})
    CHECK_FALSE(ParseArn(bad));
}

TEST_CASE("what is no ARN of ours is refused with the reason") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "must read arn:aws"},
      {"my-endpoint", "must read arn:aws"},
      {"arn:aws:sagemaker:us-east-1:123456789012", "must read arn:aws"},
      {"arn:gcp:sagemaker:us-east-1:123456789012:model/m", "partition"},
      {"arn:aws:s3:us-east-1:123456789012:model/m", "service"},
      {"arn:aws:sagemaker:../..:123456789012:model/m", "region"},
      {"arn:aws:sagemaker::123456789012:model/m", "region"},
      {"arn:aws:sagemaker:us-east-1:12345678901:model/m", "account"},
      {"arn:aws:sagemaker:us-east-1:12345678901x:model/m", "account"},
      {"arn:aws:sagemaker:us-east-1:123456789012:model", "must stand between"},
      {"arn:aws:sagemaker:us-east-1:123456789012:notebook/m", "kind"},
      {"arn:aws:sagemaker:us-east-1:123456789012:model/", "name"},
      {"arn:aws:sagemaker:us-east-1:123456789012:model/a/b", "name"},
      {"arn:aws:sagemaker:us-east-1:123456789012:model/..", "name"},
      {"arn:aws:sagemaker:us-east-1:123456789012:model/a:b", "name"}};
  for (const auto& [text, word] : cases) {
    INFO(text);
    const auto arn = ParseArn(text);
    REQUIRE_FALSE(arn);
    CHECK(arn.error().code == Code::kInvalid);
    CHECK_THAT(arn.error().message, Catch::Contains(word));
  }
}
