#include "controller/journal_codec.h"

#include <catch2/catch.hpp>

using namespace smhost;

namespace {

Fleet SomeFleet(const std::string& id) {
  VariantSpec variant;
  variant.name = "AllTraffic";
  variant.model = "vad";
  variant.artifact_url = "file:///model.tar.gz";
  variant.environment = {{"SMHOST_METHOD", "audio_forward"}};
  variant.image = "smhost/torch";
  variant.instance_type = "ml.m5.large";
  variant.weight = 0.25;
  variant.count = 3;
  variant.threads = 2;
  variant.memory_bytes = 8ull << 30;
  variant.volume_bytes = 30ull << 30;
  variant.startup_timeout = std::chrono::seconds(60);
  variant.download_timeout = std::chrono::seconds(61);
  variant.digest = "sha256:ab";
  return {id, "rev-" + id, "config", {variant}};
}

}  // namespace

TEST_CASE("a journal comes back from its JSON as it was") {
  Journal journal;
  journal.endpoint_uid = "u";
  journal.endpoint_generation = 7;
  journal.published = true;
  SECTION("empty") {}
  SECTION("serving") { journal.serving = SomeFleet("a"); }
  SECTION("all at once") {
    journal.serving = SomeFleet("a");
    journal.coming = SomeFleet("b");
    journal.rollout = Rollout{};
    journal.rollout->policy.kind = DeploymentPolicy::Kind::kRolling;
    journal.rollout->policy.size = {false, 2};
    journal.rollout->policy.rollback_size = {true, 50};
    journal.rollout->policy.wait = std::chrono::seconds(5);
    journal.rollout->policy.termination_wait = std::chrono::seconds(6);
    journal.rollout->policy.longest = std::chrono::seconds(600);
    journal.rollout->policy.alarms = {"high", "low"};
    journal.rollout->way = Rollout::Way::kStuck;
    journal.rollout->step = 2;
    journal.rollout->began = MonotonicTime(std::chrono::seconds(99));
    journal.rollout->baking_since = MonotonicTime(std::chrono::nanoseconds(123456789));
    journal.rollout->reason = "because";
    journal.resized_from = SomeFleet("e");
    journal.leaving = {{SomeFleet("c"), {}}, {SomeFleet("d"), MonotonicTime(std::chrono::seconds(7))}};
    journal.failure = Failure{"rev-x", 6, "why"};
    journal.returning = true;
    journal.deployment_config = "{}";
    journal.restored = "r1";
  }
  auto back = JournalFromJson(JournalToJson(journal, "boot"), "boot", MonotonicTime(std::chrono::hours(5)));
  REQUIRE(back);
  CHECK(*back == journal);
}

TEST_CASE("what is no journal is refused, not taken for an empty one") {
  for (const Json& json : {Json::array(), Json::object(), Json("x")}) CHECK_FALSE(JournalFromJson(json, "boot", {}));
}

TEST_CASE("after a reboot a bake begins anew, a fleet that was kept is not, and a deployment has its whole time again") {
  Journal journal;
  journal.endpoint_uid = "u";
  journal.serving = SomeFleet("a");
  journal.coming = SomeFleet("b");
  journal.rollout = Rollout{};
  journal.rollout->step = 1;
  journal.rollout->began = MonotonicTime(std::chrono::hours(100));
  journal.rollout->baking_since = MonotonicTime(std::chrono::hours(101));
  journal.leaving = {{SomeFleet("c"), MonotonicTime(std::chrono::hours(102))}};
  const MonotonicTime now(std::chrono::minutes(1));
  auto back = JournalFromJson(JournalToJson(journal, "boot 1"), "boot 2", now);
  REQUIRE(back);
  CHECK(back->rollout->step == 1);
  CHECK(back->rollout->began == now);
  CHECK_FALSE(back->rollout->baking_since);
  CHECK_FALSE(back->leaving[0].keep_until);
}

TEST_CASE("equal wishes have equal revisions, whatever their fleet id and digests") {
  Fleet a = SomeFleet("a"), b = SomeFleet("b");
  b.variants[0].digest = "sha256:cd";
  CHECK(RevisionOf(a) == RevisionOf(b));
  SECTION("another artifact is another revision") { b.variants[0].artifact_url = "file:///other"; }
  SECTION("another environment is another revision") { b.variants[0].environment["A"] = "1"; }
  SECTION("another count is another revision") { b.variants[0].count = 4; }
  SECTION("another weight is another revision") { b.variants[0].weight = 0.5; }
  SECTION("another configuration name is another revision") { b.config_name = "config2"; }
  CHECK(RevisionOf(a) != RevisionOf(b));
}
