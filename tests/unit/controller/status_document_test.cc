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
  in.now = "2026-01-01T00:00:00.000Z";
  return in;
}

}  // namespace

TEST_CASE("EndpointConfigName stays the old one until the update ends, which is pending meanwhile") {
  Journal journal;
  Resource endpoint;
  journal.serving = OneVariant("f1", "old");
  journal.coming = OneVariant("f2", "new");
  auto in = Inputs(journal, endpoint);
  in.condition.status = "Updating";
  Json status = MakeStatus(in);
  CHECK(status["EndpointConfigName"] == "old");
  CHECK(status["PendingDeploymentSummary"]["EndpointConfigName"] == "new");
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
  in.now = "2026-01-01T00:00:09.000Z";
  CHECK(MakeStatus(in)["LastModifiedTime"] == "2026-01-01T00:00:00.000Z");
  in.condition.status = "Updating";
  CHECK(MakeStatus(in)["LastModifiedTime"] == "2026-01-01T00:00:09.000Z");
}
