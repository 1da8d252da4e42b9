// Valid documents that tests change one thing of.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/json.h"
#include "resources/fault.h"
#include "resources/kind.h"

namespace smhost {

inline Json ModelProperties() {
  return Json::parse(
      R"({"ModelName": "m", "PrimaryContainer": {"Image": "smhost/torch", "ModelDataUrl": "s3://b/model.tar.gz"}})");
}
inline Json ConfigProperties() {
  return Json::parse(R"({"EndpointConfigName": "c", "ProductionVariants": [
      {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}]})");
}
inline Json EndpointProperties() { return Json::parse(R"({"EndpointName": "e", "EndpointConfigName": "c"})"); }
inline Json AlarmProperties() {
  return Json::parse(R"({"AlarmName": "a", "Namespace": "AWS/SageMaker", "MetricName": "Invocation5XXErrors",
      "Dimensions": [{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "v"}], "Statistic": "Sum",
      "Period": 10, "EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"})");
}
inline Json GoldenSetProperties() {
  return Json::parse(R"({"GoldenSetName": "g", "Requests": [{"Body": [1], "Expected": [2]}]})");
}
inline Json PublicRouteProperties() {
  return Json::parse(R"({"PublicRouteName": "p", "EndpointName": "e", "ApiKeys": [
      {"Name": "default", "Sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"}]})");
}
inline Json PropertiesOf(Kind kind) {
  switch (kind) {
    case Kind::kModel:
      return ModelProperties();
    case Kind::kEndpointConfig:
      return ConfigProperties();
    case Kind::kEndpoint:
      return EndpointProperties();
    case Kind::kAlarm:
      return AlarmProperties();
    case Kind::kGoldenSet:
      return GoldenSetProperties();
    case Kind::kPublicRoute:
      return PublicRouteProperties();
  }
  return {};
}

inline Document DocumentOf(Kind kind, Json properties) {
  Document document{kind, StringOr(properties, InfoOf(kind).name_property), {}};
  document.properties = std::move(properties);
  return document;
}

// The rule of the fault at this path; empty where there is none.
inline std::string RuleAt(const std::vector<Fault>& faults, const std::string& path) {
  const auto it = std::find_if(faults.begin(), faults.end(), [&](const Fault& f) { return f.path == path; });
  return it == faults.end() ? std::string() : it->rule;
}
inline std::string ValueAt(const std::vector<Fault>& faults, const std::string& path) {
  const auto it = std::find_if(faults.begin(), faults.end(), [&](const Fault& f) { return f.path == path; });
  return it == faults.end() ? std::string() : it->value;
}
inline std::vector<std::string> PathsOf(const std::vector<Fault>& faults) {
  std::vector<std::string> paths;
  for (const Fault& fault : faults) paths.push_back(fault.path);
  return paths;
}

}  // namespace smhost
