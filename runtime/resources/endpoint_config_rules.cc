// Rules between the properties of an endpoint configuration.
#include <set>

#include "resources/validate.h"

namespace smhost {
namespace {

void CheckServerless(const Json& variant, const std::string& path, std::vector<Fault>& faults) {
  const Json& serverless = MemberOr(variant, "ServerlessConfig");
  const Json& most = MemberOr(serverless, "MaxConcurrency");
  const Json& provisioned = MemberOr(serverless, "ProvisionedConcurrency");
  if (most.is_number() && provisioned.is_number() && provisioned.get<double>() > most.get<double>())
    faults.push_back({path + ".ServerlessConfig.ProvisionedConcurrency",
                      ShortValue(provisioned),
                      "must be at most MaxConcurrency, " + ShortValue(most),
                      {}});
  for (const char* member : {"InstanceType", "InitialInstanceCount", "InstancePools", "VolumeSizeInGB"})
    if (variant.contains(member))
      faults.push_back({path + "." + member, {}, "must not stand beside ServerlessConfig", {}});
}

void CheckVariant(const Json& variant, const std::string& path, std::vector<Fault>& faults) {
  if (!variant.is_object()) return;
  if (variant.contains("ServerlessConfig"))
    CheckServerless(variant, path, faults);
  else if (!variant.contains("InstanceType") && !variant.contains("InstancePools"))
    faults.push_back({path + ".InstanceType", {}, "is required unless ServerlessConfig or InstancePools is there", {}});
  if (variant.contains("InstanceType") && variant.contains("InstancePools"))
    faults.push_back({path + ".InstancePools", {}, "must not stand beside InstanceType", {}});
  const Json& scaling = MemberOr(variant, "ManagedInstanceScaling");
  const Json& least = MemberOr(scaling, "MinInstanceCount");
  const Json& most = MemberOr(scaling, "MaxInstanceCount");
  if (least.is_number() && most.is_number() && least.get<double>() > most.get<double>())
    faults.push_back({path + ".ManagedInstanceScaling.MinInstanceCount",
                      ShortValue(least),
                      "must be at most MaxInstanceCount, " + ShortValue(most),
                      {}});
}

void CheckVariants(const Json& properties, const char* list, std::set<std::string>& names, std::vector<Fault>& faults) {
  const Json& variants = MemberOr(properties, list);
  if (!variants.is_array()) return;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const std::string path = std::string("Properties.") + list + "[" + std::to_string(i) + "]";
    CheckVariant(variants[i], path, faults);
    const std::string name = StringOr(variants[i], "VariantName");
    if (!name.empty() && !names.insert(name).second)
      faults.push_back({path + ".VariantName", ShortValue(name), "is the name of two variants", {}});
  }
}

}  // namespace

void CheckEndpointConfigRules(const Json& properties, std::vector<Fault>& faults) {
  std::set<std::string> names;
  CheckVariants(properties, "ProductionVariants", names, faults);
  CheckVariants(properties, "ShadowProductionVariants", names, faults);
  const Json& shadows = MemberOr(properties, "ShadowProductionVariants");
  if (!shadows.is_array()) return;
  if (shadows.size() != 1)
    faults.push_back({"Properties.ShadowProductionVariants",
                      {},
                      "must have exactly 1 item, has " + std::to_string(shadows.size()),
                      {}});
  const Json& variants = MemberOr(properties, "ProductionVariants");
  if (variants.is_array() && variants.size() != 1)
    faults.push_back(
        {"Properties.ProductionVariants",
         {},
         "must have exactly 1 item where ShadowProductionVariants is there, has " + std::to_string(variants.size()),
         {}});
}

}  // namespace smhost
