// The history of an endpoint's deployments: numbered, with the documents that each was made of, so that one can be gone
// back to. Pure functions over the content of revisions/<endpoint>.json, newest last; at most limits::kRevisions are kept.
#pragma once

#include <set>
#include <string>

#include "base/json.h"
#include "planning/fleet.h"

namespace smhost {

struct NewRevision {
  std::string deployment;  // the coming fleet's id
  std::string config_name, policy, time;
  Json documents;          // [{"Type","Properties"}…] that make the same deployment when applied
};

// `revisions` may be null: there were none.
Json AddRevision(const Json& revisions, const NewRevision& revision);
// Outcome "Succeeded", "Failed", "RolledBack" or "Abandoned" of the fleet's deployment, and the digests of its models as far
// as they were fetched. Unchanged where it is not listed.
Json EndRevision(const Json& revisions, const Fleet& fleet, const std::string& outcome, const std::string& reason, const std::string& time);
// Of those that succeeded, the newest limits::kRevisionsUnpacked: going back to them needs no fetch.
std::set<std::string> DigestsToKeep(const Json& revisions);

}  // namespace smhost
