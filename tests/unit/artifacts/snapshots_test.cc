#include "artifacts/snapshots.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "artifacts/url.h"
#include "base/digest.h"
#include "base/process.h"
#include "state/document.h"
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
  // Of the store's entries, without what is only known about them.
  std::size_t Count() { return Names().size() - Known().size(); }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    auto entries = files->List(home.Artifacts());
    REQUIRE(entries);
    for (const auto& entry : *entries) names.push_back(entry.name);
    return names;
  }
  std::vector<std::string> Known() {
    auto names = Names();
    std::erase_if(names, [](const std::string& name) { return !name.starts_with("known-"); });
    return names;
  }
  std::string KnownPath(const std::string& digest) { return home.Artifacts() + "/known-" + digest.substr(7) + ".json"; }
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

TEST_CASE_METHOD(Fixture, "the same bytes are unpacked once, under whatever address they lie") {
  std::string url = Pack("weights");
  auto first = Ensure(url);
  REQUIRE(first);
  CHECK_FALSE(first->reused);
  auto before = std::filesystem::last_write_time(first->folder + "/model.pt");
  std::filesystem::copy(folder.path() + "/model.tar.gz", folder.path() + "/copy.tar.gz");
  std::filesystem::create_directories(home.Objects() + "/models");
  std::filesystem::copy(folder.path() + "/model.tar.gz", home.Objects() + "/models/model.tar.gz");
  for (const std::string& same : {url, FileUrl(folder.path() + "/copy.tar.gz"), std::string("s3://models/model.tar.gz")}) {
    auto again = Ensure(same);
    REQUIRE(again);
    CHECK(again->reused);
    CHECK(again->digest == first->digest);
    CHECK(again->folder == first->folder);
    CHECK(again->bytes == 7);
    CHECK(again->entries == 1);
    CHECK(std::filesystem::last_write_time(again->folder + "/model.pt") == before);
    CHECK(Count() == 1);
  }
}

TEST_CASE_METHOD(Fixture, "an artifact that changed is unpacked, though it has as many bytes as before") {
  auto plain = [&](const std::string& weights) {
    return FileUrl(folder.Write("model.tar", TarFile("model.pt", weights) + TarEnd()));
  };
  REQUIRE(Ensure(plain("first")));
  auto other = Ensure(plain("other"));
  REQUIRE(other);
  CHECK_FALSE(other->reused);
  CHECK(ReadAll(other->folder + "/model.pt") == "other");
  CHECK(Count() == 2);
  CHECK(Ensure(plain("first"))->reused);
}

TEST_CASE_METHOD(Fixture, "artifacts that differ only where no sample of them is taken are told apart") {
  auto plain = [&](char middle) {
    std::string weights(1 << 20, 'w');
    weights[weights.size() / 2 + 5000] = middle;
    return FileUrl(folder.Write("model.tar", TarFile("model.pt", weights) + TarEnd()));
  };
  auto outline = [&](const std::string& url) { return OpenSource(*ParseArtifactUrl(url), home, {}, 1).value()->Outline(); };
  std::string url = plain('a');
  auto before = outline(url);
  REQUIRE(before);
  REQUIRE(Ensure(url));
  REQUIRE(outline(plain('b')) == before);
  auto other = Ensure(url);
  REQUIRE(other);
  CHECK_FALSE(other->reused);
  CHECK(ReadAll(other->folder + "/model.pt")[(1 << 20) / 2 + 5000] == 'b');
  CHECK(Ensure(url)->reused);
  CHECK(Count() == 2);
}

TEST_CASE_METHOD(Fixture, "what is known is forgotten with its snapshot, and unpacked anew where the snapshot is missing") {
  std::string url = Pack("weights");
  auto first = Ensure(url);
  REQUIRE(first);
  CHECK(Known().size() == 1);
  REQUIRE(RemoveReadOnlyTree(first->folder));
  auto again = Ensure(url);
  REQUIRE(again);
  CHECK_FALSE(again->reused);
  CHECK(ReadAll(again->folder + "/model.pt") == "weights");
  CHECK(store.Sweep({first->digest}).value() == 0);
  CHECK(Known().size() == 1);
  CHECK(store.Sweep({}).value() == 1);
  CHECK(Names().empty());
}

TEST_CASE_METHOD(Fixture, "what is known and damaged, or tells of another archive, counts for nothing") {
  std::string url = Pack("weights");
  std::string digest = Ensure(url)->digest, path = KnownPath(digest), good = ReadAll(path);
  std::string flipped = good;
  flipped[flipped.find("\"Bytes\": 7") + 9] = '8';
  std::string other = "sha256:" + std::string(64, 'a');
  for (const std::string& bad : {std::string(), good.substr(0, good.size() / 2), std::string(good.size(), '\0'), flipped,
                                 EncodeSealed({{"Digest", digest}}), EncodeSealed(Json::array()),
                                 EncodeSealed({{"Digest", other}, {"PackedBytes", 1}, {"Bytes", 1}, {"Entries", 1}})}) {
    INFO(bad);
    std::ofstream(path, std::ios::binary) << bad;
    auto again = Ensure(url);
    REQUIRE(again);
    CHECK_FALSE(again->reused);
    CHECK(ReadAll(path) == good);
  }
  CHECK(Ensure(url)->reused);
  std::ofstream(path, std::ios::binary) << flipped;
  CHECK(store.Sweep({digest}).value() == 0);
  CHECK(Known().empty());
}

TEST_CASE_METHOD(Fixture, "an artifact that is known is still too large for a smaller volume") {
  std::string url = Pack("weights");
  REQUIRE(Ensure(url));
  auto refused = store.Ensure(url, {.bytes = 6}, {}, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kTooLarge);
  CHECK_THAT(refused.error().message, Catch::Contains("model.pt"));
  CHECK(store.Ensure(url, {.bytes = 7}, {}, {})->reused);
}

TEST_CASE_METHOD(Fixture, "an artifact that is not the expected one leaves nothing behind") {
  std::string digest = Ensure(Pack("weights"))->digest;
  CHECK(Ensure(Pack("weights"), digest));
  REQUIRE(Ensure(Pack("others!")));
  CHECK(Ensure(Pack("others!"), digest).error().code == Code::kConflict);
  CHECK(store.Sweep({digest}).value() == 1);
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
  folder.Write("home/artifacts/known-" + std::string(64, 'a') + ".json.tmp.0123456789abcdef", "half");
  CHECK(store.Sweep({}).value() == 3);
  CHECK(Known().empty());
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
