#include "api/policy.h"
#include "api/store_error.h"
#include "unit/api/sagemaker_world.h"

namespace smhost {
namespace {

// Allows nothing and remembers what it was asked.
class Closed final : public Policy {
 public:
  Decision Decide(std::string_view action, std::string_view resource) const override {
    asked = std::string(action) + " " + std::string(resource);
    return Decision::kNoStatement;
  }
  mutable std::string asked;
};

TEST_CASE("each operation asks for its own action on its own resource before it does anything") {
  SagemakerWorld world;
  auto policy = std::make_shared<Closed>();
  world.caller.policy = policy;
  const Json input = {{"ModelName", "M"}, {"EndpointConfigName", "C"}, {"EndpointName", "E"}, {"ResourceArn", HostingArn("model/m")}};
  const std::pair<const char*, std::string> kExpected[] = {
      {"CreateModel", HostingArn("model/m")},
      {"DescribeModel", HostingArn("model/m")},
      {"DeleteModel", HostingArn("model/m")},
      {"ListModels", "*"},
      {"CreateEndpointConfig", HostingArn("endpoint-config/c")},
      {"DescribeEndpointConfig", HostingArn("endpoint-config/c")},
      {"DeleteEndpointConfig", HostingArn("endpoint-config/c")},
      {"ListEndpointConfigs", "*"},
      {"CreateEndpoint", HostingArn("endpoint/e")},
      {"DescribeEndpoint", HostingArn("endpoint/e")},
      {"UpdateEndpoint", HostingArn("endpoint/e")},
      {"UpdateEndpointWeightsAndCapacities", HostingArn("endpoint/e")},
      {"DeleteEndpoint", HostingArn("endpoint/e")},
      {"ListEndpoints", "*"},
      {"AddTags", HostingArn("model/m")},
      {"ListTags", HostingArn("model/m")},
      {"DeleteTags", HostingArn("model/m")},
  };
  for (const auto& [operation, resource] : kExpected) {
    const ApiError error = world.Refused(operation, input);
    CHECK(error.code == "AccessDeniedException");
    CHECK(policy->asked == std::string("sagemaker:") + operation + " " + resource);
  }
}

TEST_CASE("an operation that is not built says so") {
  SagemakerWorld world;
  const ApiError error = world.Refused("CreateTrainingJob");
  CHECK(error.code == "UnknownOperationException");
  CHECK(error.message == "smhost does not have the operation CreateTrainingJob of SageMaker.");
}

TEST_CASE("what the state directory answers has a code that clients know") {
  const auto code = [](Code of, const char* resource = "model/m") { return ApiErrorOf(Error{of, "m", resource}).code; };
  CHECK(code(Code::kInvalid) == "ValidationException");
  CHECK(code(Code::kNotFound) == "ValidationException");
  CHECK(code(Code::kConflict) == "ValidationException");
  CHECK(code(Code::kConflict, "") == "ThrottlingException");
  CHECK(code(Code::kDenied) == "AccessDeniedException");
  CHECK(ApiErrorOf(Error{Code::kUnavailable, "disk full", ""}).status == 503);
  CHECK(ApiErrorOf(Error{Code::kCorrupt, "damaged", ""}).status == 500);
}

TEST_CASE("a full disk is told as such and nothing is created") {
  SagemakerWorld world;
  world.MakeModel("first");
  world.files.FailFrom(1, ENOSPC);
  const ApiError error = world.Refused("CreateModel", world.ModelInput("m"));
  CHECK(error.code == "ServiceUnavailable");
  CHECK(error.status == 503);
  world.files.StopFailing();
  world.MakeModel("m");
}

}  // namespace
}  // namespace smhost
