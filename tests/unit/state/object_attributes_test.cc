#include "state/object_attributes.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "fakes/scratch_folder.h"
#include "state/object_uploads.h"
#include "state/objects.h"

namespace smhost {
namespace {

namespace fs = std::filesystem;

// On a file system with extended attributes, and on one without.
struct NotesWorld {
  explicit NotesWorld(bool use_attributes) : store(home, use_attributes) { fs::create_directories(home.Objects()); }
  ScratchFolder scratch;
  Home home{scratch.path()};
  ObjectStore store;

  Result<ObjectInfo> Put(const ObjectAddress& address, const std::string& bytes, const PutRule& rule = {}) {
    SMHOST_TRY(ObjectWriter writer, store.Begin());
    SMHOST_TRY_STATUS(writer.Write(bytes));
    ObjectAttributes attributes{"etag of " + bytes, {{"content-type", "text/plain"}}, "crc32", "AAAAAA==", ""};
    return store.Finish(writer, address, attributes, rule);
  }
};

TEST_CASE("attributes are written and read back, whatever is in them") {
  ObjectAttributes attributes{"e", {{"x-amz-meta-ü", "\"\\\n…"}, {"expires", ""}}, "sha256", "x=-2", "id"};
  WallTime time(std::chrono::microseconds(1'750'000'000'123'456));
  auto back = DecodeAttributes(EncodeAttributes(attributes, 5ull << 40, time));
  REQUIRE(back);
  CHECK(back->attributes.etag == attributes.etag);
  CHECK(back->attributes.headers == attributes.headers);
  CHECK(back->attributes.checksum_algorithm == "sha256");
  CHECK(back->attributes.checksum == "x=-2");
  CHECK(back->attributes.upload == "id");
  CHECK(back->size_bytes == 5ull << 40);
  CHECK(back->modified == time);
  for (const char* text : {"", "{}", "[]", "null", "{\"etag\":1}", "{\"etag\":", "x"})
    CHECK_FALSE(DecodeAttributes(text));
}

TEST_CASE("an object keeps its attributes until its bytes change or it goes") {
  bool use_attributes = GENERATE(true, false);
  NotesWorld world(use_attributes);
  ObjectAddress address{"models", "a/b"};
  REQUIRE(world.Put(address, "one"));
  CHECK(world.store.Open(address)->attributes.etag == "etag of one");
  CHECK(world.store.Open(address)->attributes.headers.size() == 1);
  REQUIRE(world.Put(address, "two"));
  CHECK(world.store.Open(address)->attributes.etag == "etag of two");
  std::ofstream(world.home.Objects() + "/models/a/b") << "by hand";
  CHECK(world.store.Open(address)->attributes.etag.ends_with("-1"));
  CHECK(world.store.Open(address)->attributes.headers.empty());
  REQUIRE(world.store.Remove(address));
  CHECK(world.store.Buckets()->size() == 1);
  REQUIRE(world.store.RemoveBucket("models"));
  CHECK_FALSE(fs::exists(world.home.Objects() + "/.smhost-meta/models"));
}

TEST_CASE("attributes with no room in the file's own lie beside it") {
  NotesWorld world(true);
  auto writer = world.store.Begin();
  REQUIRE(writer);
  ObjectAttributes attributes{"e", {{"x", std::string(60'000, 'm')}}, "", "", ""};
  REQUIRE(world.store.Finish(*writer, {"models", "a"}, attributes, {}));
  CHECK(world.store.Open({"models", "a"})->attributes.headers.front().second.size() == 60'000);
}

TEST_CASE("what killed writers left behind is swept, what is whole stays") {
  NotesWorld world(true);
  auto files = MakeSystemFiles();
  ObjectUploads uploads(*files, world.store.root());
  UploadInfo upload;
  upload.address = {"models", "a"};
  upload.attributes.etag = "none yet";
  auto whole = uploads.Create(upload), half = uploads.Create(upload);
  REQUIRE(whole);
  REQUIRE(half);
  std::string root = world.home.Objects();
  fs::remove(root + "/.smhost-uploads/" + *half + "/upload.json");
  fs::create_directory(root + "/.put-0123456789abcdef");
  REQUIRE(world.store.SweepTemporary());
  CHECK(uploads.Find(*whole, upload.address));
  CHECK_FALSE(fs::exists(root + "/.smhost-uploads/" + *half));
  CHECK_FALSE(fs::exists(root + "/.put-0123456789abcdef"));
}

TEST_CASE("a bucket has its owner, with and without extended attributes") {
  NotesWorld world(GENERATE(true, false));
  WallTime created(std::chrono::seconds(1'750'000'000));
  REQUIRE(world.store.MakeBucket({"models", "111122223333", created}));
  CHECK(world.store.Bucket("models")->account == "111122223333");
  CHECK(world.store.Bucket("models")->created == created);
  CHECK(world.store.MakeBucket({"models", "000000000000", created}).error().code == Code::kConflict);
  CHECK(world.store.Bucket("models")->account == "111122223333");
  REQUIRE(world.store.RemoveBucket("models"));
  REQUIRE(world.store.MakeBucket({"models", "000000000000", created}));
  CHECK(world.store.Bucket("models")->account == "000000000000");
}

TEST_CASE("a rule that is not met leaves the object alone") {
  NotesWorld world(true);
  ObjectAddress address{"models", "a"};
  CHECK(world.Put(address, "x", {.make_bucket = false}).error().code == Code::kNotFound);
  CHECK(world.store.Buckets()->empty());
  REQUIRE(world.Put(address, "one", {.only_new = true}));
  CHECK(world.Put(address, "two", {.only_new = true}).error().code == Code::kDenied);
  CHECK(world.Put(address, "two", {.if_etag = "other"}).error().code == Code::kDenied);
  CHECK(world.Put({"models", "b"}, "two", {.if_etag = "*"}).error().code == Code::kNotFound);
  CHECK(world.store.Open(address)->attributes.etag == "etag of one");
  REQUIRE(world.Put(address, "two", {.if_etag = "etag of one"}));
  CHECK(world.store.Open(address)->attributes.etag == "etag of two");
  CHECK(std::distance(fs::directory_iterator(world.home.Objects()), fs::directory_iterator()) == 1);
}

TEST_CASE("a folder that stands for an object outlives what is in it") {
  NotesWorld world(GENERATE(true, false));
  ObjectAddress folder{"models", "a/b/"}, file{"models", "a/b/c"};
  CHECK(world.store.OpenMarker(folder).error().code == Code::kNotFound);
  WallTime now(std::chrono::seconds(1'750'000'000));
  REQUIRE(world.store.PutMarker(folder, {"e", {}, "", "", ""}, now, {}));
  REQUIRE(world.Put(file, "x"));
  REQUIRE(world.store.Remove(file));
  CHECK(world.store.OpenMarker(folder)->modified == now);
  auto keys = world.store.List("models", "");
  REQUIRE(keys);
  REQUIRE(keys->size() == 1);
  CHECK(keys->front().key == "a/b/");
  CHECK(world.store.PutMarker(folder, {"e", {}, "", "", ""}, now, {.only_new = true}).error().code == Code::kDenied);
  REQUIRE(world.store.Remove(folder));
  CHECK(world.store.Remove(folder).error().code == Code::kNotFound);
  CHECK(fs::is_empty(world.home.Objects() + "/models"));
}

}  // namespace
}  // namespace smhost
