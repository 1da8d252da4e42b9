#include "controller/status_document.h"

#include <catch2/catch.hpp>

using namespace smhost;

namespace {

Fleet OneVariant(const std::string& id, const std::string& config) {
  VariantSpec v;
  v.name = "A";
  v.count = 2;
  v.digest = "sha256:1";
  return {id, "r-" + id, config, {v}};
}

StatusInputs Inputs(const Journal& journal, const Resource& endpoint) {
  StatusInputs in;
  in.name = "e";
  in.endpoint = &endpoint;
  in.journal = &journal;
  in.condition = {"InService", ""};
  in.generations = {{"endpoint", 1}};
  in.now = ParseIso8601("2026-01-01T00:00:00.000Z");
  return in;
}

}  // namespace

TEST_CASE("EndpointConfigName stays the old one until the update ends, which is pending meanwhile") {
  Journal journal;
  Resource endpoint;
  journal.serving = OneVariant("f1", "old");
  journal.coming = OneVariant("f2", "new");
  journal.rollout = Rollout{};
  auto in = Inputs(journal, endpoint);
  in.condition.status = "Updating";
  Json status = MakeStatus(in);
  CHECK(status["EndpointConfigName"] == "old");
  CHECK(status["PendingDeploymentSummary"]["EndpointConfigName"] == "new");
  CHECK(status["PendingDeploymentSummary"]["StartTime"] == "2026-01-01T00:00:00.000Z");
  journal.coming.reset();
  CHECK_FALSE(MakeStatus(in).contains("PendingDeploymentSummary"));
}

TEST_CASE("only ready instances of the serving fleet count as current") {
  Journal journal;
  Resource endpoint;
  journal.serving = OneVariant("f1", "c");
  auto in = Inputs(journal, endpoint);
  ObservedInstance ready;
  ready.fleet = "f1";
  ready.variant = "A";
  ready.state = InstanceState::kReady;
  ObservedInstance starting = ready, other = ready;
  starting.state = InstanceState::kStarting;
  other.fleet = "f0";
  in.instances = {{ready, 1, 0}, {starting, 2, 0}, {other, 3, 0}};
  Json variant = MakeStatus(in)["ProductionVariants"][0];
  CHECK(variant["CurrentInstanceCount"] == 1);
  CHECK(variant["DesiredInstanceCount"] == 2);
}

TEST_CASE("a member without a value is absent, never null") {
  Journal journal;
  Resource endpoint;
  Json status = MakeStatus(Inputs(journal, endpoint));
  CHECK_FALSE(status.contains("FailureReason"));
  CHECK_FALSE(status.contains("ProductionVariants"));
}

TEST_CASE("LastModifiedTime moves with the condition, not with every look") {
  Journal journal;
  Resource endpoint;
  auto in = Inputs(journal, endpoint);
  Json first = MakeStatus(in);
  in.previous = &first;
  in.now = ParseIso8601("2026-01-01T00:00:09.000Z");
  CHECK(MakeStatus(in)["LastModifiedTime"] == "2026-01-01T00:00:00.000Z");
  in.condition.status = "Updating";
  CHECK(MakeStatus(in)["LastModifiedTime"] == "2026-01-01T00:00:09.000Z");
}

TEST_CASE("a deployment shows its step, the part of the traffic and until when it bakes, and that time stays what it was") {
  Journal journal;
  Resource endpoint;
  journal.serving = OneVariant("f1", "old");
  journal.coming = OneVariant("f2", "new");
  journal.rollout = Rollout{};
  journal.rollout->policy.kind = DeploymentPolicy::Kind::kCanary;
  journal.rollout->policy.size = {true, 10};
  journal.rollout->policy.wait = std::chrono::seconds(60);
  journal.rollout->step = 1;
  journal.rollout->baking_since = MonotonicTime(std::chrono::seconds(100));
  auto in = Inputs(journal, endpoint);
  in.monotonic = MonotonicTime(std::chrono::seconds(110));
  Json status = MakeStatus(in);
  Json deployment = status["Smhost"]["Deployment"];
  CHECK(status["Smhost"]["Stage"] == "Baking");
  CHECK(deployment["Policy"] == "CANARY");
  CHECK(deployment["Step"] == 1);
  CHECK(deployment["Steps"] == 2);
  CHECK(deployment["TrafficPercent"] == 10.0);
  CHECK(deployment["BakingUntil"] == "2026-01-01T00:00:50.000Z");
  CHECK(status["ProductionVariants"][0]["CurrentWeight"] == 0.9);
  CHECK(status["PendingDeploymentSummary"]["ProductionVariants"][0]["VariantStatus"][0]["Status"] == "Baking");
  in.previous = &status;
  in.now += std::chrono::milliseconds(1500);
  in.monotonic += std::chrono::milliseconds(1400);
  CHECK(MakeStatus(in)["Smhost"]["Deployment"] == deployment);
}
