#include "controller/revisions.h"

#include "base/limits.h"

namespace smhost {

Json AddRevision(const Json& revisions, const NewRevision& revision) {
  Json list = revisions.is_array() ? revisions : Json::array();
  const std::int64_t number = list.empty() ? 1 : IntOr(list.back(), "Revision") + 1;
  // One that is still in progress was cut off: its successor begins.
  for (Json& one : list)
    if (StringOr(one, "Outcome") == "InProgress") one["Outcome"] = "Abandoned";
  list.push_back({{"Revision", number},
                  {"Deployment", revision.deployment},
                  {"EndpointConfigName", revision.config_name},
                  {"Policy", revision.policy},
                  {"StartTime", revision.time},
                  {"Outcome", "InProgress"},
                  {"Documents", revision.documents}});
  while (list.size() > limits::kRevisions) list.erase(list.begin());
  return list;
}

Json EndRevision(const Json& revisions, const Fleet& fleet, const std::string& outcome, const std::string& reason, const std::string& time) {
  Json list = revisions.is_array() ? revisions : Json::array();
  for (Json& one : list) {
    if (StringOr(one, "Deployment") != fleet.id) continue;
    one["Outcome"] = outcome;
    one["EndTime"] = time;
    if (!reason.empty()) one["Reason"] = reason;
    for (const auto& variant : fleet.variants)
      if (!variant.digest.empty()) one["ModelDigests"][variant.model] = variant.digest;
  }
  return list;
}

std::set<std::string> DigestsToKeep(const Json& revisions) {
  std::set<std::string> digests;
  std::size_t kept = 0;
  if (!revisions.is_array()) return digests;
  for (auto it = revisions.rbegin(); it != revisions.rend() && kept < limits::kRevisionsUnpacked; ++it) {
    if (StringOr(*it, "Outcome") != "Succeeded") continue;
    ++kept;
    for (const Json& digest : MemberOr(*it, "ModelDigests"))
      if (digest.is_string()) digests.insert(digest.get<std::string>());
  }
  return digests;
}

}  // namespace smhost
