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

Json EndRevision(const Json& revisions, const std::string& deployment, const std::string& outcome, const std::string& reason,
                 const std::string& time) {
  Json list = revisions.is_array() ? revisions : Json::array();
  for (Json& one : list) {
    if (StringOr(one, "Deployment") != deployment) continue;
    one["Outcome"] = outcome;
    one["EndTime"] = time;
    if (!reason.empty()) one["Reason"] = reason;
  }
  return list;
}

}  // namespace smhost
