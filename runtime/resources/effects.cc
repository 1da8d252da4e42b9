#include "resources/effects.h"

#include <functional>
#include <string_view>

#include "resources/alarm_view.h"

namespace smhost {
namespace {

using Visitor = std::function<void(const std::string& path, const Json& value)>;

// Calls back for each value that a path of the table stands for. Paths are written "A.B[].C".
void Visit(const Json& value, std::string_view rest, const std::string& path, const Visitor& visitor) {
  if (rest.empty()) return visitor(path, value);
  if (rest.substr(0, 2) == "[]") {
    if (!value.is_array()) return;
    for (std::size_t i = 0; i < value.size(); ++i)
      Visit(value[i], rest.substr(2), path + "[" + std::to_string(i) + "]", visitor);
    return;
  }
  if (rest.front() == '.') rest.remove_prefix(1);
  const std::size_t end = std::min(rest.find_first_of(".["), rest.size());
  const std::string member(rest.substr(0, end));
  if (value.is_object() && value.contains(member))
    Visit(value.at(member), rest.substr(end), path + "." + member, visitor);
}

// A path's first name stands for lists of the same shape too.
void VisitAll(const Json& properties, std::string_view path, const Visitor& visitor) {
  static constexpr std::pair<std::string_view, const char*> kAlso[] = {{"PrimaryContainer", "Containers[]"},
                                                                       {"ProductionVariants[]", "ShadowProductionVariants[]"}};
  Visit(properties, path, "Properties", visitor);
  for (const auto& [first, other] : kAlso)
    if (path.substr(0, first.size()) == first) Visit(properties, other + std::string(path.substr(first.size())), "Properties", visitor);
}

// AWS takes an alarm on any metric; it may come later. Of AWS's own namespaces it never does here.
void AddUnknownMetric(const Json& properties, std::vector<Note>& notes) {
  const AlarmView alarm = ViewAlarm(properties);
  if (alarm.metric.empty()) return;
  if (alarm.metric_namespace.rfind("AWS/", 0) != 0) return;
  if (!IsEndpointMetric(alarm.metric_namespace, alarm.metric))
    notes.push_back({"Properties.MetricName", "has no data here: the metrics are " + EndpointMetrics() + " of AWS/SageMaker", {}});
  else if (alarm.endpoint.empty() || alarm.variant.empty() || alarm.other_dimensions)
    notes.push_back({"Properties.Dimensions",
                     "has no data here: metrics have the dimensions EndpointName and VariantName, while a deployment runs "
                     "with EndpointConfigName too",
                     {}});
}

}  // namespace

const std::vector<UnbuiltProperty>& UnbuiltProperties() {
  constexpr Kind kModel = Kind::kModel, kConfig = Kind::kEndpointConfig, kAlarm = Kind::kAlarm;
  static const std::vector<UnbuiltProperty> kAll = {
      {kModel, "ExecutionRoleArn", nullptr, "the model runs with the permissions of the runtime's user"},
      {kModel, "VpcConfig", nullptr, "the network of this machine is used"},
      {kModel, "EnableNetworkIsolation", "false", "the model's process is not cut off from the network"},
      {kModel, "InferenceExecutionConfig", nullptr, "the only container is called directly"},
      {kModel, "PrimaryContainer.ContainerHostname", nullptr, "requests need not name the only container"},
      {kModel, "PrimaryContainer.ImageConfig", nullptr, "no image is pulled"},
      {kModel, "PrimaryContainer.ModelDataSource.S3DataSource.ModelAccessConfig", nullptr,
       "licences are not asked for"},
      {kModel, "PrimaryContainer.ModelDataSource.S3DataSource.HubAccessConfig", nullptr, "hubs are not asked"},
      {kModel, "PrimaryContainer.ModelDataSource.S3DataSource.ManifestS3Uri", nullptr, "the manifest is not read"},
      {kModel, "PrimaryContainer.ModelDataSource.S3DataSource.ETag", nullptr, "the entity tag is not compared"},
      {kModel, "PrimaryContainer.ModelDataSource.S3DataSource.ManifestEtag", nullptr, "the entity tag is not compared"},
      {kModel, "PrimaryContainer.AdditionalModelDataSources", nullptr, "the additional data is not fetched"},
      {kModel, "PrimaryContainer.ModelPackageName", nullptr, "the registry is not asked; ModelDataUrl decides"},
      {kModel, "PrimaryContainer.InferenceSpecificationName", nullptr, "the registry is not asked"},
      {kModel, "PrimaryContainer.MultiModelConfig", nullptr, "one model is loaded and stays loaded"},
      {kModel, "PrimaryContainer.ContainerMetricsConfig", nullptr, "no metrics are read from the model's process"},
      {kConfig, "DataCaptureConfig", nullptr, "nothing is captured"},
      {kConfig, "AsyncInferenceConfig", nullptr, "the endpoint answers at once"},
      {kConfig, "ExplainerConfig", nullptr, "no explanations are made"},
      {kConfig, "KmsKeyId", nullptr, "nothing is encrypted"},
      {kConfig, "ExecutionRoleArn", nullptr, "models run with the permissions of the runtime's user"},
      {kConfig, "VpcConfig", nullptr, "the network of this machine is used"},
      {kConfig, "EnableNetworkIsolation", "false", "models' processes are not cut off from the network"},
      {kConfig, "MetricsConfig", nullptr, "all metrics are always kept"},
      {kConfig, "CrossRegionTrafficConfig", nullptr, "there is one region"},
      {kConfig, "ProductionVariants[].AcceleratorType", nullptr, "there are no Elastic Inference accelerators"},
      {kConfig, "ProductionVariants[].CoreDumpConfig", nullptr, "core dumps stay where the system puts them"},
      {kConfig, "ProductionVariants[].EnableSSMAccess", "false", "this machine is the instance"},
      {kConfig, "ProductionVariants[].ManagedInstanceScaling", nullptr,
       "the instance count stays InitialInstanceCount"},
      {kConfig, "ProductionVariants[].RoutingConfig.RoutingStrategy", "\"LEAST_OUTSTANDING_REQUESTS\"",
       "the instance with the fewest outstanding requests is chosen"},
      {kConfig, "ProductionVariants[].RoutingConfig.PrefixAwareRoutingConfig", nullptr,
       "the instance with the fewest outstanding requests is chosen"},
      {kConfig, "ProductionVariants[].InferenceAmiVersion", nullptr, "the system of this machine is used"},
      {kConfig, "ProductionVariants[].CapacityReservationConfig", nullptr, "nothing needs to be reserved"},
      {kConfig, "ProductionVariants[].AcceleratorPartitionLayouts", nullptr, "GPUs are used as they are set up"},
      {kConfig, "ProductionVariants[].VariantInstanceProvisionTimeoutInSeconds", nullptr,
       "instances need no provisioning"},
      {kAlarm, "ActionsEnabled", "false", "no actions are sent"},
      {kAlarm, "AlarmActions", "[]", "no actions are sent"},
      {kAlarm, "OKActions", "[]", "no actions are sent"},
      {kAlarm, "InsufficientDataActions", "[]", "no actions are sent"},
      {kAlarm, "Unit", nullptr, "each metric has its own unit"},
      {kAlarm, "EvaluateLowSampleCountPercentile", "\"evaluate\"", "percentiles of few requests are evaluated too"},
  };
  return kAll;
}

std::vector<Note> Unbuilt(const Document& document) {
  std::vector<Note> notes;
  for (const UnbuiltProperty& row : UnbuiltProperties()) {
    if (row.kind != document.kind) continue;
    const Json harmless = row.unless == nullptr ? Json() : Json::parse(row.unless, nullptr, false);
    VisitAll(document.properties, row.path, [&](const std::string& path, const Json& value) {
      if (row.unless == nullptr || value != harmless)
        notes.push_back({path, std::string("has no effect: ") + row.text, {}});
    });
  }
  if (document.kind == Kind::kAlarm) AddUnknownMetric(document.properties, notes);
  return notes;
}

}  // namespace smhost
