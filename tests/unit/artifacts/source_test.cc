#include "artifacts/source.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include "unit/artifacts/test_archive.h"

using namespace smhost;

namespace {
Result<std::string> ReadFrom(const std::string& url, const Home& home, const FetchSettings& settings = {}) {
  SMHOST_TRY(ArtifactUrl parsed, ParseArtifactUrl(url));
  SMHOST_TRY(auto source, OpenSource(parsed, home, settings, 1 << 30));
  std::string all;
  while (true) {
    SMHOST_TRY(std::string_view part, source->Next());
    if (part.empty()) return all;
    all += part;
  }
}
}  // namespace

TEST_CASE("a file is read whole, through a link too") {
  TestFolder folder;
  std::string bytes(1'000'003, 'x');
  std::string path = folder.Write("model.tar.gz", bytes);
  std::filesystem::create_symlink(path, folder.path() + "/latest");
  CHECK(ReadFrom(FileUrl(path), Home(folder.path())).value() == bytes);
  CHECK(ReadFrom(FileUrl(folder.path() + "/latest"), Home(folder.path())).value() == bytes);
}

TEST_CASE("what is no regular file is refused without waiting on it") {
  TestFolder folder;
  Home home(folder.path());
  std::string fifo = folder.path() + "/fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK_THAT(ReadFrom(FileUrl(fifo), home).error().message, Catch::Contains("not a regular file"));
  CHECK_THAT(ReadFrom("file:///dev/null", home).error().message, Catch::Contains("not a regular file"));
  CHECK_THAT(ReadFrom(FileUrl(folder.path()), home).error().message, Catch::Contains("is a folder"));
  CHECK(ReadFrom(FileUrl(folder.path() + "/none"), home).error().code == Code::kNotFound);
}

TEST_CASE("s3 means the local object store where nothing else is set") {
  TestFolder folder;
  Home home(folder.path());
  folder.Write("objects/models/a/model.tar.gz", "local");
  CHECK(ReadFrom("s3://models/a/model.tar.gz", home).value() == "local");
  auto missing = ReadFrom("s3://models/b/model.tar.gz", home);
  CHECK(missing.error().code == Code::kNotFound);
  CHECK_THAT(missing.error().message, Catch::Contains("smhost cp FILE s3://models/b/model.tar.gz"));
}

TEST_CASE("a local object goes before AWS even where credentials are set") {
  TestFolder folder;
  folder.Write("objects/models/model.tar.gz", "local");
  FetchSettings settings;
  settings.credentials = AwsCredentials{"a", "s", ""};
  CHECK(ReadFrom("s3://models/model.tar.gz", Home(folder.path()), settings).value() == "local");
}

TEST_CASE("a key does not lead out of the local object store") {
  TestFolder folder;
  Home home(folder.path());
  folder.Write("secret", "secret");
  folder.Make("objects/models");
  for (const char* key : {"../../secret", "./../../secret", "a/../../../secret", "/secret", "..", "."}) {
    auto read = ReadFrom(std::string("s3://models/") + key, home);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::kInvalid);
  }
  std::filesystem::create_directory_symlink(folder.path(), folder.path() + "/objects/models/link");
  CHECK_FALSE(ReadFrom("s3://models/link/secret", home));
}

TEST_CASE("a store's address that could leak what is fetched is refused") {
  TestFolder folder;
  FetchSettings settings;
  for (const char* endpoint : {"http://minio.example:9000", "file:///srv", "minio:9000"}) {
    settings.s3_endpoint = endpoint;
    auto read = ReadFrom("s3://models/x", Home(folder.path()), settings);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::kInvalid);
    CHECK_THAT(read.error().message, Catch::Contains("SMHOST_S3_ENDPOINT"));
  }
}
