// What differs between two sets of properties, property by property: for `smhost diff`, and for apply to see that
// nothing changed. Any thread; pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace smhost {

struct PropertyChange {
  std::string path;               // "ProductionVariants[0].InitialVariantWeight"; of a tag "Tags[KEY]"
  std::optional<Json> old_value;  // absent: added
  std::optional<Json> new_value;  // absent: removed
  bool operator==(const PropertyChange&) const = default;
};

// Empty: they mean the same. The order of tags has no meaning; that of all other lists has.
std::vector<PropertyChange> Diff(const Json& from, const Json& to);

}  // namespace smhost
