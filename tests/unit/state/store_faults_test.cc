// What a store promises when the disk is full, fails, or the power goes: see its header. Every call is made to fail.
#include <catch2/catch.hpp>
#include <cerrno>
#include <functional>

#include "unit/state/state_world.h"

namespace smhost {
namespace {

enum class Fault { kOnce, kFromThenOn };

// Runs `act` on a world that `prepare` made, with its n-th changing call failing, for each n until nothing fails any
// more.
void FailEachCall(const std::function<void(StateWorld&)>& prepare, const std::function<bool(StateWorld&)>& act,
                  const std::function<void(StateWorld&, bool acknowledged)>& check) {
  for (int error : {ENOSPC, EIO}) {
    for (Fault fault : {Fault::kOnce, Fault::kFromThenOn}) {
      for (int n = 1;; ++n) {
        REQUIRE(n < 200);
        StateWorld world;
        prepare(world);
        int before = world.files.calls();
        fault == Fault::kOnce ? world.files.FailCall(n, error) : world.files.FailFrom(n, error);
        bool acknowledged = act(world);
        bool reached = world.files.calls() - before >= n;
        world.files.StopFailing();
        CAPTURE(error, static_cast<int>(fault), n);
        check(world, acknowledged);
        if (!reached) {
          CHECK(acknowledged);
          break;
        }
      }
    }
  }
}

// The power goes during each call, and of the names not synced every number of calls is kept.
void CutPowerAtEachCall(const std::function<void(StateWorld&)>& prepare, const std::function<bool(StateWorld&)>& act,
                        const std::function<void(StateWorld&, bool acknowledged)>& check) {
  bool acknowledged = false;
  for (int n = 1; !acknowledged; ++n) {
    REQUIRE(n < 200);
    for (int kept = 0; kept <= n; ++kept) {
      StateWorld world;
      prepare(world);
      int before = world.files.calls();
      world.files.CutPower(n, static_cast<std::size_t>(kept) * 7);
      acknowledged = act(world);
      world.files.Crash(before + kept);
      CAPTURE(n, kept);
      check(world, acknowledged);
    }
  }
}

void ApplyOld(StateWorld& world) { REQUIRE(world.Apply({ModelDocument("a", "old"), ModelDocument("b", "old")})); }
bool ApplyOneNew(StateWorld& world) { return world.Apply({ModelDocument("a", "new")}).has_value(); }
bool ApplyNew(StateWorld& world) {
  return world.Apply({ModelDocument("a", "new"), ModelDocument("b", "new"), ModelDocument("c", "new")}).has_value();
}
std::string Urls(StateWorld& world) { return world.UrlOf("a") + " " + world.UrlOf("b") + " " + world.UrlOf("c"); }

const std::string kAllOld = "old old (none)", kAllNew = "new new new";

TEST_CASE("whichever call fails while one document is applied, it is old or new, and a repeated apply lasts") {
  FailEachCall(ApplyOld, ApplyOneNew, [](StateWorld& world, bool acknowledged) {
    std::string seen = world.UrlOf("a");
    CHECK((seen == "old" || seen == "new"));
    if (acknowledged) CHECK(seen == "new");
    REQUIRE(ApplyOneNew(world));
    world.files.Crash();
    REQUIRE(world.MakeStore().Recover(world.account)->empty());
    CHECK(world.CountTemporaries() == 0);
    CHECK(world.UrlOf("a") == "new");
  });
}

TEST_CASE("a full disk from the first write on leaves every document as it was") {
  StateWorld world;
  ApplyOld(world);
  auto before = world.files.AllFiles();
  world.files.FailFrom(1, ENOSPC);
  auto refused = world.Apply({ModelDocument("a", "new"), ModelDocument("b", "new")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("/resources/model/a.json") != std::string::npos);
  CHECK(refused.error().message.find("free some space") != std::string::npos);
  CHECK(world.files.AllFiles() == before);
}

TEST_CASE("whichever call fails while several documents are applied, all are old or all new once the next one looks") {
  FailEachCall(ApplyOld, ApplyNew, [](StateWorld& world, bool acknowledged) {
    REQUIRE(world.MakeStore().Recover(world.account));
    std::string seen = Urls(world);
    CHECK((seen == kAllOld || seen == kAllNew));
    if (acknowledged) CHECK(seen == kAllNew);
    CHECK(world.CountTemporaries() == 0);
    REQUIRE(ApplyNew(world));
    world.files.Crash();
    CHECK(Urls(world) == kAllNew);
  });
}

TEST_CASE(
    "after a power cut during any call of an apply all documents are old or all new, and what was acknowledged is "
    "new") {
  auto check = [](StateWorld& world, bool acknowledged) {
    for (const char* name : {"a", "b"}) {
      std::string seen = world.UrlOf(name);
      CHECK((seen == "old" || seen == "new"));
    }
    auto incidents = world.MakeStore().Recover(world.account);
    REQUIRE(incidents);
    CHECK(incidents->empty());
    std::string seen = Urls(world);
    CHECK((seen == kAllOld || seen == kAllNew));
    if (acknowledged) CHECK(seen == kAllNew);
    CHECK(world.CountTemporaries() == 0);
    CHECK(world.Quarantined().empty());
  };
  CutPowerAtEachCall(ApplyOld, ApplyNew, check);
}

TEST_CASE("two failures in a row and then a power cut leave all documents old or all new") {
  for (int n = 1; n <= 15; ++n) {
    for (int kept = 0; kept <= n + 8; ++kept) {
      StateWorld world;
      ApplyOld(world);
      int before = world.files.calls();
      world.files.FailCalls(n, 2, EIO);
      bool acknowledged = ApplyNew(world);
      world.files.Crash(before + kept);
      REQUIRE(world.MakeStore().Recover(world.account));
      CAPTURE(n, kept);
      std::string seen = Urls(world);
      CHECK((seen == kAllOld || seen == kAllNew));
      if (acknowledged) CHECK(seen == kAllNew);
    }
  }
}

TEST_CASE("an apply lasts although another command made the account's folder and has not synced it yet") {
  StateWorld world;
  world.account = "123456789012";
  REQUIRE(world.files.MakeFolders(world.home.Account("made-a-moment-ago"), 0700));
  REQUIRE(world.files.Rename(world.home.Account("made-a-moment-ago"), world.home.Account(world.account)));
  REQUIRE(ApplyNew(world));
  world.files.Crash();
  CHECK(Urls(world) == kAllNew);
}

TEST_CASE("a second power cut while the first is recovered from changes nothing of that") {
  bool acknowledged = false;
  for (int n = 1; !acknowledged; ++n) {
    REQUIRE(n < 200);
    for (int again = 1; again < 12; ++again) {
      StateWorld world;
      ApplyOld(world);
      world.files.CutPower(n);
      acknowledged = ApplyNew(world);
      world.files.Crash(world.files.calls());
      world.files.CutPower(again);
      (void)world.MakeStore().Recover(world.account);
      world.files.Crash();
      REQUIRE(world.MakeStore().Recover(world.account));
      CAPTURE(n, again);
      std::string seen = Urls(world);
      CHECK((seen == kAllOld || seen == kAllNew));
      if (acknowledged) CHECK(seen == kAllNew);
      CHECK(world.CountTemporaries() == 0);
    }
  }
}

TEST_CASE("the first apply of an account lasts once acknowledged, whatever failed before") {
  auto prepare = [](StateWorld& world) { world.account = "123456789012"; };
  FailEachCall(prepare, ApplyNew, [](StateWorld& world, bool) {
    REQUIRE(ApplyNew(world));
    world.files.Crash();
    CHECK(Urls(world) == kAllNew);
  });
  CutPowerAtEachCall(prepare, ApplyNew, [](StateWorld& world, bool acknowledged) {
    REQUIRE(world.MakeStore().Recover(world.account));
    std::string seen = Urls(world);
    CHECK((seen == "(none) (none) (none)" || seen == kAllNew));
    if (acknowledged) CHECK(seen == kAllNew);
  });
}

TEST_CASE("whichever call fails while a document is deleted, it is whole or gone, and a repeated delete lasts") {
  auto remove = [](StateWorld& world) {
    return world.MakeStore().Delete(world.account, Kind::kModel, "a").has_value();
  };
  auto prepare = [](StateWorld& world) {
    ApplyOld(world);
    REQUIRE(ApplyOneNew(world));
  };
  FailEachCall(prepare, remove, [&](StateWorld& world, bool acknowledged) {
    std::string seen = world.UrlOf("a");
    CHECK((seen == "new" || seen == "(none)"));
    if (acknowledged) CHECK(seen == "(none)");
    auto again = world.MakeStore().Delete(world.account, Kind::kModel, "a");
    CHECK((again || again.error().code == Code::kNotFound));
    world.files.Crash();
    CHECK(world.UrlOf("a") == "(none)");
    CHECK(world.UrlOf("b") == "old");
  });
  CutPowerAtEachCall(prepare, remove, [](StateWorld& world, bool acknowledged) {
    std::string seen = world.UrlOf("a");
    CHECK((seen == "new" || seen == "(none)"));
    if (acknowledged) CHECK(seen == "(none)");
  });
}

TEST_CASE("whichever call fails while a journal is written, it is old or new, and new once acknowledged") {
  auto prepare = [](StateWorld& world) {
    REQUIRE(world.MakeStore().PutJournal(world.account, "e", {{"Stage", "older"}}));
    REQUIRE(world.MakeStore().PutJournal(world.account, "e", {{"Stage", "old"}}));
  };
  auto put = [](StateWorld& world) {
    return world.MakeStore().PutJournal(world.account, "e", {{"Stage", "new"}}).has_value();
  };
  auto check = [](StateWorld& world, bool acknowledged) {
    auto journal = world.MakeStore().GetJournal(world.account, "e");
    REQUIRE(journal);
    std::string stage = StringOr(*journal, "Stage");
    CHECK((stage == "old" || stage == "new"));
    if (acknowledged) CHECK(stage == "new");
  };
  FailEachCall(prepare, put, check);
  CutPowerAtEachCall(prepare, put, check);
}

TEST_CASE("a resource that cannot be read now is neither gone nor damaged") {
  StateWorld world;
  ApplyOld(world);
  world.files.FailRead(world.PathOf(Kind::kModel, "a"), EACCES);
  CHECK(world.UrlOf("a") == "Unavailable");
  auto listing = world.MakeStore().List(world.account, Kind::kModel);
  REQUIRE(listing);
  REQUIRE(listing->incidents.size() == 1);
  CHECK(listing->incidents[0].resource == "model/a");
  CHECK(listing->incidents[0].code == Code::kUnavailable);
  CHECK(world.Apply({ModelDocument("a", "new")}).error().code == Code::kUnavailable);
  auto incidents = world.MakeStore().Recover(world.account);
  REQUIRE(incidents);
  CHECK(incidents->size() == 1);
  CHECK(world.Quarantined().empty());
  world.files.FailRead(world.PathOf(Kind::kModel, "a"), 0);
  CHECK(world.UrlOf("a") == "old");
}

}  // namespace
}  // namespace smhost
