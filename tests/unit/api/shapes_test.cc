#include "api/shapes.h"

#include <catch2/catch.hpp>

#include "api/route.h"

namespace smhost {
namespace {

Json Model(Json shapes) {
  return {{"metadata", {{"serviceFullName", "Test"}}},
          {"operations", {{"Op", {{"name", "Op"}, {"input", {{"shape", "In"}}}}}}},
          {"shapes", std::move(shapes)},
          {"known", {"Op", "Other"}}};
}

TEST_CASE("every built-in model can be read, and names operations beyond those that are built") {
  for (ServiceKind kind : {ServiceKind::kSageMaker, ServiceKind::kSts, ServiceKind::kMonitoring, ServiceKind::kCloudFormation})
    CHECK_FALSE(ShapesOf(kind).service_name().empty());
  const ServiceShapes& sagemaker = ShapesOf(ServiceKind::kSageMaker);
  CHECK(sagemaker.FindOperation("CreateModel") != nullptr);
  CHECK(sagemaker.FindOperation("CreateTrainingJob") == nullptr);
  CHECK(sagemaker.KnownOperation("CreateTrainingJob"));
  CHECK_FALSE(sagemaker.KnownOperation("CreateTrainingJobs"));
}

TEST_CASE("a shape has the model's limits") {
  const Shape& input = *ShapesOf(ServiceKind::kSageMaker).FindOperation("CreateEndpointConfig")->input;
  const ShapeMember& variants = *input.FindMember("ProductionVariants");
  CHECK(variants.required);
  CHECK(variants.shape->max == 10);
  const Shape& variant = *variants.shape->element.shape;
  CHECK(variant.FindMember("InstanceType")->shape->words.size() > 200);
  CHECK(variant.FindMember("VariantName")->shape->pattern->text() == "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}");
}

TEST_CASE("an error is found by its shape's name and by the query protocol's word") {
  const ApiOperation& operation = *ShapesOf(ServiceKind::kMonitoring).FindOperation("PutMetricData");
  REQUIRE(operation.FindError("InvalidParameterValue") != nullptr);
  CHECK(operation.FindError("InvalidParameterValue") == operation.FindError("InvalidParameterValueException"));
  CHECK(operation.FindError("ResourceNotFound") == nullptr);
}

TEST_CASE("a model with what is not built is refused, with the name") {
  CHECK(ServiceShapes::Read(Model({{"In", {{"type", "structure"}}}})));
  CHECK_THAT(ServiceShapes::Read(Model({{"In", {{"type", "tree"}}}})).error().message, Catch::Contains("tree"));
  CHECK_THAT(ServiceShapes::Read(Model({{"Out", {{"type", "structure"}}}})).error().message, Catch::Contains("In"));
  CHECK_THAT(ServiceShapes::Read(Model({{"In", {{"type", "string"}, {"pattern", "(a"}}}})).error().message, Catch::Contains("(a"));
  CHECK_FALSE(ServiceShapes::Read(Json::array()));
}

}  // namespace
}  // namespace smhost
