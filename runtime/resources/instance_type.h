// What an instance type has. Any thread; the tables are read on first use.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"

namespace smhost {

struct InstanceType {
  std::string name;  // "ml.m5.large"
  int vcpu = 1;
  std::uint64_t memory_bytes = 0;
  int accelerators = 0;
  std::uint64_t volume_bytes = 0;  // of the local disks; 0: none, or not known
  bool estimated = false;          // derived from the name, not looked up
};

// Any of AWS's hosting types; nullptr for other names.
const InstanceType* FindInstanceType(const std::string& name);

// The size of the scratch volume of a production variant's instances, which bounds the unpacked model too:
// VolumeSizeInGB, else the instance type's local disks, else limits::kDefaultVolumeBytes.
std::uint64_t ResolveVolumeBytes(const Json& variant);

}  // namespace smhost
