#include "api/constraints.h"

#include <catch2/catch.hpp>

#include "api/route.h"

namespace smhost {
namespace {

std::string Faults(ServiceKind service, const char* operation, const Json& input) {
  auto error = CheckConstraints(*ShapesOf(service).FindOperation(operation)->input, input);
  if (!error) return "";
  CHECK(error->code == "ValidationException");
  CHECK(error->status == 400);
  return error->message;
}
std::string SageMakerFaults(const char* operation, const Json& input) { return Faults(ServiceKind::kSageMaker, operation, input); }

Json Variant(Json more = Json::object()) {
  Json variant = {{"VariantName", "main"}, {"ModelName", "m"}, {"InstanceType", "ml.m5.large"}, {"InitialInstanceCount", 1}};
  variant.update(more);
  return variant;
}
Json Config(Json variants) { return {{"EndpointConfigName", "c"}, {"ProductionVariants", std::move(variants)}}; }

TEST_CASE("an input that keeps all rules has no faults") {
  CHECK(SageMakerFaults("CreateEndpointConfig", Config({Variant()})) == "");
  CHECK(SageMakerFaults("ListModels", Json::object()) == "");
}

TEST_CASE("a missing member") {
  CHECK(SageMakerFaults("CreateModel", Json::object()) ==
        "1 validation error detected: Value null at 'modelName' failed to satisfy constraint: Member must not be null");
}

TEST_CASE("an enum names its values and the place") {
  const std::string said = SageMakerFaults("CreateEndpointConfig", Config({Variant(), Variant({{"InstanceType", "ml.t3.medium"}})}));
  CHECK_THAT(said, Catch::StartsWith("1 validation error detected: Value 'ml.t3.medium' at 'productionVariants.2.member.instanceType' "
                                     "failed to satisfy constraint: Member must satisfy enum value set: ["));
  CHECK_THAT(said, Catch::Contains(", ml.m5.large, ") && Catch::EndsWith("]"));
}

TEST_CASE("lengths, ranges and patterns, all in one message") {
  CHECK(SageMakerFaults("ListModels", {{"MaxResults", 101}, {"NameContains", "a b"}}) ==
        "2 validation errors detected: Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than "
        "or equal to 100; Value 'a b' at 'nameContains' failed to satisfy constraint: Member must satisfy regular expression "
        "pattern: [a-zA-Z0-9-]+");
  CHECK(SageMakerFaults("DescribeModel", {{"ModelName", std::string(64, 'a')}}) ==
        "1 validation error detected: Value '" + std::string(64, 'a') +
            "' at 'modelName' failed to satisfy constraint: Member must have length less than or equal to 63");
  CHECK(SageMakerFaults("ListModels", {{"MaxResults", 0}}) ==
        "1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than "
        "or equal to 1");
  CHECK_THAT(SageMakerFaults("CreateEndpointConfig", Config(Json::array())),
             Catch::Contains("Value '[]' at 'productionVariants' failed to satisfy constraint: Member must have length greater than "
                             "or equal to 1"));
}

TEST_CASE("a large limit is written out") {
  CHECK_THAT(Faults(ServiceKind::kCloudFormation, "CreateStack", {{"StackName", "s"}, {"TemplateURL", std::string(6000, 'x')}}),
             Catch::EndsWith("Member must have length less than or equal to 5120"));
  CHECK_THAT(Faults(ServiceKind::kMonitoring, "DescribeAlarms", {{"MaxRecords", 101}}), Catch::EndsWith("less than or equal to 100"));
}

TEST_CASE("a list of plain values is told once, with the rules of its elements") {
  const std::string said =
      SageMakerFaults("DeleteTags", {{"ResourceArn", "arn:aws:sagemaker:us-east-1:000000000000:model/m"}, {"TagKeys", {"ok", ""}}});
  CHECK_THAT(said, Catch::StartsWith("1 validation error detected: Value '[ok, ]' at 'tagKeys' failed to satisfy constraint: Member must "
                                     "satisfy constraint: [Member must have length less than or equal to 128, Member must have length "
                                     "greater than or equal to 1, "));
}

TEST_CASE("a map's keys and values have rules") {
  const Json container = {{"Image", "i"}, {"Environment", {{"1 2", std::string(1100, 'x')}}}};
  const std::string said = SageMakerFaults("CreateModel", {{"ModelName", "m"}, {"PrimaryContainer", container}});
  CHECK_THAT(said, Catch::StartsWith("2 validation errors detected: Value '{1 2=xxx"));
  CHECK_THAT(said, Catch::Contains("at 'primaryContainer.environment' failed to satisfy constraint: Map keys must satisfy constraint: ["));
  CHECK_THAT(said, Catch::Contains("Map value must satisfy constraint: [Member must have length less than or equal to 1024"));
  CHECK(said.size() < 4000);  // a long value is cut
}

TEST_CASE("a null among the elements is told") {
  CHECK_THAT(SageMakerFaults("CreateEndpointConfig", Config({Variant(), nullptr})),
             Catch::Contains("Value null at 'productionVariants.2.member' failed to satisfy constraint: Member must not be null"));
}

TEST_CASE("characters are counted, not bytes") {
  const Json good = {{"ResourceArn", "arn:aws:sagemaker:us-east-1:000000000000:model/m"},
                     {"Tags", Json::array({{{"Key", "k"}, {"Value", [] {
                                               std::string text;
                                               for (int i = 0; i < 256; ++i) text += "ä";
                                               return text;
                                             }()}}})}};
  CHECK(SageMakerFaults("AddTags", good) == "");
}

TEST_CASE("a document full of faults has a bounded answer") {
  const Json input = {{"Namespace", "n"}, {"MetricData", std::vector<Json>(5000, Json::object())}};
  CHECK_THAT(Faults(ServiceKind::kMonitoring, "PutMetricData", input), Catch::StartsWith("50 validation errors detected: "));
}

}  // namespace
}  // namespace smhost
