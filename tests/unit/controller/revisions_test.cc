#include "controller/revisions.h"

#include <catch2/catch.hpp>

#include "base/limits.h"

namespace smhost {
namespace {

Fleet FleetOf(const std::string& id, const std::string& digest) {
  VariantSpec variant;
  variant.name = "main";
  variant.model = "m";
  variant.digest = digest;
  return {id, "", "c", {variant}};
}

Json Add(const Json& revisions, const Fleet& fleet, const std::string& outcome) {
  return EndRevision(AddRevision(revisions, {fleet.id, "c", "ALL_AT_ONCE", "t1", Json::array()}), fleet, outcome, "", "t2");
}

TEST_CASE("a revision that ended tells the digests of what was fetched for it") {
  const Json revisions = Add(Add(Json(), FleetOf("f1", "sha256:1"), "Succeeded"), FleetOf("f2", ""), "Failed");
  CHECK(revisions[0]["ModelDigests"] == Json({{"m", "sha256:1"}}));
  CHECK_FALSE(revisions[1].contains("ModelDigests"));
  CHECK(revisions[1]["Revision"] == 2);
}

TEST_CASE("the snapshots of the newest two that succeeded are kept, those of no failed one") {
  CHECK(DigestsToKeep(Json()).empty());
  Json revisions;
  for (int i = 1; i <= 3; ++i) revisions = Add(revisions, FleetOf("f" + std::to_string(i), "sha256:" + std::to_string(i)), "Succeeded");
  revisions = Add(revisions, FleetOf("f4", "sha256:4"), "RolledBack");
  CHECK(DigestsToKeep(revisions) == std::set<std::string>{"sha256:2", "sha256:3"});
}

TEST_CASE("old revisions go") {
  Json revisions;
  for (std::size_t i = 0; i < limits::kRevisions + 3; ++i) revisions = Add(revisions, FleetOf("f" + std::to_string(i), ""), "Succeeded");
  CHECK(revisions.size() == limits::kRevisions);
  CHECK(revisions[0]["Revision"] == 4);
}

}  // namespace
}  // namespace smhost
