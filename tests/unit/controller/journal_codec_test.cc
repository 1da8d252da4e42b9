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
    journal.leaving = {SomeFleet("c"), SomeFleet("d")};
    journal.failure = Failure{"rev-x", 6, "why"};
  }
  auto back = JournalFromJson(JournalToJson(journal));
  REQUIRE(back);
  CHECK(*back == journal);
}

TEST_CASE("what is no journal is refused, not taken for an empty one") {
  CHECK_FALSE(JournalFromJson(Json::array()));
  CHECK_FALSE(JournalFromJson(Json::object()));
  CHECK_FALSE(JournalFromJson(Json("x")));
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
