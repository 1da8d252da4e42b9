#include "resources/diff.h"

#include <map>

namespace smhost {
namespace {

void DiffValues(const Json& from, const Json& to, const std::string& path, std::vector<PropertyChange>& changes);

void DiffObjects(const Json& from, const Json& to, const std::string& path, std::vector<PropertyChange>& changes) {
  const std::string prefix = path.empty() ? path : path + ".";
  for (const auto& [key, value] : from.items()) {
    if (to.contains(key))
      DiffValues(value, to.at(key), prefix + key, changes);
    else
      changes.push_back({prefix + key, value, std::nullopt});
  }
  for (const auto& [key, value] : to.items())
    if (!from.contains(key)) changes.push_back({prefix + key, std::nullopt, value});
}

void DiffLists(const Json& from, const Json& to, const std::string& path, std::vector<PropertyChange>& changes) {
  for (std::size_t i = 0; i < std::max(from.size(), to.size()); ++i) {
    const std::string place = path + "[" + std::to_string(i) + "]";
    if (i >= to.size())
      changes.push_back({place, from[i], std::nullopt});
    else if (i >= from.size())
      changes.push_back({place, std::nullopt, to[i]});
    else
      DiffValues(from[i], to[i], place, changes);
  }
}

std::map<std::string, Json> TagsOf(const Json& tags) {
  std::map<std::string, Json> values;
  for (const Json& tag : tags) values[StringOr(tag, "Key")] = MemberOr(tag, "Value");
  return values;
}

void DiffTags(const Json& from, const Json& to, std::vector<PropertyChange>& changes) {
  const auto before = TagsOf(from), after = TagsOf(to);
  for (const auto& [key, value] : before) {
    const auto it = after.find(key);
    if (it == after.end())
      changes.push_back({"Tags[" + key + "]", value, std::nullopt});
    else if (it->second != value)
      changes.push_back({"Tags[" + key + "]", value, it->second});
  }
  for (const auto& [key, value] : after)
    if (!before.contains(key)) changes.push_back({"Tags[" + key + "]", std::nullopt, value});
}

void DiffValues(const Json& from, const Json& to, const std::string& path, std::vector<PropertyChange>& changes) {
  if (from == to) return;
  if (from.is_object() && to.is_object()) return DiffObjects(from, to, path, changes);
  if (from.is_array() && to.is_array())
    return path == "Tags" ? DiffTags(from, to, changes) : DiffLists(from, to, path, changes);
  changes.push_back({path, from, to});
}

}  // namespace

std::vector<PropertyChange> Diff(const Json& from, const Json& to) {
  std::vector<PropertyChange> changes;
  DiffValues(from, to, "", changes);
  return changes;
}

}  // namespace smhost
