#include "artifacts/url.h"

#include <catch2/catch.hpp>

using namespace smhost;

namespace {
std::string Refusal(const std::string& text) {
  auto url = ParseArtifactUrl(text);
  REQUIRE_FALSE(url);
  CHECK(url.error().code == Code::kInvalid);
  return url.error().message;
}
}  // namespace

TEST_CASE("a file address gives its path, percent-decoded") {
  auto url = ParseArtifactUrl("file:///a%20b/c%25d/model.tar.gz");
  REQUIRE(url);
  CHECK(url->scheme == ArtifactUrl::Scheme::kFile);
  CHECK(url->path == "/a b/c%d/model.tar.gz");
  CHECK(ParseArtifactUrl("FILE://localhost/x")->path == "/x");
}

TEST_CASE("a path made an address and taken apart again is the same path") {
  for (std::string path : {"/x", "/a b/%41?#c", "/ä/ö.tar.gz", "/a+b&c=d'\"\\"})
    CHECK(ParseArtifactUrl(FileUrl(path))->path == path);
}

TEST_CASE("a file address that names no absolute path of a file is refused with what to write") {
  CHECK_THAT(Refusal("file://host/x"), Catch::Contains("three slashes"));
  CHECK_THAT(Refusal("file://x"), Catch::Contains("three slashes"));
  CHECK_THAT(Refusal("file:///x/"), Catch::Contains("names a folder"));
  CHECK_THAT(Refusal("file:///x%zz"), Catch::Contains("two hex digits"));
  CHECK_THAT(Refusal("file:///x%4"), Catch::Contains("two hex digits"));
  CHECK_THAT(Refusal("file:///x%00y"), Catch::Contains("%00"));
}

TEST_CASE("an s3 address gives bucket and key as they are") {
  auto url = ParseArtifactUrl("s3://my.bucket-1/a/b%20c/../model.tar.gz?x#y");
  REQUIRE(url);
  CHECK(url->bucket == "my.bucket-1");
  CHECK(url->key == "a/b%20c/../model.tar.gz?x#y");
}

TEST_CASE("an s3 address breaks no rule of bucket names and has a key") {
  for (std::string bucket : {"ab", "Upper", "under_score", "-a-", "a..b", ".abc", "abc-", "", "..", "a b c"})
    CHECK_THAT(Refusal("s3://" + bucket + "/key"), Catch::Contains("bucket's name"));
  CHECK_THAT(Refusal("s3://bucket"), Catch::Contains("no object"));
  CHECK_THAT(Refusal("s3://bucket/"), Catch::Contains("no object"));
  CHECK_THAT(Refusal("s3://bucket/folder/"), Catch::Contains("no object"));
  CHECK(ParseArtifactUrl("s3://bucket/" + std::string(1024, 'k')));
  CHECK_THAT(Refusal("s3://bucket/" + std::string(1025, 'k')), Catch::Contains("1024"));
}

TEST_CASE("http is for this machine alone") {
  for (std::string host : {"localhost", "LOCALHOST:80", "127.0.0.1:9000", "127.8.8.8", "[::1]:1"}) {
    INFO(host);
    auto url = ParseArtifactUrl("http://" + host + "/x");
    REQUIRE(url);
    CHECK(url->loopback);
  }
  for (std::string host : {"example.com", "10.0.0.1", "127.0.0.1.example.com", "localhost.example.com", "[::2]", "0.0.0.0"})
    CHECK_THAT(Refusal("http://" + host + "/x"), Catch::Contains("use https://"));
  CHECK_FALSE(ParseArtifactUrl("https://example.com/x")->loopback);
}

TEST_CASE("a presigned address keeps its query to itself") {
  auto url = ParseArtifactUrl("https://store.example/model.tar.gz?X-Amz-Signature=secret#f");
  REQUIRE(url);
  CHECK(url->shown == "https://store.example/model.tar.gz");
  CHECK_THAT(url->address, Catch::Contains("X-Amz-Signature=secret"));
  CHECK_THAT(Refusal("http://store.example/x?secret"), !Catch::Contains("secret"));
  CHECK_THAT(Refusal("ftp://store.example/x?secret"), !Catch::Contains("secret"));
}

TEST_CASE("an address with a password is refused and the password not repeated") {
  std::string message = Refusal("https://user:hunter2@store.example/x?q=a@b");
  CHECK_THAT(message, Catch::Contains("user name or password"));
  CHECK_THAT(message, !Catch::Contains("hunter2"));
  CHECK(ParseArtifactUrl("https://store.example/a@b"));
}

TEST_CASE("text that is no address we know is refused") {
  CHECK_THAT(Refusal(""), Catch::Contains("no scheme"));
  CHECK_THAT(Refusal("/a/b"), Catch::Contains("no scheme"));
  CHECK_THAT(Refusal("ftp://h/x"), Catch::Contains("not one of"));
  CHECK_THAT(Refusal("https://h/a\nb"), Catch::Contains("control character"));
  CHECK_THAT(Refusal("https:///x"), Catch::Contains("names no host"));
  CHECK_THAT(Refusal("https://h:99999/x"), Catch::Contains("h:99999"));
  CHECK_THAT(Refusal("https://h/" + std::string(9000, 'x')), Catch::Contains("longer than"));
}
