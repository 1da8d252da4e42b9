#include <catch2/catch.hpp>
#include <cerrno>

#include "base/digest.h"
#include "state/document.h"
#include "unit/state/state_world.h"

namespace smhost {
namespace {

using namespace std::chrono_literals;

void ApplyTwice(StateWorld& world) {
  REQUIRE(world.Apply({ModelDocument("a", "first"), ModelDocument("b", "first")}));
  REQUIRE(world.Apply({ModelDocument("a", "second"), ModelDocument("b", "second")}));
}

std::string NewerText(const StateWorld& world, const std::string& path) {
  Json json = *ParseJson(world.files.Get(path), path, 1 << 20);
  json["Metadata"].erase("Checksum");
  json["Metadata"]["Format"] = 9;
  json["Metadata"]["Checksum"] = Sha256Hex(CompactJson(json));
  return PrettyJson(json);
}

TEST_CASE("reading a damaged document gives its previous copy, tells of it and moves nothing") {
  StateWorld world;
  ApplyTwice(world);
  world.files.Put(world.PathOf(Kind::kModel, "a"), "garbage");
  auto before = world.files.AllFiles();
  CHECK(world.UrlOf("a") == "first");
  auto listing = world.MakeStore().List(world.account, Kind::kModel);
  REQUIRE(listing);
  CHECK(listing->resources.size() == 2);
  REQUIRE(listing->incidents.size() == 1);
  CHECK(listing->incidents[0].previous_used);
  CHECK(listing->incidents[0].message.find(world.PathOf(Kind::kModel, "a")) != std::string::npos);
  CHECK(world.files.AllFiles() == before);
}

TEST_CASE("recovery puts a damaged document aside, says where, and restores the previous copy for good") {
  StateWorld world;
  ApplyTwice(world);
  world.files.Put(world.PathOf(Kind::kModel, "a"), "garbage");
  auto incidents = world.MakeStore().Recover(world.account);
  REQUIRE(incidents);
  REQUIRE(incidents->size() == 1);
  auto quarantined = world.Quarantined();
  REQUIRE(quarantined.size() == 1);
  CHECK((*incidents)[0].message.find(quarantined[0]) != std::string::npos);
  CHECK(quarantined[0].find("model-a.json") != std::string::npos);
  world.files.Crash();
  CHECK(world.files.Get(quarantined[0]) == "garbage");
  CHECK(world.UrlOf("a") == "first");
  CHECK(world.UrlOf("b") == "second");
  CHECK(world.MakeStore().Recover(world.account)->empty());
}

TEST_CASE("a document without a good copy is never as if it were deleted: it is called damaged until applied anew") {
  StateWorld world;
  ApplyTwice(world);
  std::string uid = world.MakeStore().Get(world.account, Kind::kModel, "a")->uid;
  world.files.Put(world.PathOf(Kind::kModel, "a"), "garbage");
  world.files.Put(world.PathOf(Kind::kModel, "a") + ".prev", "garbage too");
  CHECK(world.UrlOf("a") == "Corrupt");
  REQUIRE(world.MakeStore().Recover(world.account)->size() == 1);
  CHECK(world.Quarantined().size() == 2);
  auto gone = world.MakeStore().Get(world.account, Kind::kModel, "a");
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == Code::kCorrupt);
  CHECK(gone.error().resource == "model/a");
  CHECK(gone.error().message.find(world.home.Quarantine()) != std::string::npos);
  CHECK(world.MakeStore().List(world.account, Kind::kModel)->incidents.size() == 1);
  // Again and again: told each time, moved once.
  CHECK(world.MakeStore().Recover(world.account)->size() == 1);
  CHECK(world.Quarantined().size() == 2);
  CHECK(world.Apply({ConfigDocument("c", "a")}));

  SECTION("applied anew it is a new resource") {
    auto outcomes = world.Apply({ModelDocument("a", "third")});
    REQUIRE(outcomes);
    CHECK((*outcomes)[0].change == Change::kCreated);
    CHECK((*outcomes)[0].note.find(world.home.Quarantine()) != std::string::npos);
    CHECK(world.UrlOf("a") == "third");
    CHECK(world.MakeStore().Get(world.account, Kind::kModel, "a")->uid != uid);
    CHECK(world.MakeStore().Recover(world.account)->empty());
  }
  SECTION("it can be deleted") {
    REQUIRE(world.MakeStore().Delete(world.account, Kind::kModel, "a"));
    CHECK(world.UrlOf("a") == "(none)");
    CHECK(world.MakeStore().Recover(world.account)->empty());
  }
}

TEST_CASE("applying over a damaged document puts it aside, goes on from the previous copy, and says so") {
  StateWorld world;
  ApplyTwice(world);
  world.files.Put(world.PathOf(Kind::kModel, "a"), "garbage");
  auto outcomes = world.Apply({ModelDocument("a", "third")});
  REQUIRE(outcomes);
  CHECK((*outcomes)[0].change == Change::kChanged);
  CHECK((*outcomes)[0].resource.generation == 2);
  CHECK((*outcomes)[0].note.find(world.home.Quarantine()) != std::string::npos);
  CHECK(world.Quarantined().size() == 1);
}

TEST_CASE("a torn or zero-filled document at any byte gives the previous copy, never something between") {
  StateWorld world;
  ApplyTwice(world);
  const std::string path = world.PathOf(Kind::kModel, "a"), text = world.files.Get(path);
  for (std::size_t kept = 0; kept + 1 < text.size(); ++kept) {
    for (bool zeros : {false, true}) {
      world.files.Put(path, text.substr(0, kept) + std::string(zeros ? text.size() - kept : 0, '\0'));
      if (world.UrlOf("a") != "first") FAIL("cut at byte " << kept << ": " << world.UrlOf("a"));
    }
  }
}

TEST_CASE("a document copied under another name or kind is not taken for a resource of that name") {
  StateWorld world;
  ApplyTwice(world);
  world.files.Put(world.PathOf(Kind::kModel, "c"), world.files.Get(world.PathOf(Kind::kModel, "a")));
  world.files.Put(world.PathOf(Kind::kEndpoint, "a"), world.files.Get(world.PathOf(Kind::kModel, "a")));
  CHECK(world.UrlOf("c") == "Corrupt");
  CHECK(world.MakeStore().Recover(world.account)->size() == 2);
  CHECK(world.UrlOf("a") == "second");
}

TEST_CASE("a document of a newer smhost is refused everywhere and left alone") {
  StateWorld world;
  ApplyTwice(world);
  std::string path = world.PathOf(Kind::kModel, "a");
  world.files.Put(path, NewerText(world, path));
  auto before = world.files.AllFiles();
  CHECK(world.UrlOf("a") == "NewerFormat");
  CHECK(world.Apply({ModelDocument("a", "third")}).error().code == Code::kNewerFormat);
  CHECK(world.MakeStore().Delete(world.account, Kind::kModel, "a").error().code == Code::kNewerFormat);
  auto incidents = world.MakeStore().Recover(world.account);
  REQUIRE(incidents);
  REQUIRE(incidents->size() == 1);
  CHECK((*incidents)[0].code == Code::kNewerFormat);
  CHECK(world.files.AllFiles() == before);
  CHECK(world.UrlOf("b") == "second");
}

TEST_CASE("a damaged journal gives its previous copy, and without one it is put aside and gone") {
  StateWorld world;
  Store store = world.MakeStore();
  REQUIRE(store.PutJournal(world.account, "e", {{"Stage", "1"}}));
  REQUIRE(store.PutJournal(world.account, "e", {{"Stage", "2"}}));
  std::string path = world.home.Journal(world.account, "e");
  world.files.Put(path, "");
  CHECK(StringOr(*store.GetJournal(world.account, "e"), "Stage") == "1");
  REQUIRE(store.Recover(world.account)->size() == 1);
  CHECK(StringOr(*store.GetJournal(world.account, "e"), "Stage") == "1");
  CHECK(store.Recover(world.account)->empty());

  world.files.Put(path, "");
  world.files.Put(path + ".prev", "");
  CHECK(store.GetJournal(world.account, "e").error().code == Code::kCorrupt);
  REQUIRE(store.Recover(world.account)->size() == 1);
  CHECK(store.GetJournal(world.account, "e").error().code == Code::kNotFound);
  CHECK(world.Quarantined().size() == 3);
}

TEST_CASE("the previous copy of a deleted resource does not become that of the next one") {
  StateWorld world;
  ApplyTwice(world);
  std::string path = world.PathOf(Kind::kModel, "a");
  world.files.Put(path + ".prev", world.files.Get(path));
  REQUIRE(world.files.Remove(path));
  CHECK(world.UrlOf("a") == "(none)");
  REQUIRE(world.Apply({ModelDocument("a", "anew")}));
  world.files.Put(path, "garbage");
  CHECK(world.UrlOf("a") == "Corrupt");
}

TEST_CASE("recovery sweeps temporary files of the dead and nothing else") {
  StateWorld world;
  ApplyTwice(world);
  REQUIRE(world.MakeStore().PutJournal(world.account, "e", {}));
  REQUIRE(world.MakeStore().PutStatus(world.account, Kind::kEndpoint, "e", {}));
  auto before = world.files.AllFiles();
  world.files.SetNow(world.clock.Wall());
  for (const std::string& path : {world.PathOf(Kind::kModel, "a"), world.home.Journal(world.account, "e"),
                                  world.home.Status(world.account, "endpoint", "e")})
    world.files.Put(TemporaryPath(path), "left behind");
  world.files.Put(world.PathOf(Kind::kModel, "gone") + ".prev", "left behind");
  world.files.Put(TemporaryPath(world.home.Format()), "perhaps being written");
  REQUIRE(world.MakeStore().RecoverAll());
  CHECK(world.CountTemporaries() == 1);
  world.clock.Advance(11min);
  REQUIRE(world.MakeStore().RecoverAll());
  CHECK(world.files.AllFiles() == before);
}

TEST_CASE("one that cannot be repaired on a full disk does not keep the others from being looked at") {
  StateWorld world;
  ApplyTwice(world);
  world.files.Put(world.PathOf(Kind::kModel, "a"), "garbage");
  world.files.Put(world.PathOf(Kind::kModel, "b"), "garbage");
  world.files.FailFrom(1, ENOSPC);
  auto incidents = world.MakeStore().Recover(world.account);
  REQUIRE(incidents);
  CHECK(incidents->size() == 2);
  CHECK(world.UrlOf("a") == "first");
  world.files.StopFailing();
  REQUIRE(world.MakeStore().Recover(world.account)->size() == 2);
  CHECK(world.MakeStore().Recover(world.account)->empty());
}

TEST_CASE("a damaged list of moves is put aside and stops nobody") {
  StateWorld world;
  ApplyTwice(world);
  world.files.Put(world.home.Account(world.account) + "/pending.json", "{\"torn");
  REQUIRE(world.MakeStore().Recover(world.account)->size() == 1);
  CHECK(world.Quarantined().size() == 1);
  CHECK(world.UrlOf("a") == "second");
  CHECK(world.Apply({ModelDocument("a", "third")}));
}

}  // namespace
}  // namespace smhost
