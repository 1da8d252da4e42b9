#include "controller/desired.h"

#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/digest.h"
#include "base/limits.h"
#include "controller/journal_codec.h"
#include "resources/instance_type.h"

namespace smhost {
namespace {

// The one container that this build serves.
const Json& ContainerOf(const Json& model) {
  const Json& primary = MemberOr(model, "PrimaryContainer");
  if (primary.is_object()) return primary;
  const Json& containers = MemberOr(model, "Containers");
  static const Json kNone;
  return containers.is_array() && !containers.empty() ? containers[0] : kNone;
}

std::string ArtifactUrlOf(const Json& container) {
  std::string url = StringOr(container, "ModelDataUrl");
  if (!url.empty()) return url;
  return StringOr(MemberOr(MemberOr(container, "ModelDataSource"), "S3DataSource"), "S3Uri");
}

int ThreadsOf(const VariantSpec& variant, const InstanceType* type, const Machine& machine) {
  auto it = variant.environment.find("SMHOST_THREADS");
  int wanted = 0;
  if (it != variant.environment.end())
    std::from_chars(it->second.data(), it->second.data() + it->second.size(), wanted);
  if (wanted > 0) return wanted;
  return std::clamp(type != nullptr ? type->vcpu : machine.processors, 1, machine.processors);
}

std::optional<VariantSpec> ComposeVariant(const Json& j, const FindResource& find, const Machine& machine, std::string& problem) {
  VariantSpec variant;
  variant.name = StringOr(j, "VariantName");
  variant.model = StringOr(j, "ModelName");
  variant.weight = DoubleOr(j, "InitialVariantWeight", 1.0);
  variant.count = static_cast<int>(IntOr(j, "InitialInstanceCount", 1));
  variant.instance_type = StringOr(j, "InstanceType");
  variant.startup_timeout = std::chrono::seconds(
      IntOr(j, "ContainerStartupHealthCheckTimeoutInSeconds",
            std::chrono::duration_cast<std::chrono::seconds>(limits::kStartupTimeout).count()));
  variant.download_timeout = std::chrono::seconds(IntOr(j, "ModelDataDownloadTimeoutInSeconds", 3600));
  const Resource* model = find(Kind::kModel, variant.model);
  if (model == nullptr) {
    problem = "Could not find model \"" + variant.model + "\" of production variant " + variant.name + ".";
    return std::nullopt;
  }
  const Json& container = ContainerOf(model->properties);
  variant.image = StringOr(container, "Image");
  variant.artifact_url = ArtifactUrlOf(container);
  for (const auto& [key, value] : MemberOr(container, "Environment").items())
    if (value.is_string()) variant.environment[key] = value.get<std::string>();
  const InstanceType* type = FindInstanceType(variant.instance_type);
  variant.threads = ThreadsOf(variant, type, machine);
  variant.memory_bytes = type != nullptr ? std::min(type->memory_bytes, machine.memory_bytes) : machine.memory_bytes;
  variant.volume_bytes = ResolveVolumeBytes(j);
  return variant;
}

}  // namespace

Machine ThisMachine() {
  struct sysinfo info {};
  ::sysinfo(&info);
  return {std::max(1, static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN))),
          static_cast<std::uint64_t>(info.totalram) * info.mem_unit};
}

Desired ComposeDesired(const Resource& endpoint, const FindResource& find, const Machine& machine) {
  Desired desired;
  desired.endpoint_uid = endpoint.uid;
  desired.endpoint_generation = endpoint.generation;
  Fleet& fleet = desired.fleet;
  fleet.config_name = StringOr(endpoint.properties, "EndpointConfigName");
  const Resource* config = find(Kind::kEndpointConfig, fleet.config_name);
  if (config == nullptr) {
    desired.problem = "Could not find endpoint configuration \"" + fleet.config_name + "\".";
  } else {
    for (const auto& j : MemberOr(config->properties, "ProductionVariants"))
      if (auto variant = ComposeVariant(j, find, machine, desired.problem)) fleet.variants.push_back(std::move(*variant));
  }
  // A document that cannot be composed is a revision of its own: it fails once, and is not tried again until it changes.
  fleet.revision = desired.problem.empty() ? RevisionOf(fleet) : Sha256Hex(RevisionOf(fleet) + desired.problem);
  return desired;
}

}  // namespace smhost
