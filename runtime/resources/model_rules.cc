// Rules between the properties of a model.
#include <set>

#include "resources/settings.h"
#include "resources/validate.h"

namespace smhost {
namespace {

void CheckContainer(const Json& container, const std::string& path, std::vector<Fault>& faults) {
  if (!container.is_object()) return;
  if (!container.contains("Image") && !container.contains("ModelPackageName"))
    faults.push_back({path + ".Image", {}, "is required unless ModelPackageName is there", {}});
  if (container.contains("ModelDataUrl") && container.contains("ModelDataSource"))
    faults.push_back({path + ".ModelDataSource", {}, "must not stand beside ModelDataUrl", {}});
  CheckSettings(MemberOr(container, "Environment"), path + ".Environment", faults);
}

void CheckContainers(const Json& containers, std::vector<Fault>& faults) {
  std::set<std::string> hostnames;
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const std::string path = "Properties.Containers[" + std::to_string(i) + "]";
    CheckContainer(containers[i], path, faults);
    const std::string hostname = StringOr(containers[i], "ContainerHostname");
    if (!hostname.empty() && !hostnames.insert(hostname).second)
      faults.push_back({path + ".ContainerHostname", ShortValue(hostname), "is the name of two containers", {}});
  }
}

}  // namespace

void CheckModelRules(const Json& properties, std::vector<Fault>& faults) {
  const bool primary = properties.contains("PrimaryContainer"), several = properties.contains("Containers");
  if (primary && several) faults.push_back({"Properties.Containers", {}, "must not stand beside PrimaryContainer", {}});
  if (!primary && !several)
    faults.push_back({"Properties.PrimaryContainer", {}, "is required unless Containers is there", {}});
  CheckContainer(MemberOr(properties, "PrimaryContainer"), "Properties.PrimaryContainer", faults);
  const Json& containers = MemberOr(properties, "Containers");
  if (!containers.is_array()) return;
  if (containers.empty()) faults.push_back({"Properties.Containers", {}, "must have at least 1 item", {}});
  CheckContainers(containers, faults);
}

}  // namespace smhost
