#include "resources/validate.h"

#include <set>

#include "resources/name.h"
#include "resources/schema.h"
#include "resources/schema_check.h"

namespace smhost {
namespace {

void CheckTags(const Json& tags, std::vector<Fault>& faults) {
  if (!tags.is_array()) return;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const std::string key = StringOr(tags[i], "Key");
    const std::string path = "Properties.Tags[" + std::to_string(i) + "].Key";
    if (key.rfind("aws:", 0) == 0) faults.push_back({path, ShortValue(key), "must not begin with aws:", {}});
    if (!key.empty() && !seen.insert(key).second) faults.push_back({path, ShortValue(key), "stands in two tags", {}});
  }
}

// The name is part of paths, so it is checked whether the properties repeat it or not.
void CheckName(const Document& document, std::vector<Fault>& faults) {
  const KindInfo& info = InfoOf(document.kind);
  const std::string path = std::string("Properties.") + info.name_property;
  const Json& stated = MemberOr(document.properties, info.name_property);
  if (stated.is_string() && stated.get_ref<const std::string&>() != document.name)
    faults.push_back({path, ShortValue(stated), "is not the document's name " + ShortValue(document.name), {}});
  if (!stated.is_null()) return;
  if (document.name.empty())
    faults.push_back({path, {}, "is required", {}});
  else if (!IsName(document.name))
    faults.push_back({path,
                      ShortValue(document.name),
                      "must have 1 to 63 characters: letters, digits, and hyphens between them",
                      {}});
}

}  // namespace

std::vector<Fault> Validate(const Document& document) {
  std::vector<Fault> faults;
  SchemaCheck(SchemaOf(document.kind), InfoOf(document.kind).word, faults).Check(document.properties, "Properties");
  if (!document.properties.is_object()) return faults;
  CheckName(document, faults);
  CheckTags(MemberOr(document.properties, "Tags"), faults);
  switch (document.kind) {
    case Kind::kModel:
      CheckModelRules(document.properties, faults);
      break;
    case Kind::kEndpointConfig:
      CheckEndpointConfigRules(document.properties, faults);
      break;
    case Kind::kEndpoint:
      CheckEndpointRules(document.properties, faults);
      break;
    case Kind::kAlarm:
      CheckAlarmRules(document.properties, faults);
      break;
    case Kind::kGoldenSet:
      CheckGoldenSetRules(document.properties, faults);
      break;
    case Kind::kPublicRoute:
      CheckPublicRouteRules(document.properties, faults);
      break;
  }
  return faults;
}

}  // namespace smhost
