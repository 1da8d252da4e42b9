#include "api/s3_address.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {

std::string Place(const std::string& host, const std::string& target) {
  HttpHead head{"GET", target, {{"host", host}}};
  auto address = S3Address(head);
  return address ? address->bucket + "|" + address->key : "refused";
}

TEST_CASE("the path names bucket and key where the host is the runtime's") {
  CHECK(Place("127.0.0.1:8790", "/") == "|");
  CHECK(Place("127.0.0.1:8790", "/models") == "models|");
  CHECK(Place("127.0.0.1:8790", "/models/") == "models|");
  CHECK(Place("localhost:8790", "/models/a/b.tar.gz") == "models|a/b.tar.gz");
  CHECK(Place("[::1]:8790", "/models/a") == "models|a");
  CHECK(Place("s3.localhost:8790", "/models/a") == "models|a");
  CHECK(Place("s3.us-east-1.amazonaws.com", "/models/a") == "models|a");
  CHECK(Place("box.lan", "/models/a") == "models|a");
  CHECK(Place("", "/models/a") == "models|a");
}

TEST_CASE("the host names the bucket where it has one before s3 or localhost") {
  CHECK(Place("models.localhost:8790", "/a/b") == "models|a/b");
  CHECK(Place("Models.LocalHost", "/a") == "models|a");
  CHECK(Place("my.models.localhost", "/") == "my.models|");
  CHECK(Place("models.s3.localhost:8790", "/a") == "models|a");
  CHECK(Place("models.s3.us-east-1.amazonaws.com", "/a/") == "models|a/");
  CHECK(Place("models.s3-us-west-2.amazonaws.com", "/a") == "models|a");
  CHECK(Place("models.s3.localhost", "/other/a") == "models|other/a");
}

TEST_CASE("paths are decoded once, plus signs stay; queries are decoded with them") {
  CHECK(Place("localhost", "/models/a%20b%2Bc+d%252F") == "models|a b+c+d%2F");
  CHECK(Place("localhost", "/models/%E2%80%A6") == "models|…");
  HttpHead head{"GET", "/models?list-type=2&prefix=a%2Fb+c&delimiter=%2f&acl&=x&&", {}};
  auto address = S3Address(head);
  REQUIRE(address);
  CHECK(address->Get("list-type") == "2");
  CHECK(address->Get("prefix") == "a/b c");
  CHECK(address->Get("delimiter") == "/");
  REQUIRE(address->Find("acl") != nullptr);
  CHECK(address->Get("acl").empty());
  CHECK(address->Find("nothing") == nullptr);
}

// Allowed as the bucket "a/b", it was opened as "a".
TEST_CASE("a bucket's name with a slash in it is refused, whoever brings it") {
  CHECK(Place("127.0.0.1", "/a%2Fb/key") == "refused");
  CHECK(Place("a/b.localhost", "/key") == "refused");
  CHECK(Place("a/b.s3.amazonaws.com", "/key") == "refused");
  CHECK(Place("127.0.0.1", "/models/a%2Fb") == "models|a/b");
}

TEST_CASE("what is no address is refused") {
  for (const char* target :
       {"", "models/a", "*", "http://localhost/models", "/models/%", "/models/%2", "/models/%zz", "/m?a=%"})
    CHECK(Place("localhost", target) == "refused");
}

TEST_CASE("keys are encoded for listings so that decoding gives them back") {
  std::string key;
  for (int c = 1; c < 256; ++c) key += static_cast<char>(c);
  std::string encoded = S3UrlEncode(key);
  auto back = S3PathTarget("/b/" + encoded);
  REQUIRE(back);
  CHECK(back->key == key);
  CHECK(S3UrlEncode("a b/ü") == "a%20b/%C3%BC");
}

}  // namespace
}  // namespace smhost
