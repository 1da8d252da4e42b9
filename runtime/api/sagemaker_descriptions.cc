#include "api/sagemaker_descriptions.h"

namespace smhost {
namespace {

// Of each variant what the configuration says and DescribeEndpoint repeats.
void AddVariantSettings(const Json& config, const char* list, Json& described) {
  if (!described.contains(list) || !described[list].is_array()) return;
  for (Json& variant : described[list]) {
    for (const Json& given : MemberOr(config, list)) {
      if (StringOr(given, "VariantName") != StringOr(variant, "VariantName")) continue;
      for (const char* member : {"ManagedInstanceScaling", "RoutingConfig"})
        if (given.contains(member)) variant[member] = given[member];
    }
  }
}

// Nothing is captured by this build, so it is never Started.
Json CaptureSummary(const Json& capture) {
  return {{"EnableCapture", BoolOr(capture, "EnableCapture")},
          {"CaptureStatus", "Stopped"},
          {"CurrentSamplingPercentage", IntOr(capture, "InitialSamplingPercentage")},
          {"DestinationS3Uri", StringOr(capture, "DestinationS3Uri")},
          {"KmsKeyId", StringOr(capture, "KmsKeyId")}};
}

}  // namespace

Json DescribeJson(const Resource& resource) {
  const KindInfo& info = InfoOf(resource.kind);
  Json described = resource.properties;
  described.erase("Tags");
  described[info.name_property] = resource.name;
  described[info.arn_property] = resource.arn;
  described["CreationTime"] = resource.creation_time;
  return described;
}

Json DescribeJson(const EndpointState& state, const std::optional<Resource>& config) {
  Json described = state.describe;
  if (!config) return described;
  for (const char* list : {"ProductionVariants", "ShadowProductionVariants"})
    AddVariantSettings(config->properties, list, described);
  for (const char* member : {"AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig"})
    if (config->properties.contains(member)) described[member] = config->properties[member];
  if (const Json& capture = MemberOr(config->properties, "DataCaptureConfig"); capture.is_object())
    described["DataCaptureConfig"] = CaptureSummary(capture);
  return described;
}

Json ListJson(const Resource& resource) {
  const KindInfo& info = InfoOf(resource.kind);
  return {{info.name_property, resource.name}, {info.arn_property, resource.arn}, {"CreationTime", resource.creation_time}};
}

Json ListJson(const EndpointState& state) {
  Json out;
  for (const char* key : {"EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus"})
    if (state.describe.contains(key)) out[key] = state.describe[key];
  return out;
}

}  // namespace smhost
