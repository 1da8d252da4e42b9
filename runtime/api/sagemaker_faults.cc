#include "api/sagemaker_faults.h"

#include "base/limits.h"
#include "base/limits_api.h"
#include "resources/effects.h"
#include "resources/validate.h"

namespace smhost::sagemaker {
namespace {

constexpr std::size_t kFaultsShown = 3;
constexpr std::string_view kRoot = "Properties.";

std::string TextOf(const std::vector<Fault>& faults) {
  std::string text;
  for (std::size_t i = 0; i < faults.size() && i < kFaultsShown; ++i) {
    Fault fault = faults[i];
    if (fault.path.starts_with(kRoot)) fault.path.erase(0, kRoot.size());
    text += (i == 0 ? "" : "; ") + Describe(fault);
  }
  if (faults.size() > kFaultsShown) text += " (and " + std::to_string(faults.size() - kFaultsShown) + " more)";
  return text;
}

std::optional<ApiError> RefuseTooManyInstances(const Document& document) {
  for (const char* list : {"ProductionVariants", "ShadowProductionVariants"})
    for (const Json& variant : MemberOr(document.properties, list)) {
      const std::int64_t count = IntOr(variant, "InitialInstanceCount");
      if (count > limits::kInstancesPerVariant) return InstanceLimitExceeded(StringOr(variant, "InstanceType"), 0, count);
    }
  return std::nullopt;
}

}  // namespace

std::optional<ApiError> RefuseFaults(const Document& document) {
  if (const auto faults = Validate(document); !faults.empty()) return ApiError{"ValidationException", TextOf(faults), 400, {}};
  if (auto error = RefuseTooManyInstances(document)) return error;
  if (const auto faults = Unsupported(document); !faults.empty())
    return ApiError{"ValidationException", "Not supported by smhost: " + TextOf(faults), 400, {}};
  return std::nullopt;
}

ApiError InstanceLimitExceeded(const std::string& instance_type, std::int64_t used, std::int64_t more) {
  return {"ResourceLimitExceeded",
          "The account-level service limit '" + instance_type + " for endpoint usage' is " +
              std::to_string(limits::kInstancesPerVariant) + " Instances, with current utilization of " + std::to_string(used) +
              " Instances and a request delta of " + std::to_string(more) +
              " Instances. One machine runs no more of one variant; ask for fewer.",
          400,
          {}};
}

ApiError ResourceLimitExceeded(Kind kind, std::size_t used) {
  return {"ResourceLimitExceeded",
          std::string("The account-level service limit '") + InfoOf(kind).word + " count' is " +
              std::to_string(limits::kApiResourcesPerKind) + ", with current utilization of " + std::to_string(used) +
              " and a request delta of 1. Delete those that are no longer used.",
          400,
          {}};
}

}  // namespace smhost::sagemaker
