#include "rollout_text.h"

#include <catch2/catch.hpp>

#include "unit/api/endpoint_statuses.h"

namespace smhost::cli {
namespace {

// An update to c2, as its status says it.
EndpointState Deploying(const std::string& status, const std::string& stage, int step, double percent, const std::string& until = "") {
  Json document = StatusDocument(status);
  document["Smhost"]["Stage"] = stage;
  document["Smhost"]["Deployment"] = {{"Id", "f-2"},   {"EndpointConfigName", "c2"}, {"Policy", "CANARY"},
                                      {"Step", step}, {"Steps", 2},                 {"TrafficPercent", percent}};
  if (!until.empty()) document["Smhost"]["Deployment"]["BakingUntil"] = until;
  return Running(document);
}

TEST_CASE("a deployment tells its step, its part of the requests and what it waits for") {
  CHECK(ProgressText("e", Deploying("Updating", "Baking", 1, 10, "2026-01-31T12:00:31.500Z")) ==
        "endpoint e: Updating, step 1 of 2, 10 % of requests go to c2, baking until 12:00:31 (CANARY)");
  CHECK(ProgressText("e", Deploying("Updating", "Fetching", 0, 0)) ==
        "endpoint e: Updating, step 0 of 2, 0 % of requests go to c2, fetching its model (CANARY)");
  CHECK(DeploymentText(Deploying("Updating", "Starting", 0, 0)) == "step 0 of 2, 0 % of requests go to c2, starting its instances (CANARY)");
  CHECK(DeploymentText(Deploying("Updating", "Starting", 1, 33.333333)) ==
        "step 1 of 2, 33.33 % of requests go to c2, starting more of its instances (CANARY)");
  CHECK(DeploymentText(Deploying("RollingBack", "RollingBack", 1, 50)) == "step 1 of 2, 50 % of requests go to c2, going back (CANARY)");
}

TEST_CASE("without a deployment the stage stands in parentheses, and a steady endpoint has none") {
  Json status = StatusDocument("InService");
  status["Smhost"]["Stage"] = "Keeping";
  CHECK(ProgressText("e", Running(status)) == "endpoint e: InService (Keeping)");
  status["Smhost"]["Stage"] = "Steady";
  CHECK(ProgressText("e", Running(status)) == "endpoint e: InService");
  CHECK(ProgressText("e", EndpointState{}) == "endpoint e: deleted");
}

TEST_CASE("what a status says moves no cursor, and members of other types break nothing") {
  Json status = StatusDocument("Updating");
  status["Smhost"]["Deployment"] = {{"EndpointConfigName", "c\x1b[2J"}, {"Step", "x"}, {"BakingUntil", 7}};
  CHECK(DeploymentText(Running(status)).find('\x1b') == std::string::npos);
  status["Smhost"]["Deployment"] = 7;
  CHECK(DeploymentText(Running(status)).empty());
}

TEST_CASE("the rollout as JSON has what is there and nothing more") {
  Json json = RolloutJson(Deploying("Updating", "Baking", 1, 10));
  CHECK(json["EndpointStatus"] == "Updating");
  CHECK(json["Stage"] == "Baking");
  CHECK(json["Deployment"]["Step"] == 1);
  CHECK_FALSE(json.contains("FailureReason"));
}

TEST_CASE("the history is a table, a line a revision") {
  const WallTime now = ParseIso8601("2026-01-31T12:00:10.000Z");
  const Json revisions = Json::parse(R"([
    {"Revision": 1, "EndpointConfigName": "c1", "Policy": "ALL_AT_ONCE", "Outcome": "Succeeded", "StartTime": "2026-01-31T12:00:00.000Z"},
    {"Revision": 2, "EndpointConfigName": "c2", "Policy": "CANARY", "Outcome": "RolledBack", "StartTime": "2026-01-31T12:00:05.000Z",
     "Reason": "an alarm"}])");
  CHECK(HistoryTable(revisions, now) ==
        "REVISION  CONFIG  POLICY       OUTCOME     STARTED  REASON\n"
        "1         c1      ALL_AT_ONCE  Succeeded   10s ago  -\n"
        "2         c2      CANARY       RolledBack  5s ago   an alarm\n");
}

}  // namespace
}  // namespace smhost::cli
