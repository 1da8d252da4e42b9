#include "state/objects.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/files.h"
#include "fakes/scratch_folder.h"

namespace smhost {
namespace {

namespace fs = std::filesystem;

struct ObjectWorld {
  ScratchFolder scratch;
  Home home{scratch.path() + "/home"};
  ObjectStore store{home};

  ObjectWorld() { fs::create_directories(home.Objects()); }
  std::string Local(const std::string& name, const std::string& bytes) {
    std::string path = scratch.path() + "/" + name;
    std::ofstream(path) << bytes;
    return path;
  }
  Status Put(const std::string& url, const std::string& bytes) {
    SMHOST_TRY(ObjectAddress address, ParseObjectAddress(url));
    return store.PutFile(Local("source", bytes), address);
  }
  // The object's bytes, or the failure's name.
  std::string Get(const std::string& url) {
    auto address = ParseObjectAddress(url);
    if (!address) return CodeName(address.error().code);
    auto object = store.Open(*address);
    if (!object) return CodeName(object.error().code);
    std::string bytes(object->size_bytes, '\0');
    CHECK(::read(object->fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    return bytes;
  }
  std::string Keys(const std::string& bucket, const std::string& prefix) {
    auto objects = store.List(bucket, prefix);
    if (!objects) return CodeName(objects.error().code);
    std::string keys;
    for (const ObjectInfo& object : *objects) keys += object.key + " ";
    return keys;
  }
  std::size_t EntriesAtRoot() {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(home.Objects()), fs::directory_iterator()));
  }
};

ObjectAddress At(const std::string& url) { return *ParseObjectAddress(url); }

TEST_CASE("addresses are split into bucket and key, and written back") {
  CHECK(At("s3://models/a/b.tar.gz") == ObjectAddress{"models", "a/b.tar.gz"});
  CHECK(At("s3://my.bucket-1") == ObjectAddress{"my.bucket-1", ""});
  CHECK(At("s3://models/") == ObjectAddress{"models", ""});
  CHECK(At("s3://models/prefix/") == ObjectAddress{"models", "prefix/"});
  CHECK(At("s3://models/…/a b+c%20") == ObjectAddress{"models", "…/a b+c%20"});
  CHECK(ObjectUrl({"models", "a/b"}) == "s3://models/a/b");
  CHECK(ParseObjectAddress("s3://abc/" + std::string(255, 'k')));
}

TEST_CASE("addresses that S3 or a file system does not know are refused with the rule") {
  std::vector<std::string> bad = {"",
                                  "models/a",
                                  "s3:/models/a",
                                  "S3://models/a",
                                  "file:///etc/passwd",
                                  "s3://",
                                  "s3:///key",
                                  "s3://ab/k",
                                  "s3://Models/k",
                                  "s3://under_score/k",
                                  "s3://-abc/k",
                                  "s3://abc-/k",
                                  "s3://.abc/k",
                                  "s3://a..b/k",
                                  "s3://192.168.1.1/k",
                                  "s3://../k",
                                  "s3://./k",
                                  "s3://" + std::string(64, 'a') + "/k",
                                  "s3://abc/../k",
                                  "s3://abc/a/../../k",
                                  "s3://abc/./k",
                                  "s3://abc/a/.",
                                  "s3://abc/a/..",
                                  "s3://abc//k",
                                  "s3://abc/a//k",
                                  "s3://abc/a//",
                                  "s3://abc//",
                                  std::string("s3://abc/a\0b", 12),
                                  std::string("s3://a\0c/k", 10),
                                  "s3://abc/" + std::string(1025, 'k'),
                                  "s3://abc/" + std::string(256, 'k'),
                                  "s3://abc/x/" + std::string(256, 'k') + "/y"};
  for (const std::string& url : bad) {
    auto address = ParseObjectAddress(url);
    CAPTURE(url);
    REQUIRE_FALSE(address);
    CHECK(address.error().code == Code::kInvalid);
    CHECK(address.error().message.size() < 400);
  }
}

TEST_CASE("an object is put, read, replaced, listed and removed") {
  ObjectWorld world;
  CHECK(world.Keys("models", "") == "NotFound");
  REQUIRE(world.Put("s3://models/a/b/one", "1"));
  REQUIRE(world.Put("s3://models/a/two", "22"));
  REQUIRE(world.Put("s3://models/a/two", "new"));
  REQUIRE(world.Put("s3://models/z", ""));
  CHECK(world.Get("s3://models/a/b/one") == "1");
  CHECK(world.Get("s3://models/a/two") == "new");
  CHECK(world.Get("s3://models/z").empty());
  CHECK(world.Get("s3://models/none") == "NotFound");
  CHECK(world.Get("s3://models/a/none/at/all") == "NotFound");
  CHECK(world.Get("s3://nobucket/a") == "NotFound");
  CHECK(world.Keys("models", "") == "a/b/one a/two z ");
  CHECK(world.Keys("models", "a/") == "a/b/one a/two ");
  CHECK(world.Keys("models", "a/t") == "a/two ");
  CHECK(world.Keys("models", "a/b/one") == "a/b/one ");
  CHECK(world.Keys("models", "q").empty());
  CHECK(*world.store.Buckets() == std::vector<std::string>{"models"});
  REQUIRE(world.store.Remove(At("s3://models/a/b/one")));
  CHECK(world.store.Remove(At("s3://models/a/b/one")).error().code == Code::kNotFound);
  CHECK_FALSE(fs::exists(world.home.Objects() + "/models/a/b"));
  CHECK(world.Keys("models", "") == "a/two z ");
  CHECK(world.EntriesAtRoot() == 1);
}

TEST_CASE("keys are listed in the order of their bytes") {
  ObjectWorld world;
  for (const char* key : {"a/b", "a.b", "a0"}) REQUIRE(world.Put(std::string("s3://models/") + key, "x"));
  CHECK(world.Keys("models", "") == "a.b a/b a0 ");
}

TEST_CASE("a key under another object, and one that is a folder, are refused by name") {
  ObjectWorld world;
  REQUIRE(world.Put("s3://models/a", "1"));
  REQUIRE(world.Put("s3://models/d/x", "1"));
  auto under = world.Put("s3://models/a/b", "2");
  REQUIRE_FALSE(under);
  CHECK(under.error().code == Code::kConflict);
  CHECK(under.error().message.find("s3://models/a/b") != std::string::npos);
  CHECK(world.Put("s3://models/d", "2").error().code == Code::kConflict);
  CHECK(world.Get("s3://models/d") == "NotFound");
  CHECK(world.store.Remove(At("s3://models/d")).error().code == Code::kNotFound);
  CHECK(world.Get("s3://models/a") == "1");
  CHECK(world.EntriesAtRoot() == 1);
}

TEST_CASE("a bucket or a prefix is no object") {
  ObjectWorld world;
  CHECK(world.Put("s3://models", "x").error().code == Code::kInvalid);
  CHECK(world.Put("s3://models/a/", "x").error().code == Code::kInvalid);
  CHECK(world.Get("s3://models/") == "Invalid");
  CHECK(world.store.Remove(At("s3://models/")).error().code == Code::kInvalid);
}

TEST_CASE("an address put together by hand is checked too") {
  ObjectWorld world;
  world.Local("secret", "x");
  for (const ObjectAddress& address : {ObjectAddress{"..", "secret"}, ObjectAddress{"models", "../../secret"},
                                       ObjectAddress{"models/..", "x"}, ObjectAddress{".put-1", "x"}}) {
    CHECK(world.store.Open(address).error().code == Code::kInvalid);
    CHECK(world.store.Remove(address).error().code == Code::kInvalid);
    CHECK(world.store.PutFile(world.Local("source", "x"), address).error().code == Code::kInvalid);
    CHECK(world.store.List(address.bucket, "").error().code ==
          (address.bucket == "models" ? Code::kNotFound : Code::kInvalid));
  }
}

TEST_CASE("links inside the store lead nowhere") {
  ObjectWorld world;
  std::string secret = world.Local("secret", "outside");
  fs::create_directories(world.home.Objects() + "/models/real");
  fs::create_symlink(secret, world.home.Objects() + "/models/file");
  fs::create_directory_symlink(world.scratch.path(), world.home.Objects() + "/models/folder");
  fs::create_directory_symlink(world.scratch.path(), world.home.Objects() + "/linked");
  CHECK(world.Get("s3://models/file") == "Conflict");
  CHECK(world.Get("s3://models/folder/secret") == "Conflict");
  CHECK(world.Get("s3://linked/secret") == "Conflict");
  CHECK(world.Put("s3://models/folder/planted", "x").error().code == Code::kConflict);
  CHECK(world.store.Remove(At("s3://linked/secret")).error().code == Code::kConflict);
  CHECK(world.Keys("models", "").empty());
  CHECK(world.Keys("linked", "") == "Conflict");
  CHECK(world.store.Buckets()->size() == 1);
  CHECK_FALSE(fs::exists(world.scratch.path() + "/planted"));
  // Putting over a link replaces the link, not what it points to.
  REQUIRE(world.Put("s3://models/file", "inside"));
  CHECK(world.Get("s3://models/file") == "inside");
  CHECK(*MakeSystemFiles()->Read(secret, 100) == "outside");
}

TEST_CASE("what is neither file nor folder is no object and blocks nobody") {
  ObjectWorld world;
  fs::create_directories(world.home.Objects() + "/models");
  REQUIRE(::mkfifo((world.home.Objects() + "/models/fifo").c_str(), 0600) == 0);
  CHECK(world.Get("s3://models/fifo") == "NotFound");
  CHECK(world.Keys("models", "").empty());
  CHECK(world.store.PutFile(world.home.Objects() + "/models/fifo", At("s3://models/x")).error().code == Code::kInvalid);
  CHECK(world.store.PutFile(world.scratch.path(), At("s3://models/x")).error().code == Code::kInvalid);
  CHECK(world.store.PutFile(world.scratch.path() + "/none", At("s3://models/x")).error().code == Code::kNotFound);
}

TEST_CASE("objects are their owner's alone, whatever the umask") {
  ObjectWorld world;
  mode_t before = ::umask(0);
  Status put = world.Put("s3://models/a/b", "x");
  ::umask(before);
  REQUIRE(put);
  auto files = MakeSystemFiles();
  CHECK(files->Info(world.home.Objects() + "/models")->mode == 0700);
  CHECK(files->Info(world.home.Objects() + "/models/a")->mode == 0700);
  CHECK(files->Info(world.home.Objects() + "/models/a/b")->mode == 0600);
}

TEST_CASE("copying out replaces the local file as a whole, and leaves it alone where there is no object") {
  ObjectWorld world;
  REQUIRE(world.Put("s3://models/a", std::string(3 << 20, 'x')));
  std::string target = world.Local("target", "old");
  CHECK(world.store.CopyOut(At("s3://models/none"), target).error().code == Code::kNotFound);
  CHECK(*MakeSystemFiles()->Read(target, 100) == "old");
  REQUIRE(world.store.CopyOut(At("s3://models/a"), target));
  CHECK(*MakeSystemFiles()->Read(target, 4 << 20) == std::string(3 << 20, 'x'));
  CHECK(world.store.CopyOut(At("s3://models/a"), world.scratch.path() + "/none/target").error().code ==
        Code::kNotFound);
}

TEST_CASE(
    "a put that cannot read its source leaves nothing, and what a killed one left is swept unless its writer lives") {
  ObjectWorld world;
  Descriptor folder(::open(world.scratch.path().c_str(), O_RDONLY | O_DIRECTORY));
  CHECK_FALSE(world.store.Put(folder.get(), At("s3://models/a")));
  CHECK(world.EntriesAtRoot() == 0);
  std::ofstream(world.home.Objects() + "/.put-dead") << "half";
  std::ofstream(world.home.Objects() + "/.put-alive") << "half";
  Descriptor alive(::open((world.home.Objects() + "/.put-alive").c_str(), O_RDONLY));
  REQUIRE(::flock(alive.get(), LOCK_EX) == 0);
  REQUIRE(world.store.SweepTemporary());
  CHECK_FALSE(fs::exists(world.home.Objects() + "/.put-dead"));
  CHECK(fs::exists(world.home.Objects() + "/.put-alive"));
  CHECK(world.store.Buckets()->empty());
}

}  // namespace
}  // namespace smhost
