#include "controller/status_document.h"

#include <algorithm>

namespace smhost {
namespace {

int ReadyCount(const StatusInputs& in, const std::string& fleet, const std::string& variant) {
  return static_cast<int>(std::count_if(in.instances.begin(), in.instances.end(), [&](const auto& i) {
    return i.seen.fleet == fleet && i.seen.variant == variant && i.seen.state == InstanceState::kReady;
  }));
}

Json ImageOf(const VariantSpec& v) {
  // AWS gives the image's digest; the built-in worker has none, so what was asked for stands on both sides.
  return Json::array({{{"SpecifiedImage", v.image}, {"ResolvedImage", v.image}}});
}

Json VariantSummary(const StatusInputs& in, const Fleet& fleet, const VariantSpec& v, bool serving) {
  int ready = ReadyCount(in, fleet.id, v.name);
  Json j = {{"VariantName", v.name},         {"DeployedImages", ImageOf(v)},    {"CurrentWeight", serving ? v.weight : 0.0},
            {"DesiredWeight", v.weight},     {"CurrentInstanceCount", ready},   {"DesiredInstanceCount", v.count}};
  if (!serving) {
    j["InstanceType"] = v.instance_type;
    j["VariantStatus"] = Json::array({{{"Status", "Creating"}}});
  }
  return j;
}

Json Variants(const StatusInputs& in, const Fleet& fleet, bool serving) {
  Json variants = Json::array();
  for (const auto& v : fleet.variants) variants.push_back(VariantSummary(in, fleet, v, serving));
  return variants;
}

std::string StageOf(const StatusInputs& in) {
  const Journal& journal = *in.journal;
  if (journal.coming) {
    bool pinned = std::all_of(journal.coming->variants.begin(), journal.coming->variants.end(),
                              [](const auto& v) { return !v.digest.empty(); });
    return pinned ? "Starting" : "Fetching";
  }
  if (journal.serving && !journal.published) return "Publishing";
  return journal.leaving.empty() ? "Steady" : "Draining";
}

Json InstanceList(const StatusInputs& in) {
  Json list = Json::array();
  for (const auto& i : in.instances) {
    Json one = {{"Id", i.seen.id},       {"Variant", i.seen.variant}, {"Index", i.seen.index}, {"State", StateName(i.seen.state)},
                {"Fleet", i.seen.fleet}, {"Pid", i.pid},              {"Restarts", i.restarts}};
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
    return StringOr(*in.previous, "LastModifiedTime", in.now);
  return in.now;
}

}  // namespace

Json MakeStatus(const StatusInputs& in) {
  const Journal& journal = *in.journal;
  Json status = {{"EndpointName", in.name}, {"EndpointStatus", in.condition.status}, {"LastModifiedTime", LastModified(in)}};
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
    status["ProductionVariants"] = Variants(in, *shown, journal.serving.has_value());
  } else if (in.endpoint != nullptr) {
    status["EndpointConfigName"] = StringOr(in.endpoint->properties, "EndpointConfigName");
  }
  if (journal.serving && journal.coming)
    status["PendingDeploymentSummary"] = {{"EndpointConfigName", journal.coming->config_name},
                                          {"ProductionVariants", Variants(in, *journal.coming, false)}};
  status["Smhost"] = {{"Stage", StageOf(in)}, {"ObservedGenerations", in.generations}, {"Instances", InstanceList(in)}};
  return status;
}

}  // namespace smhost
