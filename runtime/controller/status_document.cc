#include "controller/status_document.h"

#include <algorithm>

#include "base/json_object.h"
#include "base/limits.h"
#include "planning/rollout.h"

namespace smhost {
namespace {

int ReadyCount(const StatusInputs& in, const std::string& fleet, const std::string& variant) {
  return static_cast<int>(std::count_if(in.instances.begin(), in.instances.end(), [&](const auto& i) {
    return i.seen.fleet == fleet && i.seen.variant == variant && i.seen.state == InstanceState::kReady;
  }));
}

Json ImageOf(const VariantSpec& v) {
  // AWS gives the image's digest; the built-in worker has none, so what was asked for stands on both sides.
  return Json::array({ObjectOf({{"SpecifiedImage", v.image}, {"ResolvedImage", v.image}})});
}

// What part of its weight a variant of the fleet has now.
double CurrentWeight(const StatusInputs& in, const Fleet& fleet, const VariantSpec& v) {
  for (const TrafficEntry& entry : TrafficOf(*in.journal, in.monotonic))
    if (entry.fleet->id == fleet.id && entry.variant->name == v.name) return v.weight * entry.share;
  return 0;
}

Json VariantSummary(const StatusInputs& in, const Fleet& fleet, const VariantSpec& v, bool serving) {
  Json j = ObjectOf({{"VariantName", v.name},
                     {"DeployedImages", ImageOf(v)},
                     {"CurrentWeight", CurrentWeight(in, fleet, v)},
                     {"DesiredWeight", v.weight},
                     {"CurrentInstanceCount", ReadyCount(in, fleet.id, v.name)},
                     {"DesiredInstanceCount", v.count}});
  if (!serving) {
    j["InstanceType"] = v.instance_type;
    j["VariantStatus"] = Json::array({{{"Status", ComingVariantStatus(*in.journal, in.monotonic)}}});
  } else if (in.journal->resized_from) {
    j["VariantStatus"] = Json::array({{{"Status", "Updating"}}});
  }
  if (!v.shadow || !in.shadow_report) return j;
  if (Json report = in.shadow_report(v.name); !report.is_null()) j["Smhost"] = std::move(report);
  return j;
}

// Under AWS's two names, each only where the fleet has such variants.
void AddVariants(const StatusInputs& in, const Fleet& fleet, bool serving, Json& to) {
  Json production = Json::array(), shadow = Json::array();
  for (const auto& v : fleet.variants) (v.shadow ? shadow : production).push_back(VariantSummary(in, fleet, v, serving));
  to["ProductionVariants"] = std::move(production);
  if (!shadow.empty()) to["ShadowProductionVariants"] = std::move(shadow);
}

// What goes on from the status before, as long as it speaks of the same deployment (and step, where `step` is given).
std::string Continued(const StatusInputs& in, const std::string& deployment, const char* member, int step, const std::string& fresh) {
  if (in.previous == nullptr) return fresh;
  const Json& before = MemberOr(MemberOr(*in.previous, "Smhost"), "Deployment");
  if (StringOr(before, "Id") != deployment || (step >= 0 && IntOr(before, "Step", -1) != step)) return fresh;
  return StringOr(before, member, fresh);
}

Json DeploymentOf(const StatusInputs& in) {
  const Journal& journal = *in.journal;
  const Rollout& rollout = *journal.rollout;
  const auto steps = ShiftSteps(rollout.policy, *journal.coming);
  const double part = rollout.step == 0 ? 0 : steps[std::min(steps.size(), static_cast<std::size_t>(rollout.step)) - 1];
  Json j = ObjectOf({{"Id", journal.coming->id},
                     {"EndpointConfigName", journal.coming->config_name},
                     {"Policy", PolicyName(rollout.policy.kind)},
                     {"Step", rollout.step},
                     {"Steps", steps.size()},
                     {"TrafficPercent", part * 100},
                     {"StartTime", Continued(in, journal.coming->id, "StartTime", -1, FormatIso8601(in.now))}});
  if (rollout.baking_since && rollout.policy.wait.count() > 0 && rollout.way == Rollout::Way::kForward) {
    auto left = *rollout.baking_since + rollout.policy.wait - in.monotonic;
    j["BakingUntil"] = Continued(in, journal.coming->id, "BakingUntil", rollout.step,
                                 FormatIso8601(in.now + std::chrono::duration_cast<WallTime::duration>(left)));
  }
  return j;
}

Json InstanceList(const StatusInputs& in) {
  Json list = Json::array();
  for (const auto& i : in.instances) {
    Json one = ObjectOf({{"Id", i.seen.id},       {"Variant", i.seen.variant}, {"Index", i.seen.index}, {"State", StateName(i.seen.state)},
                         {"Fleet", i.seen.fleet}, {"Pid", i.pid},              {"Restarts", i.restarts}});
    if (!i.seen.reason.empty()) one["Reason"] = i.seen.reason;
    auto digest_in = [&](const std::optional<Fleet>& fleet) {
      if (!fleet || fleet->id != i.seen.fleet) return;
      for (const auto& v : fleet->variants)
        if (v.name == i.seen.variant) one["ModelDigest"] = v.digest;
    };
    digest_in(in.journal->serving);
    digest_in(in.journal->coming);
    list.push_back(std::move(one));
  }
  return list;
}

// Changes when the condition does, not with each instance.
std::string LastModified(const StatusInputs& in) {
  if (in.previous != nullptr && StringOr(*in.previous, "EndpointStatus") == in.condition.status &&
      MemberOr(MemberOr(*in.previous, "Smhost"), "ObservedGenerations") == in.generations)
    return StringOr(*in.previous, "LastModifiedTime", FormatIso8601(in.now));
  return FormatIso8601(in.now);
}

}  // namespace

Json MakeStatus(const StatusInputs& in) {
  const Journal& journal = *in.journal;
  Json status = ObjectOf({{"EndpointName", in.name}, {"EndpointStatus", in.condition.status}, {"LastModifiedTime", LastModified(in)}});
  if (in.endpoint != nullptr) {
    status["EndpointArn"] = in.endpoint->arn;
    status["CreationTime"] = in.endpoint->creation_time;
  } else if (in.previous != nullptr) {
    for (const char* key : {"EndpointArn", "CreationTime", "EndpointConfigName"})
      if (in.previous->contains(key)) status[key] = (*in.previous)[key];
  }
  if (!in.condition.failure_reason.empty()) status["FailureReason"] = in.condition.failure_reason;
  const std::optional<Fleet>& shown = journal.serving ? journal.serving : journal.coming;
  if (shown) {
    status["EndpointConfigName"] = shown->config_name;
    AddVariants(in, *shown, journal.serving.has_value(), status);
  } else if (in.endpoint != nullptr) {
    status["EndpointConfigName"] = StringOr(in.endpoint->properties, "EndpointConfigName");
  }
  Json ours = ObjectOf({{"Stage", StageOf(journal, in.monotonic)},
                        {"ObservedGenerations", in.generations},
                        {"Instances", InstanceList(in)}});
  if (journal.coming && journal.rollout) ours["Deployment"] = DeploymentOf(in);
  status["Smhost"] = std::move(ours);
  if (journal.serving && journal.coming) {
    Json pending = {{"EndpointConfigName", journal.coming->config_name}};
    pending["StartTime"] = status["Smhost"]["Deployment"]["StartTime"];
    AddVariants(in, *journal.coming, false, pending);
    status["PendingDeploymentSummary"] = std::move(pending);
  }
  if (!journal.deployment_config.empty())
    if (auto config = ParseJson(journal.deployment_config, "DeploymentConfig", limits::kStateFileBytes))
      status["LastDeploymentConfig"] = std::move(*config);
  return status;
}

}  // namespace smhost
