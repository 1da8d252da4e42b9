#include "artifacts/snapshots.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "artifacts/url.h"
#include "base/digest.h"
#include "base/process.h"
#include "unit/artifacts/test_archive.h"

using namespace smhost;

namespace {

struct Fixture {
  TestFolder folder;
  Home home{folder.path() + "/home"};
  std::unique_ptr<Files> files = MakeSystemFiles();
  SnapshotStore store{*files, home};

  std::string Pack(const std::string& weights) {
    return FileUrl(folder.Write("model.tar.gz", Gzip(TarFile("model.pt", weights) + TarEnd())));
  }
  Result<Snapshot> Ensure(const std::string& url, std::optional<std::string> expected = {}) {
    return store.Ensure(url, {}, {}, expected);
  }
  std::size_t Count() { return files->List(home.Artifacts())->size(); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a snapshot lies under the digest of its artifact") {
  auto snapshot = Ensure(Pack("weights"));
  REQUIRE(snapshot);
  std::string digest = "sha256:" + Sha256Hex(ReadAll(folder.path() + "/model.tar.gz"));
  CHECK(snapshot->digest == digest);
  CHECK(snapshot->bytes == 7);
  CHECK(snapshot->entries == 1);
  CHECK(store.PathOf(digest).value() == snapshot->folder);
  CHECK(ReadAll(snapshot->folder + "/model.pt") == "weights");
  CHECK(Count() == 1);
}

TEST_CASE_METHOD(Fixture, "changing or deleting the artifact leaves the snapshot as it was") {
  std::string first = Ensure(Pack("first"))->folder;
  auto second = Ensure(Pack("second"));
  REQUIRE(second);
  std::filesystem::remove(folder.path() + "/model.tar.gz");
  CHECK(ReadAll(first + "/model.pt") == "first");
  CHECK(ReadAll(second->folder + "/model.pt") == "second");
  CHECK(Count() == 2);
}

TEST_CASE_METHOD(Fixture, "fetching the same bytes again keeps the snapshot that is there") {
  std::string url = Pack("weights");
  auto before = std::filesystem::last_write_time(Ensure(url)->folder + "/model.pt");
  auto again = Ensure(url);
  REQUIRE(again);
  CHECK(std::filesystem::last_write_time(again->folder + "/model.pt") == before);
  CHECK(Count() == 1);
}

TEST_CASE_METHOD(Fixture, "an artifact that is not the expected one leaves nothing behind") {
  std::string digest = Ensure(Pack("weights"))->digest;
  CHECK(Ensure(Pack("weights"), digest));
  auto other = Ensure(Pack("changed"), digest);
  REQUIRE_FALSE(other);
  CHECK(other.error().code == Code::kConflict);
  CHECK_THAT(other.error().message, Catch::Contains(digest));
  CHECK(Count() == 1);
}

TEST_CASE_METHOD(Fixture, "a refused archive leaves the cache as it was") {
  REQUIRE(Ensure(Pack("weights")));
  std::string bad = FileUrl(folder.Write("bad.tar.gz", Gzip(TarFile("a/x", "1") + TarFile("a/x", "2") + TarEnd())));
  CHECK_THAT(Ensure(bad).error().message, Catch::Contains("entry 'a/x': it comes twice"));
  CHECK(Count() == 1);
}

TEST_CASE_METHOD(Fixture, "a stray file in a snapshot's place is no snapshot") {
  std::string url = Pack("weights");
  std::string digest = Ensure(url)->digest;
  std::string place = home.Snapshot(digest.substr(7));
  REQUIRE(RemoveReadOnlyTree(place));
  folder.Write("home/artifacts/sha256-" + digest.substr(7), "stray");
  CHECK(store.PathOf(digest).error().code == Code::kNotFound);
  auto snapshot = Ensure(url);
  REQUIRE_FALSE(snapshot);
  CHECK_THAT(snapshot.error().message, Catch::StartsWith(place));
  CHECK(Count() == 1);
}

TEST_CASE_METHOD(Fixture, "a digest is sha256 and 64 hex digits, nothing that leads elsewhere") {
  for (std::string text : {"", "sha256:", "sha256:../../x", "md5:00"})
    CHECK(store.PathOf(text).error().code == Code::kInvalid);
  CHECK(store.PathOf("sha256:" + std::string(64, 'A')).error().code == Code::kInvalid);
  CHECK(store.PathOf("sha256:" + std::string(64, 'a')).error().code == Code::kNotFound);
}

TEST_CASE_METHOD(Fixture, "a sweep takes what nobody references, read-only as it is") {
  std::string kept = Ensure(Pack("kept"))->digest, lost = Ensure(Pack("lost"))->digest;
  CHECK(store.Sweep({kept}).value() == 1);
  CHECK(store.PathOf(kept));
  CHECK_FALSE(store.PathOf(lost));
  CHECK(Count() == 1);
  CHECK(store.Sweep({}).value() == 1);
  CHECK(Count() == 0);
}

TEST_CASE_METHOD(Fixture, "a sweep takes what the dead left and leaves what the living make") {
  std::string own = std::to_string(::getpid()) + "-" + std::to_string(StartTimeOf(::getpid()));
  folder.Write("home/artifacts/tmp-" + own + "-77/model.pt", "half");
  folder.Write("home/artifacts/tmp-" + std::to_string(::getpid()) + "-1-0/model.pt", "of an earlier one with this pid");
  folder.Write("home/artifacts/tmp-1999999999-5-0/a/b/model.pt", "dead");
  folder.Write("home/artifacts/tmp-odd", "no process made it");
  folder.Write("home/artifacts/notes.txt", "not ours");
  CHECK(store.Sweep({}).value() == 3);
  CHECK(std::filesystem::exists(home.Artifacts() + "/tmp-" + own + "-77/model.pt"));
  CHECK(std::filesystem::exists(home.Artifacts() + "/notes.txt"));
  CHECK(Count() == 2);
}

TEST_CASE_METHOD(Fixture, "a sweep follows no link out of the store") {
  folder.Write("precious/file", "kept");
  folder.Make("home/artifacts/tmp-1999999999-5-0");
  std::filesystem::create_directory_symlink(folder.path() + "/precious", home.Artifacts() + "/tmp-1999999999-5-0/link");
  std::filesystem::create_directory_symlink(folder.path() + "/precious", home.Artifacts() + "/tmp-1999999999-6-0");
  CHECK(store.Sweep({}).value() == 2);
  CHECK(ReadAll(folder.path() + "/precious/file") == "kept");
}

TEST_CASE_METHOD(Fixture, "a sweep of a home without artifacts finds nothing") { CHECK(store.Sweep({}).value() == 0); }
