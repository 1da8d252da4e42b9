// The bounds of one unpacking; the defaults are those of base/limits.h, tests choose smaller ones.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/limits.h"

namespace smhost {

struct UnpackLimits {
  std::uint64_t bytes = limits::kDefaultVolumeBytes;  // of all files together: the variant's volume
  std::uint64_t entries = limits::kArtifactEntries;   // files and folders, those that are only implied by a name too
  int depth = limits::kArtifactDepth;
  std::size_t name_bytes = limits::kArtifactNameBytes;
  std::size_t component_bytes = limits::kArtifactComponentBytes;
  std::uint64_t ratio = limits::kArtifactRatio;
  std::uint64_t ratio_floor_bytes = limits::kArtifactRatioFloorBytes;
  std::uint64_t framing_bytes = limits::kArtifactFramingBytes;
};

}  // namespace smhost
