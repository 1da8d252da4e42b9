// The half of effects.h that refuses.
#include <string_view>

#include "base/limits.h"
#include "resources/alarm_view.h"
#include "resources/defaults.h"
#include "resources/effects.h"

namespace smhost {
namespace {

void CheckImage(const Json& container, const std::string& path, std::vector<Fault>& faults) {
  const std::string image = StringOr(container, "Image");
  if (image.empty() || IsBuiltInImage(image)) return;
  const char* rule =
      image.rfind("exec:", 0) == 0
          ? "local programs cannot be run by this build; use smhost/torch"
          : "this image cannot be run: only names that contain pytorch-inference, and smhost/torch, are built in";
  faults.push_back({path + ".Image", ShortValue(image), rule, {}});
}

void CheckModelData(const Json& container, const std::string& path, std::vector<Fault>& faults) {
  const Json& source = MemberOr(container, "ModelDataSource");
  if (container.contains("ModelDataUrl")) return;
  if (source.is_null()) {
    const bool package = container.contains("ModelPackageName");
    faults.push_back({path + ".ModelDataUrl",
                      {},
                      package ? "is required: model packages cannot be read by this build"
                              : "is required: nothing can be served without an artifact",
                      {}});
    return;
  }
  const Json& s3 = MemberOr(source, "S3DataSource");
  if (!s3.is_object()) {
    faults.push_back(
        {path + ".ModelDataSource.S3DataSource", {}, "is required: nothing can be served without an artifact", {}});
    return;
  }
  const auto only = [&](const char* member, const char* value) {
    const Json& there = MemberOr(s3, member);
    if (there != Json(value))
      faults.push_back(
          {path + ".ModelDataSource.S3DataSource." + member,
           ShortValue(there),
           std::string("cannot be used by this build: pack the files into a model.tar.gz and use ") + value,
           {}});
  };
  only("S3DataType", "S3Object");
  only("CompressionType", "Gzip");
}

void CheckContainer(const Json& container, const std::string& path, std::vector<Fault>& faults) {
  if (!container.is_object()) return;
  CheckImage(container, path, faults);
  if (StringOr(container, "Mode") == "MultiModel")
    faults.push_back(
        {path + ".Mode", "\"MultiModel\"", "cannot be served by this build: make a model of each artifact", {}});
  CheckModelData(container, path, faults);
}

void CheckModel(const Json& properties, std::vector<Fault>& faults) {
  CheckContainer(MemberOr(properties, "PrimaryContainer"), "Properties.PrimaryContainer", faults);
  const Json& containers = MemberOr(properties, "Containers");
  if (!containers.is_array()) return;
  if (containers.size() > 1)
    faults.push_back(
        {"Properties.Containers",
         {},
         "pipelines cannot be served by this build: give one container, not " + std::to_string(containers.size()),
         {}});
  for (std::size_t i = 0; i < containers.size(); ++i)
    CheckContainer(containers[i], "Properties.Containers[" + std::to_string(i) + "]", faults);
}

void CheckVariant(const Json& variant, const std::string& path, std::vector<Fault>& faults) {
  if (!variant.is_object()) return;
  if (!variant.contains("ModelName"))
    faults.push_back(
        {path + ".ModelName", {}, "is required: endpoints of inference components cannot be served by this build", {}});
  if (variant.contains("ServerlessConfig"))
    faults.push_back({path + ".ServerlessConfig",
                      {},
                      "cannot be served by this build: give InstanceType and InitialInstanceCount instead",
                      {}});
  if (variant.contains("InstancePools"))
    faults.push_back({path + ".InstancePools", {}, "cannot be used by this build: give InstanceType instead", {}});
  const Json& count = MemberOr(variant, "InitialInstanceCount");
  if (count.is_number() && count.get<double>() > limits::kInstancesPerVariant)
    faults.push_back({path + ".InitialInstanceCount",
                      ShortValue(count),
                      "must be at most " + std::to_string(limits::kInstancesPerVariant) + " on one machine",
                      {}});
}

void CheckAlarm(const Json& properties, std::vector<Fault>& faults) {
  if (properties.contains("Metrics"))
    faults.push_back({"Properties.Metrics", {}, "metrics math cannot be evaluated by this build: give MetricName", {}});
  const std::string comparison = StringOr(properties, "ComparisonOperator");
  if (properties.contains("ThresholdMetricId") || comparison.find("LowerThreshold") != std::string::npos ||
      comparison.find("UpperThreshold") != std::string::npos)
    faults.push_back({"Properties.ComparisonOperator", ShortValue(comparison),
                      "anomaly detection cannot be evaluated by this build: compare with a Threshold", {}});
  const std::string statistic = StringOr(properties, "ExtendedStatistic");
  if (!statistic.empty() && !PercentileOf(statistic))
    faults.push_back({"Properties.ExtendedStatistic", ShortValue(statistic),
                      "cannot be evaluated by this build: percentiles can, p0 to p100", {}});
  const double seconds = DoubleOr(properties, "Period") * DoubleOr(properties, "EvaluationPeriods");
  if (seconds > 86400)
    faults.push_back({"Properties.EvaluationPeriods", ShortValue(MemberOr(properties, "EvaluationPeriods")),
                      "times Period must be at most a day, 86400 s: older values are not kept", {}});
}

}  // namespace

std::vector<Fault> Unsupported(const Document& document) {
  std::vector<Fault> faults;
  if (document.kind == Kind::kModel) CheckModel(document.properties, faults);
  if (document.kind == Kind::kAlarm) CheckAlarm(document.properties, faults);
  if (document.kind == Kind::kEndpointConfig) {
    for (const char* list : {"ProductionVariants", "ShadowProductionVariants"}) {
      const Json& variants = MemberOr(document.properties, list);
      for (std::size_t i = 0; variants.is_array() && i < variants.size(); ++i)
        CheckVariant(variants[i], std::string("Properties.") + list + "[" + std::to_string(i) + "]", faults);
    }
  }
  return faults;
}

}  // namespace smhost
