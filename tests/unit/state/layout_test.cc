#include "state/layout.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>

#include "fakes/fake_files.h"
#include "fakes/scratch_folder.h"

namespace smhost {
namespace {

const Home kHome("/u/state");

TEST_CASE("a new home has its folders, its format, and is closed to others") {
  FakeFiles files;
  CHECK(CheckHome(files, kHome).error().code == Code::kNotFound);
  REQUIRE(PrepareHome(files, kHome));
  CHECK(CheckHome(files, kHome));
  CHECK(files.Get(kHome.Format()) == "{\"format\":1}\n");
  CHECK(files.Info(kHome.root())->mode == 0700);
  CHECK(files.Info(kHome.Format())->mode == 0600);
  for (const std::string& folder : {kHome.Account(kLocalAccount), kHome.Objects(), kHome.Artifacts(),
                                    kHome.Quarantine(), kHome.Run() + "/instances", kHome.Run() + "/templates"})
    CHECK(files.Info(folder)->is_folder);
}

TEST_CASE("preparing a second time changes nothing") {
  FakeFiles files;
  REQUIRE(PrepareHome(files, kHome));
  int calls = files.calls();
  REQUIRE(PrepareHome(files, kHome));
  CHECK(files.calls() == calls);
}

TEST_CASE("under an open umask the home stays closed to others") {
  ScratchFolder scratch;
  Home home(scratch.path() + "/a/b/state");
  auto files = MakeSystemFiles();
  mode_t before = ::umask(0);
  Status prepared = PrepareHome(*files, home);
  ::umask(before);
  REQUIRE(prepared);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.path())) {
    CAPTURE(entry.path());
    CHECK(files->Info(entry.path())->mode == (entry.is_directory() ? 0700 : 0600));
  }
}

TEST_CASE("a home that others may read is closed to them") {
  FakeFiles files;
  REQUIRE(PrepareHome(files, kHome));
  REQUIRE(files.SetMode(kHome.root(), 0755));
  REQUIRE(PrepareHome(files, kHome));
  CHECK(files.Info(kHome.root())->mode == 0700);
}

TEST_CASE("a home of a newer format is refused and left as it is") {
  FakeFiles files;
  files.Put(kHome.Format(), "{\"format\":2,\"new\":true}");
  files.Put(kHome.root() + "/something-new", "x");
  auto before = files.AllFiles();
  for (Status refused : {PrepareHome(files, kHome), CheckHome(files, kHome)}) {
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::kNewerFormat);
    CHECK(refused.error().message.find(kHome.Format()) != std::string::npos);
    CHECK(refused.error().message.find("newer smhost") != std::string::npos);
  }
  CHECK(files.AllFiles() == before);
  CHECK(files.calls() == 0);
}

TEST_CASE("a folder with other things in it is refused and left as it is") {
  FakeFiles files;
  files.Put(kHome.root() + "/thesis.tex", "x");
  REQUIRE(files.SetMode(kHome.root(), 0755));
  auto refused = PrepareHome(files, kHome);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kConflict);
  CHECK(refused.error().message.find("thesis.tex") != std::string::npos);
  CHECK(files.Info(kHome.root())->mode == 0755);
  CHECK(files.AllFiles().size() == 1);
}

TEST_CASE("a file, somebody else's folder and an unreadable format are refused") {
  FakeFiles files;
  SECTION("a file") {
    files.Put(kHome.root(), "x");
    CHECK(PrepareHome(files, kHome).error().code == Code::kConflict);
  }
  SECTION("somebody else's") {
    REQUIRE(files.MakeFolders(kHome.root(), 0700));
    files.SetOwner(kHome.root(), ::geteuid() + 1);
    CHECK(PrepareHome(files, kHome).error().code == Code::kDenied);
  }
  SECTION("an empty format") {
    files.Put(kHome.Format(), "");
    CHECK(PrepareHome(files, kHome).error().code == Code::kCorrupt);
  }
  SECTION("a format that cannot be read now") {
    files.Put(kHome.Format(), "{\"format\":1}");
    files.FailRead(kHome.Format(), EACCES);
    CHECK(PrepareHome(files, kHome).error().code == Code::kUnavailable);
  }
}

TEST_CASE("whichever call fails or loses power while a home is made, the next try makes it, and it lasts once made") {
  for (bool power : {false, true}) {
    bool done = false;
    for (int n = 1; !done; ++n) {
      FakeFiles files;
      power ? files.CutPower(n) : files.FailCall(n, ENOSPC);
      done = PrepareHome(files, kHome).has_value();
      CAPTURE(n, power);
      if (power || done) files.Crash();
      files.StopFailing();
      if (done) CHECK(files.Exists(kHome.Format()));
      REQUIRE(PrepareHome(files, kHome));
      files.Crash();
      CHECK(CheckHome(files, kHome));
      CHECK(files.Exists(kHome.Account(kLocalAccount)));
      REQUIRE(n < 50);
    }
  }
}

}  // namespace
}  // namespace smhost
