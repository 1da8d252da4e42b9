#include "controller/desired.h"

#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/digest.h"
#include "base/limits.h"
#include "controller/journal_codec.h"
#include "planning/rollout.h"
#include "resources/defaults.h"
#include "resources/instance_type.h"
#include "resources/steering.h"

namespace smhost {
namespace {

int ThreadsOf(const VariantSpec& variant, const InstanceType* type, const Machine& machine) {
  auto it = variant.environment.find("SMHOST_THREADS");
  int wanted = 0;
  if (it != variant.environment.end())
    std::from_chars(it->second.data(), it->second.data() + it->second.size(), wanted);
  if (wanted > 0) return wanted;
  return std::clamp(type != nullptr ? type->vcpu : machine.processors, 1, machine.processors);
}

// The golden set that the model names; a set that is missing is told of by the one who tries it.
std::string GoldenOf(const std::map<std::string, std::string>& environment, const FindResource& find, std::string& problem) {
  auto it = environment.find("SMHOST_GOLDEN");
  if (it == environment.end()) return "";
  const Resource* found = find(Kind::kGoldenSet, it->second);
  if (found != nullptr) return CompactJson(found->properties);
  problem = "Could not find golden set \"" + it->second + "\", which the model names in SMHOST_GOLDEN.";
  return "";
}

std::optional<VariantSpec> ComposeVariant(const VariantView& view, const FindResource& find, const Machine& machine,
                                          std::string& problem) {
  const Resource* found = find(Kind::kModel, view.model_name);
  if (found == nullptr) {
    problem = "Could not find model \"" + view.model_name + "\" of production variant " + view.name + ".";
    return std::nullopt;
  }
  ModelView model = ViewModel(found->properties);
  VariantSpec variant;
  variant.name = view.name;
  variant.model = view.model_name;
  variant.artifact_url = model.data_url;
  variant.image = model.image;
  variant.environment = model.environment;
  variant.weight = view.weight;
  variant.count = view.instance_count;
  variant.instance_type = view.instance_type;
  variant.startup_timeout = view.startup_timeout;
  variant.download_timeout = view.download_timeout;
  variant.volume_bytes = view.volume_bytes;
  variant.shadow = view.shadow;
  variant.golden = GoldenOf(model.environment, find, problem);
  const InstanceType* type = FindInstanceType(variant.instance_type);
  variant.threads = ThreadsOf(variant, type, machine);
  variant.memory_bytes = type != nullptr ? std::min(type->memory_bytes, machine.memory_bytes) : machine.memory_bytes;
  return variant;
}

bool Excluded(const Resource& endpoint, const char* type) {
  for (const Json& one : MemberOr(endpoint.properties, "ExcludeRetainedVariantProperties"))
    if (StringOr(one, "VariantPropertyType") == type) return true;
  return false;
}

// RetainAllVariantProperties: variants of the same name keep the sizes that they have.
void RetainSizes(const Resource& endpoint, const Journal& journal, Fleet& fleet) {
  const std::optional<Fleet>& current = journal.coming ? journal.coming : journal.serving;
  if (!current || journal.endpoint_uid != endpoint.uid) return;
  for (auto& variant : fleet.variants) {
    const VariantSpec* before = FindVariant(*current, variant.name);
    if (before == nullptr) continue;
    if (!Excluded(endpoint, "DesiredInstanceCount")) variant.count = before->count;
    if (!Excluded(endpoint, "DesiredWeight")) variant.weight = before->weight;
  }
}

void OverrideSizes(const Steering& steering, Fleet& fleet) {
  for (auto& variant : fleet.variants) {
    auto it = steering.sizes.find(variant.name);
    if (it == steering.sizes.end()) continue;
    variant.count = it->second.count.value_or(variant.count);
    variant.weight = it->second.weight.value_or(variant.weight);
  }
}

void RestoreArtifacts(const Restore& restore, Desired& desired) {
  desired.restore = restore.id;
  for (auto& variant : desired.fleet.variants) {
    auto it = restore.digests.find(variant.artifact_url);
    if (it != restore.digests.end()) variant.digest = it->second;
  }
}

void ApplySteering(const Resource& endpoint, const Resource& config, const Journal& journal, Desired& desired) {
  const Steering steering = ReadSteering(endpoint.steering);
  desired.abort = steering.abort;
  RestoreArtifacts(steering.restore, desired);
  // Sizes that were given for an earlier configuration are retained as those of its fleet, or not at all.
  if (BoolOr(endpoint.properties, "RetainAllVariantProperties")) RetainSizes(endpoint, journal, desired.fleet);
  if (steering.config_uid == config.uid && steering.config_generation == config.generation)
    OverrideSizes(steering, desired.fleet);
}

void ReadPolicy(const Resource& endpoint, const FindResource& find, const Journal& journal, Desired& desired) {
  Json config = MemberOr(endpoint.properties, "DeploymentConfig");
  if (!config.is_object() && BoolOr(endpoint.properties, "RetainDeploymentConfig") && journal.endpoint_uid == endpoint.uid)
    config = ParseJson(journal.deployment_config, "DeploymentConfig", limits::kStateFileBytes).value_or(Json());
  if (!config.is_object()) return;
  desired.deployment_config = CompactJson(config);
  desired.policy = ViewDeploymentPolicy(config);
  if (desired.problem.empty()) desired.problem = PolicyProblem(desired.policy, desired.fleet);
  for (const auto& alarm : desired.policy.alarms)
    if (desired.problem.empty() && find(Kind::kAlarm, alarm) == nullptr)
      desired.problem = "Could not find alarm \"" + alarm + "\", which the AutoRollbackConfiguration names.";
}

}  // namespace

Machine ThisMachine() {
  struct sysinfo info {};
  ::sysinfo(&info);
  return {std::max(1, static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN))),
          static_cast<std::uint64_t>(info.totalram) * info.mem_unit};
}

Desired ComposeDesired(const Resource& endpoint, const FindResource& find, const Machine& machine, const Journal& journal) {
  Desired desired;
  desired.endpoint_uid = endpoint.uid;
  desired.endpoint_generation = endpoint.generation;
  Fleet& fleet = desired.fleet;
  fleet.config_name = StringOr(endpoint.properties, "EndpointConfigName");
  const Resource* config = find(Kind::kEndpointConfig, fleet.config_name);
  if (config == nullptr) {
    desired.problem = "Could not find endpoint configuration \"" + fleet.config_name + "\".";
  } else {
    for (const auto& view : ViewVariants(config->properties))
      if (auto variant = ComposeVariant(view, find, machine, desired.problem)) fleet.variants.push_back(std::move(*variant));
    ApplySteering(endpoint, *config, journal, desired);
  }
  ReadPolicy(endpoint, find, journal, desired);
  // A document that cannot be composed is a revision of its own: it fails once, and is not tried again until it changes.
  fleet.revision = desired.problem.empty() ? RevisionOf(fleet) : Sha256Hex(RevisionOf(fleet) + desired.problem);
  return desired;
}

}  // namespace smhost
