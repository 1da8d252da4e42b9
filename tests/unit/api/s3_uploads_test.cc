#include "api/s3_checksum.h"
#include "api/base64.h"
#include "base/random.h"
#include "s3_world.h"

namespace smhost {
namespace {

constexpr std::size_t kPart = 5u << 20;

std::string Md5(std::string_view bytes) {
  auto sum = MakeS3Checksum("md5");
  sum->Update(bytes);
  return sum->Finish();
}

struct UploadsWorld : S3World {
  std::string large = std::string(kPart, 'l'), tail = "tail";

  UploadsWorld() { Ask("PUT", "/models"); }
  std::string Create(const S3Headers& headers = {}) {
    KeptAnswer created = Ask("POST", "/models/big/file?uploads", "", headers);
    REQUIRE(created.status() == 200);
    CHECK(created.Text("Key") == "big/file");
    return created.Text("UploadId");
  }
  std::string Target(const std::string& id, int part = 0) {
    return "/models/big/file?uploadId=" + id + (part > 0 ? "&partNumber=" + std::to_string(part) : "");
  }
  static std::string Document(const std::vector<std::pair<int, std::string>>& parts) {
    std::string text = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (const auto& [number, etag] : parts)
      text += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + etag + "</ETag></Part>";
    return text + "</CompleteMultipartUpload>";
  }
};

TEST_CASE_METHOD(UploadsWorld, "parts become one object with the ETag of their digests") {
  std::string id = Create({{"content-type", "application/x-tar"}, {"x-amz-meta-a", "b"}});
  std::string second = Put(Target(id, 7), tail).Header("ETag"), first = Put(Target(id, 2), large).Header("ETag");
  CHECK(Ask("GET", "/models?list-type=2").Text("KeyCount") == "0");
  KeptAnswer done = Ask("POST", Target(id), Document({{2, first}, {7, second}}));
  REQUIRE(done.status() == 200);
  std::string etag = "\"" + HexOf(Md5(Md5(large) + Md5(tail))) + "-2\"";
  CHECK(done.Text("ETag") == etag);
  KeptAnswer get = Ask("GET", "/models/big/file");
  CHECK(get.body == large + tail);
  CHECK(get.Header("ETag") == etag);
  CHECK(get.Header("Content-Type") == "application/x-tar");
  CHECK(get.Header("x-amz-meta-a") == "b");
  CHECK(ErrorOf(Ask("GET", Target(id))) == "404 NoSuchUpload");
  // Who lost the answer asks again and gets it.
  CHECK(Ask("POST", Target(id), Document({{2, first}, {7, second}})).Text("ETag") == etag);
}

TEST_CASE_METHOD(UploadsWorld, "parts are listed, replaced and thrown away") {
  std::string id = Create();
  Put(Target(id, 1), "old");
  Put(Target(id, 3), "three");
  std::string etag = Put(Target(id, 1), "newer").Header("ETag");
  KeptAnswer list = Ask("GET", Target(id));
  CHECK(list.Texts("PartNumber") == std::vector<std::string>{"1", "3"});
  CHECK(list.Texts("ETag").front() == etag);
  CHECK(list.Texts("Size") == std::vector<std::string>{"5", "5"});
  KeptAnswer page = Ask("GET", Target(id) + "&max-parts=1");
  CHECK(page.Text("IsTruncated") == "true");
  CHECK(Ask("GET", Target(id) + "&part-number-marker=" + page.Text("NextPartNumberMarker")).Texts("PartNumber") ==
        std::vector<std::string>{"3"});
  CHECK(Ask("DELETE", Target(id)).status() == 204);
  CHECK(ErrorOf(Ask("PUT", Target(id, 1), "late")) == "404 NoSuchUpload");
  CHECK(ErrorOf(Ask("DELETE", Target(id))) == "404 NoSuchUpload");
  CHECK(ErrorOf(Ask("GET", "/models/big/file")) == "404 NoSuchKey");
  CHECK(Leftovers().empty());
}

TEST_CASE_METHOD(UploadsWorld, "unfinished uploads of a bucket are listed in pages") {
  std::string first = Create();
  clock.Advance(std::chrono::seconds(1));
  std::string second = Create();
  Ask("POST", "/models/another?uploads");
  KeptAnswer all = Ask("GET", "/models?uploads");
  CHECK(all.Texts("Key") == std::vector<std::string>{"another", "big/file", "big/file"});
  CHECK(Ask("GET", "/models?uploads&prefix=big").Texts("UploadId") == std::vector<std::string>{first, second});
  KeptAnswer page = Ask("GET", "/models?uploads&max-uploads=2");
  CHECK(page.Text("IsTruncated") == "true");
  CHECK(page.Text("NextUploadIdMarker") == first);
  KeptAnswer rest = Ask("GET", "/models?uploads&key-marker=big/file&upload-id-marker=" + first);
  CHECK(rest.Texts("UploadId") == std::vector<std::string>{second});
}

TEST_CASE_METHOD(UploadsWorld, "a document that does not fit the parts completes nothing") {
  std::string id = Create(), small = Put(Target(id, 1), "small").Header("ETag"),
              last = Put(Target(id, 2), "last").Header("ETag");
  CHECK(ErrorOf(Ask("POST", Target(id), Document({{1, small}, {2, last}}))) == "400 EntityTooSmall");
  CHECK(ErrorOf(Ask("POST", Target(id), Document({{2, last}, {1, small}}))) == "400 InvalidPartOrder");
  CHECK(ErrorOf(Ask("POST", Target(id), Document({{1, last}}))) == "400 InvalidPart");
  CHECK(ErrorOf(Ask("POST", Target(id), Document({{3, last}}))) == "400 InvalidPart");
  CHECK(ErrorOf(Ask("POST", Target(id), Document({}))) == "400 MalformedXML");
  CHECK(ErrorOf(Ask("POST", Target(id), "<broken")) == "400 MalformedXML");
  CHECK(ErrorOf(Ask("POST", Target(id), Document({{2, last}}), {{"x-amz-mp-object-size", "5"}})) ==
        "400 InvalidRequest");
  CHECK(ErrorOf(Ask("GET", "/models/big/file")) == "404 NoSuchKey");
  CHECK(Ask("POST", Target(id), Document({{2, last}})).status() == 200);
  CHECK(OnDisk("models/big/file") == "last");
}

TEST_CASE_METHOD(UploadsWorld, "an upload belongs to its key and bucket") {
  std::string id = Create();
  CHECK(ErrorOf(Ask("PUT", "/models/other?partNumber=1&uploadId=" + id, "x")) == "404 NoSuchUpload");
  for (const char* bad : {"", "..", "../../models", "x", "00000000000000000000000000000000"})
    CHECK(ErrorOf(Ask("PUT", Target(S3UrlEncode(bad), 1), "x")) == "404 NoSuchUpload");
  for (const char* number : {"0", "10001", "-1", "one", ""})
    CHECK(ErrorOf(Ask("PUT", Target(id) + "&partNumber=" + number, "x")) == "400 InvalidArgument");
}

TEST_CASE_METHOD(UploadsWorld, "checksums of parts make one of the object: of all bytes, or of the parts'") {
  auto raw = [](const char* algorithm, const std::string& bytes) {
    auto sum = MakeS3Checksum(algorithm);
    sum->Update(bytes);
    return sum->Finish();
  };
  struct Way {
    const char *algorithm, *type, *header;
  };
  for (auto [algorithm, type, header] :
       {Way{"crc32", "", "x-amz-checksum-crc32"}, Way{"crc32", "FULL_OBJECT", "x-amz-checksum-crc32"},
        Way{"sha256", "", "x-amz-checksum-sha256"}, Way{"crc64nvme", "", "x-amz-checksum-crc64nvme"}}) {
    INFO(algorithm << type);
    S3Headers headers{{"x-amz-checksum-algorithm", algorithm}};
    if (*type != '\0') headers.emplace_back("x-amz-checksum-type", type);
    std::string id = Create(headers);
    KeptAnswer first = Put(Target(id, 1), large, {{header, EncodeBase64(raw(algorithm, large))}}),
               second = Put(Target(id, 2), tail);
    CHECK(second.Header(header) == EncodeBase64(raw(algorithm, tail)));
    bool whole = *type != '\0' || std::string(algorithm) == "crc64nvme";
    std::string expected = whole ? EncodeBase64(raw(algorithm, large + tail))
                                 : EncodeBase64(raw(algorithm, raw(algorithm, large) + raw(algorithm, tail))) + "-2";
    std::string document = Document({{1, first.Header("ETag")}, {2, second.Header("ETag")}});
    CHECK(ErrorOf(Ask("POST", Target(id), document, {{header, "AAAAAA=="}})) == "400 BadDigest");
    REQUIRE(Ask("POST", Target(id), document, {{header, expected}}).status() == 200);
    KeptAnswer head = Ask("HEAD", "/models/big/file", "", {{"x-amz-checksum-mode", "ENABLED"}});
    CHECK(head.Header(header) == expected);
    CHECK(head.Header("x-amz-checksum-type") == (whole ? "FULL_OBJECT" : "COMPOSITE"));
  }
}

TEST_CASE_METHOD(UploadsWorld, "a part may be a range of another object") {
  Put("/models/source", "0123456789");
  std::string id = Create();
  KeptAnswer copied =
      Ask("PUT", Target(id, 1), "", {{"x-amz-copy-source", "models/source"}, {"x-amz-copy-source-range", "bytes=2-4"}});
  REQUIRE(copied.status() == 200);
  CHECK(ErrorOf(Ask("PUT", Target(id, 2), "",
                    {{"x-amz-copy-source", "models/source"}, {"x-amz-copy-source-range", "2-4"}})) ==
        "400 InvalidArgument");
  REQUIRE(Ask("POST", Target(id), Document({{1, copied.Text("ETag")}})).status() == 200);
  CHECK(OnDisk("models/big/file") == "234");
}

TEST_CASE_METHOD(UploadsWorld, "a bucket takes its unfinished uploads with it") {
  std::string id = Create();
  Put(Target(id, 1), "x");
  CHECK(Ask("DELETE", "/models").status() == 204);
  Ask("PUT", "/models");
  CHECK(ErrorOf(Ask("GET", Target(id))) == "404 NoSuchUpload");
}

}  // namespace
}  // namespace smhost
