// One thing that is wrong with a document, as the user reads it: where, what stands there, which rule it breaks.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace smhost {

struct Fault {
  std::string path;  // "Properties.ProductionVariants[0].InstanceType"; in a template "Resources.Config.Properties.…"
  std::string value;   // compact JSON, shortened; empty where nothing stands there
  std::string rule;    // "must be between 1 and 512"
  std::string source;  // the file, where one is known
  bool operator==(const Fault&) const = default;
};

// "FILE: PATH: VALUE RULE", one line.
std::string Describe(const Fault& fault);

// Compact JSON, cut after 100 bytes between two characters.
std::string ShortValue(const Json& value);

}  // namespace smhost
