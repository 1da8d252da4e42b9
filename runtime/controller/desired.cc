#include "controller/desired.h"

#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/digest.h"
#include "controller/journal_codec.h"
#include "resources/defaults.h"
#include "resources/instance_type.h"

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
  const InstanceType* type = FindInstanceType(variant.instance_type);
  variant.threads = ThreadsOf(variant, type, machine);
  variant.memory_bytes = type != nullptr ? std::min(type->memory_bytes, machine.memory_bytes) : machine.memory_bytes;
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
    for (const auto& view : ViewVariants(config->properties))
      if (auto variant = ComposeVariant(view, find, machine, desired.problem)) fleet.variants.push_back(std::move(*variant));
  }
  // A document that cannot be composed is a revision of its own: it fails once, and is not tried again until it changes.
  fleet.revision = desired.problem.empty() ? RevisionOf(fleet) : Sha256Hex(RevisionOf(fleet) + desired.problem);
  return desired;
}

}  // namespace smhost
