#include "views.h"

#include <cstdio>

#include "resources/alarm_view.h"
#include "resources/defaults.h"
#include "resources/public_route.h"
#include "rollout_text.h"
#include "text.h"
#include "time_text.h"

namespace smhost::cli {
namespace {

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string WithAge(const std::string& time, WallTime now) {
  return time.empty() ? "-" : time + " (" + Age(time, now) + " ago)";
}

std::string VariantsInOneCell(const Json& properties) {
  std::vector<std::string> cells;
  for (const VariantView& variant : ViewVariants(properties))
    cells.push_back(variant.name + "=" + OrDash(variant.model_name) + "×" + std::to_string(variant.instance_count));
  return OrDash(JoinWords(cells, ","));
}

std::string ReadyOfWanted(const EndpointState& state) {
  std::int64_t current = 0, desired = 0;
  const Json& variants = MemberOr(state.describe, "ProductionVariants");
  if (!variants.is_array()) return "-";
  for (const Json& variant : variants) {
    current += IntOr(variant, "CurrentInstanceCount");
    desired += IntOr(variant, "DesiredInstanceCount");
  }
  return std::to_string(current) + "/" + std::to_string(desired);
}

// Properties that have no line of their own, one a line.
void AddRest(Table& table, const Json& properties, const std::vector<std::string>& shown) {
  for (const auto& [key, value] : properties.items()) {
    bool done = std::find(shown.begin(), shown.end(), key) != shown.end();
    if (!done) table.Add({key + ":", Harmless(value.is_string() ? value.get<std::string>() : CompactJson(value))});
  }
}

void AddModel(Table& table, const Resource& resource) {
  ModelView model = ViewModel(resource.properties);
  table.Add({"Image:", OrDash(Harmless(model.image))});
  table.Add({"Model data:", OrDash(Harmless(model.data_url))});
  bool first = true;
  for (const auto& [key, value] : model.environment) {
    table.Add({first ? "Environment:" : "", Harmless(key + "=" + value)});
    first = false;
  }
}

std::string AccessText(const PublicRouteView& view) {
  if (view.open) return "open";
  return std::to_string(view.key_digests.size()) + (view.key_digests.size() == 1 ? " key" : " keys");
}

void AddPublicRoute(Table& table, const Resource& resource) {
  const PublicRouteView view = ViewPublicRoute(resource.name, resource.properties);
  table.Add({"Path:", view.path});
  table.Add({"Endpoint:", view.endpoint});
  table.Add({"Variant:", view.variant.empty() ? "by weight" : view.variant});
  std::vector<std::string> keys;
  for (const Json& key : MemberOr(resource.properties, "ApiKeys")) keys.push_back(StringOr(key, "Name"));
  table.Add({"Access:", view.open ? "open to all" : "by key: " + Harmless(JoinWords(keys, ", "))});
  table.Add({"Rate:", Number(view.per_second) + " a second, " + std::to_string(view.burst) + " at once"});
  table.Add({"Body:", "at most " + std::to_string(view.most_body_bytes) + " bytes"});
}

std::string VariantTable(const Json& config_properties) {
  Table table({"  VARIANT", "MODEL", "INSTANCES", "TYPE", "WEIGHT"});
  for (const VariantView& variant : ViewVariants(config_properties))
    table.Add({"  " + variant.name, OrDash(variant.model_name), std::to_string(variant.instance_count),
               OrDash(variant.instance_type), Number(variant.weight)});
  return "Variants:\n" + table.Text();
}

// The variants of one fleet; `of` holds them under AWS's two names.
void AddFleet(Table& table, const Json& of) {
  for (const char* list : {"ProductionVariants", "ShadowProductionVariants"}) {
    for (const Json& variant : MemberOr(of, list)) {
      std::vector<std::string> words;
      for (const Json& one : MemberOr(variant, "VariantStatus")) words.push_back(StringOr(one, "Status"));
      const bool shadow = list[0] == 'S';
      table.Add({"  " + StringOr(variant, "VariantName") + (shadow ? " (shadow)" : ""), OrDash(StringOr(of, "EndpointConfigName")),
                 std::to_string(IntOr(variant, "CurrentInstanceCount")) + "/" +
                     std::to_string(IntOr(variant, "DesiredInstanceCount")),
                 Number(DoubleOr(variant, "CurrentWeight")), OrDash(JoinWords(words, ","))});
    }
  }
}

std::string EndpointVariants(const EndpointState& state) {
  Table table({"  VARIANT", "CONFIG", "INSTANCES", "WEIGHT", "STATUS"});
  AddFleet(table, state.describe);
  AddFleet(table, MemberOr(state.describe, "PendingDeploymentSummary"));
  return table.empty() ? "" : "Variants:\n" + table.Text();
}

// Nested objects one by one: "Latency.P50".
void AddMembers(Table& table, const std::string& before, const Json& object) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object()) AddMembers(table, before + key + ".", value);
    else table.Add({"  " + Harmless(before + key), Harmless(value.is_number_float() ? Number(value.get<double>())
                                                            : value.is_string()     ? value.get<std::string>()
                                                                                    : CompactJson(value))});
  }
}

// How the answers of shadow variants compare with those of the production variant.
std::string ShadowComparison(const EndpointState& state) {
  std::string text;
  for (const Json* of : {&state.describe, &MemberOr(state.describe, "PendingDeploymentSummary")}) {
    for (const Json& variant : MemberOr(*of, "ShadowProductionVariants")) {
      const Json& report = MemberOr(variant, "Smhost");
      if (!report.is_object() || report.empty()) continue;
      Table table;
      AddMembers(table, "", report);
      text += "Shadow " + Harmless(StringOr(variant, "VariantName") + " of " + StringOr(*of, "EndpointConfigName")) + ":\n" + table.Text();
    }
  }
  return text;
}

std::string EndpointInstances(const EndpointState& state, const Output& out) {
  if (state.instances.empty()) return "";
  Table table({"  INSTANCE", "VARIANT", "N", "STATE", "PID", "RESTARTS", "MODEL DIGEST"});
  for (const InstanceLine& line : state.instances) {
    std::string digest =
        line.digest.substr(0, line.digest.find(':') == std::string::npos ? 12 : line.digest.find(':') + 13);
    table.Add({"  " + line.id, line.variant, std::to_string(line.index), out.PaintStatus(line.state),
               line.pid == 0 ? "-" : std::to_string(line.pid), std::to_string(line.restarts), OrDash(digest)});
  }
  return "Instances:\n" + table.Text();
}

std::string EventTable(const std::vector<Event>& events, const Output& out, WallTime now) {
  if (events.empty()) return "";
  Table table({"  AGE", "REASON", "MESSAGE"});
  for (const Event& event : events) {
    Colour colour = event.type == EventType::kWarning ? Colour::kBad : Colour::kPlain;
    table.Add({"  " + Age(event.time, now), out.Paint(event.reason, colour), Harmless(event.message)});
  }
  return "Events:\n" + table.Text();
}

}  // namespace

std::string ResourceWord(Kind kind, const std::string& name) { return std::string(InfoOf(kind).word) + "/" + name; }

std::vector<std::string> HeadingOf(Kind kind) {
  switch (kind) {
    case Kind::kModel:
      return {"NAME", "IMAGE", "MODEL DATA", "AGE"};
    case Kind::kEndpointConfig:
      return {"NAME", "VARIANTS", "AGE"};
    case Kind::kEndpoint:
      return {"NAME", "STATUS", "CONFIG", "INSTANCES", "AGE"};
    case Kind::kAlarm:
      return {"NAME", "STATE", "METRIC", "OF", "AGE"};
    case Kind::kGoldenSet:
      return {"NAME", "REQUESTS", "AGE"};
    case Kind::kPublicRoute:
      return {"NAME", "PATH", "ENDPOINT", "ACCESS", "AGE"};
  }
  return {};
}

std::vector<std::string> RowOf(const Resource& resource, WallTime now) {
  std::string age = Age(resource.creation_time, now);
  if (resource.kind == Kind::kEndpointConfig) return {resource.name, VariantsInOneCell(resource.properties), age};
  if (resource.kind == Kind::kGoldenSet)
    return {resource.name, std::to_string(MemberOr(resource.properties, "Requests").size()), age};
  if (resource.kind == Kind::kPublicRoute) {
    const PublicRouteView view = ViewPublicRoute(resource.name, resource.properties);
    return {resource.name, view.path, view.endpoint + (view.variant.empty() ? "" : "/" + view.variant), AccessText(view), age};
  }
  ModelView model = ViewModel(resource.properties);
  return {resource.name, OrDash(Harmless(model.image)), OrDash(Harmless(model.data_url)), age};
}

std::vector<std::string> RowOf(const EndpointState& state, const Output& out, WallTime now) {
  return {StringOr(state.describe, "EndpointName"), out.PaintStatus(state.status),
          OrDash(StringOr(state.describe, "EndpointConfigName")), ReadyOfWanted(state),
          Age(StringOr(state.describe, "CreationTime"), now)};
}

std::string DescribePage(const Resource& resource, WallTime now) {
  const KindInfo& info = InfoOf(resource.kind);
  Table table;
  table.Add({"Name:", resource.name});
  table.Add({"ARN:", resource.arn});
  table.Add({"Created:", WithAge(resource.creation_time, now)});
  table.Add({"Changed:", WithAge(resource.last_modified_time, now)});
  table.Add({"Generation:", std::to_string(resource.generation)});
  if (resource.kind == Kind::kModel) {
    AddModel(table, resource);
    AddRest(table, resource.properties, {info.name_property, "PrimaryContainer"});
    return table.Text();
  }
  if (resource.kind == Kind::kGoldenSet) {
    table.Add({"Requests:", std::to_string(MemberOr(resource.properties, "Requests").size())});
    AddRest(table, resource.properties, {info.name_property, "Requests"});
    return table.Text();
  }
  if (resource.kind == Kind::kPublicRoute) {
    AddPublicRoute(table, resource);
    AddRest(table, resource.properties,
            {info.name_property, "Path", "EndpointName", "TargetVariant", "Access", "ApiKeys", "RequestsPerSecond", "Burst", "MaxBodyBytes"});
    return table.Text();
  }
  AddRest(table, resource.properties, {info.name_property, "ProductionVariants"});
  return table.Text() + VariantTable(resource.properties);
}

std::vector<std::string> AlarmRow(const Resource& alarm, const Json& described, const Output& out, WallTime now) {
  const AlarmView view = ViewAlarm(alarm.properties);
  const std::string of = view.endpoint + "/" + view.variant + (view.config.empty() ? "" : "@" + view.config);
  return {alarm.name, out.PaintStatus(StringOr(described, "StateValue")), view.statistic + " " + Harmless(view.metric),
          Harmless(of), Age(alarm.creation_time, now)};
}

std::string AlarmPage(const Resource& alarm, const Json& described, const std::vector<Event>& events, const Output& out,
                      WallTime now) {
  const AlarmView view = ViewAlarm(alarm.properties);
  Table table;
  table.Add({"Name:", alarm.name});
  table.Add({"State:", out.PaintStatus(StringOr(described, "StateValue"))});
  table.Add({"Reason:", Harmless(StringOr(described, "StateReason"))});
  table.Add({"Since:", WithAge(StringOr(described, "StateTransitionedTimestamp"), now)});
  table.Add({"Goes off:", view.statistic + " of " + Harmless(view.metric) + " " + view.comparison + " " + Number(view.threshold) +
                              ", " + std::to_string(view.datapoints_to_alarm) + " of " +
                              std::to_string(view.evaluation_periods) + " periods of " + std::to_string(view.period_seconds) + " s"});
  table.Add({"Missing data:", view.missing});
  table.Add({"ARN:", alarm.arn});
  table.Add({"Created:", WithAge(alarm.creation_time, now)});
  table.Add({"Changed:", WithAge(alarm.last_modified_time, now)});
  AddRest(table, alarm.properties,
          {"AlarmName", "Statistic", "ExtendedStatistic", "MetricName", "ComparisonOperator", "Threshold", "DatapointsToAlarm",
           "EvaluationPeriods", "Period", "TreatMissingData"});
  return table.Text() + EventTable(events, out, now);
}

std::string DescribePage(const EndpointState& state, const std::vector<Event>& events, const Output& out,
                         WallTime now) {
  Table table;
  table.Add({"Name:", StringOr(state.describe, "EndpointName")});
  table.Add(
      {"Status:", out.PaintStatus(state.status) + (state.stage.empty() ? "" : " (" + Harmless(state.stage) + ")")});
  if (!state.reason.empty()) table.Add({"Reason:", out.Paint(Harmless(state.reason), Colour::kBad)});
  table.Add({"Config:", OrDash(StringOr(state.describe, "EndpointConfigName"))});
  const Json& pending = MemberOr(state.describe, "PendingDeploymentSummary");
  if (pending.is_object()) table.Add({"On its way:", OrDash(StringOr(pending, "EndpointConfigName"))});
  if (const std::string deployment = DeploymentText(state); !deployment.empty()) table.Add({"Deployment:", deployment});
  table.Add({"ARN:", OrDash(StringOr(state.describe, "EndpointArn"))});
  table.Add({"Created:", WithAge(StringOr(state.describe, "CreationTime"), now)});
  table.Add({"Changed:", WithAge(StringOr(state.describe, "LastModifiedTime"), now)});
  return table.Text() + EndpointVariants(state) + ShadowComparison(state) + EndpointInstances(state, out) + EventTable(events, out, now);
}

}  // namespace smhost::cli
