#include "resources/instance_type.h"

#include <charconv>
#include <map>
#include <string_view>

#include "base/check.h"
#include "base/limits.h"
#include "embedded_schemas.h"
#include "resources/schema.h"

namespace smhost {
namespace {

constexpr std::uint64_t kGiB = 1ull << 30;
constexpr std::uint64_t kGB = 1'000'000'000;

// AWS's sizes: medium has 1 vCPU, large 2, xlarge 4, Nxlarge 4·N.
int VcpuOfSize(std::string_view size) {
  if (size == "medium") return 1;
  if (size == "large") return 2;
  int factor = 1;
  std::from_chars(size.data(), size.data() + size.size(), factor);
  return 4 * factor;
}

// Compute families (c…) have 2 GiB for each vCPU, memory families (r…) 8, all others about 4.
std::uint64_t MemoryPerVcpu(char family) { return (family == 'c' ? 2 : family == 'r' ? 8 : 4) * kGiB; }

// Accelerated machines have one device up to 9xlarge, four up to 36xlarge, eight above.
int AcceleratorsOf(std::string_view family, int vcpu) {
  const bool accelerated = family[0] == 'g' || family[0] == 'p' || family.substr(0, 3) == "inf" ||
                           family.substr(0, 3) == "trn" || family.substr(0, 2) == "dl";
  if (!accelerated) return 0;
  return vcpu <= 36 ? 1 : vcpu <= 144 ? 4 : 8;
}

InstanceType Estimate(const std::string& name) {
  const std::size_t first = name.find('.'), second = name.find('.', first + 1);
  SMHOST_CHECK(second != std::string::npos);
  const std::string_view family = std::string_view(name).substr(first + 1, second - first - 1);
  InstanceType type;
  type.name = name;
  type.vcpu = VcpuOfSize(std::string_view(name).substr(second + 1));
  type.memory_bytes = type.vcpu * MemoryPerVcpu(family[0]);
  type.accelerators = AcceleratorsOf(family, type.vcpu);
  type.estimated = true;
  return type;
}

std::map<std::string, InstanceType> ReadTypes() {
  std::map<std::string, InstanceType> types;
  const Json table = Json::parse(embedded::kInstanceTypes, nullptr, false);
  SMHOST_CHECK(table.is_array());
  for (const Json& row : table) {
    InstanceType type;
    type.name = StringOr(row, "name");
    type.vcpu = static_cast<int>(IntOr(row, "vcpu"));
    type.memory_bytes = static_cast<std::uint64_t>(DoubleOr(row, "memory_gib") * kGiB);
    type.accelerators = static_cast<int>(IntOr(row, "accelerators"));
    type.volume_bytes = static_cast<std::uint64_t>(DoubleOr(row, "nvme_gb") * kGB);
    types.emplace(type.name, std::move(type));
  }
  for (const Json& name : SchemaOf(Kind::kEndpointConfig).at("definitions").at("InstanceType").at("enum"))
    if (!types.contains(name.get<std::string>()))
      types.emplace(name.get<std::string>(), Estimate(name.get<std::string>()));
  return types;
}

}  // namespace

const InstanceType* FindInstanceType(const std::string& name) {
  static const std::map<std::string, InstanceType> kTypes = ReadTypes();
  const auto it = kTypes.find(name);
  return it == kTypes.end() ? nullptr : &it->second;
}

std::uint64_t ResolveVolumeBytes(const Json& variant) {
  if (const std::int64_t gigabytes = IntOr(variant, "VolumeSizeInGB"); gigabytes > 0)
    return static_cast<std::uint64_t>(gigabytes) << 30;  // EBS counts in GiB
  const InstanceType* type = FindInstanceType(StringOr(variant, "InstanceType"));
  return type != nullptr && type->volume_bytes > 0 ? type->volume_bytes : limits::kDefaultVolumeBytes;
}

}  // namespace smhost
