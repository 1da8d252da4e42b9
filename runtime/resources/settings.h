// The settings of smhost that ride in a container's Environment: keys SMHOST_…. Any thread; pure.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "resources/fault.h"

namespace smhost {

struct Setting {
  const char* key;
  const char* rule;         // of its values: "must be true or false"
  const char* description;  // with the default
};

const std::vector<Setting>& Settings();

// Faults of the SMHOST_ members of an Environment; other keys are none of our business.
void CheckSettings(const Json& environment, const std::string& path, std::vector<Fault>& faults);

}  // namespace smhost
