#include "api/s3_checksum.h"
#include "base/digest.h"
#include "s3_world.h"

namespace smhost {
namespace {

struct ObjectsWorld : S3World {
  ObjectsWorld() { REQUIRE(Ask("PUT", "/models").status() == 200); }
};

TEST_CASE_METHOD(ObjectsWorld, "an object comes back with its bytes, type and metadata, and is a file of that name") {
  KeptAnswer put = Put("/models/a/b.txt", "hello",
                       {{"content-type", "text/plain"}, {"x-amz-meta-who", "me"}, {"cache-control", "no-cache"}});
  CHECK(put.Header("ETag") == "\"5d41402abc4b2a76b9719d911017c592\"");
  CHECK(OnDisk("models/a/b.txt") == "hello");
  KeptAnswer get = Ask("GET", "/models/a/b.txt");
  CHECK(get.status() == 200);
  CHECK(get.body == "hello");
  CHECK(get.Header("Content-Type") == "text/plain");
  CHECK(get.Header("x-amz-meta-who") == "me");
  CHECK(get.Header("Cache-Control") == "no-cache");
  CHECK(get.Header("ETag") == put.Header("ETag"));
  CHECK(get.Header("Accept-Ranges") == "bytes");
  CHECK_FALSE(get.Header("Last-Modified").empty());
  KeptAnswer head = Ask("HEAD", "/models/a/b.txt");
  CHECK(head.status() == 200);
  CHECK(head.body.empty());
  CHECK(head.length() == 5);
}

TEST_CASE_METHOD(ObjectsWorld, "an object of any size streams through") {
  std::string bytes;
  for (std::size_t i = 0; i < 1'000'003; ++i) bytes += static_cast<char>(i * i >> 7);
  Put("/models/large", bytes);
  CHECK(Ask("GET", "/models/large").body == bytes);
  CHECK(Ask("GET", "/models/large", "", {{"range", "bytes=299999-700000"}}).body == bytes.substr(299999, 400002));
}

TEST_CASE_METHOD(ObjectsWorld, "a file that somebody put there by hand is an object with an ETag of its own") {
  std::filesystem::create_directories(home.Objects() + "/by.hand");
  std::ofstream(home.Objects() + "/by.hand/file") << "one";
  KeptAnswer first = Ask("GET", "/by.hand/file");
  CHECK(first.body == "one");
  CHECK(first.Header("Content-Type") == "binary/octet-stream");
  CHECK(first.Header("ETag").ends_with("-1\""));
  CHECK(Ask("HEAD", "/by.hand/file").Header("ETag") == first.Header("ETag"));
  std::ofstream(home.Objects() + "/by.hand/file") << "other";
  CHECK(Ask("GET", "/by.hand/file").Header("ETag") != first.Header("ETag"));
}

TEST_CASE_METHOD(ObjectsWorld, "an object that was written to by hand loses its ETag and checksum") {
  KeptAnswer put = Put("/models/a", "hello", {{"x-amz-checksum-crc32", "NhCmhg=="}});
  std::ofstream(home.Objects() + "/models/a") << "forged!";
  KeptAnswer get = Ask("GET", "/models/a", "", {{"x-amz-checksum-mode", "ENABLED"}});
  CHECK(get.body == "forged!");
  CHECK(get.Header("ETag") != put.Header("ETag"));
  CHECK(get.Header("x-amz-checksum-crc32").empty());
}

TEST_CASE_METHOD(ObjectsWorld, "ranges answer 206 or 416") {
  Put("/models/a", "0123456789");
  KeptAnswer part = Ask("GET", "/models/a", "", {{"range", "bytes=2-4"}});
  CHECK(part.status() == 206);
  CHECK(part.body == "234");
  CHECK(part.Header("Content-Range") == "bytes 2-4/10");
  CHECK(Ask("GET", "/models/a", "", {{"range", "bytes=-3"}}).body == "789");
  KeptAnswer past = Ask("GET", "/models/a", "", {{"range", "bytes=10-"}});
  CHECK(ErrorOf(past) == "416 InvalidRange");
  CHECK(past.Text("ActualObjectSize") == "10");
  CHECK(Ask("GET", "/models/a", "", {{"range", "lines=1-2"}}).status() == 200);
}

TEST_CASE_METHOD(ObjectsWorld, "conditions answer 304 or 412") {
  std::string etag = Put("/models/a", "hello").Header("ETag");
  KeptAnswer same = Ask("GET", "/models/a", "", {{"if-none-match", etag}});
  CHECK(same.status() == 304);
  CHECK(same.body.empty());
  CHECK(same.Header("ETag") == etag);
  CHECK(ErrorOf(Ask("GET", "/models/a", "", {{"if-match", "\"0\""}})) == "412 PreconditionFailed");
  CHECK(Ask("GET", "/models/a", "", {{"if-match", etag}}).body == "hello");
}

TEST_CASE_METHOD(ObjectsWorld, "response- parameters replace headers and cannot end a line") {
  Put("/models/a", "hello", {{"content-type", "text/plain"}});
  KeptAnswer get = Ask("GET",
                       "/models/"
                       "a?response-content-type=image%2Fpng&response-content-disposition=attachment&response-expires=a%"
                       "0d%0aSet-Cookie:%20x");
  CHECK(get.Header("Content-Type") == "image/png");
  CHECK(get.Header("Content-Disposition") == "attachment");
  CHECK(get.Header("Expires").empty());
}

TEST_CASE_METHOD(ObjectsWorld, "checksums are verified, kept and told when asked for") {
  struct Known {
    const char* algorithm;
    const char* of_hello;
  };
  for (auto [algorithm, right] :
       {Known{"crc32", "NhCmhg=="}, Known{"crc32c", "mnG7TA=="}, Known{"sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="},
        Known{"sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="}, Known{"crc64nvme", "M3eFcAZSQlc="}}) {
    std::string header = std::string("x-amz-checksum-") + algorithm;
    CHECK(Put("/models/sum", "hello", {{header, right}}).Header(header) == right);
    KeptAnswer get = Ask("GET", "/models/sum", "", {{"x-amz-checksum-mode", "ENABLED"}});
    CHECK(get.Header(header) == right);
    CHECK(get.Header("x-amz-checksum-type") == "FULL_OBJECT");
    CHECK(Ask("GET", "/models/sum").Header(header).empty());
    CHECK(ErrorOf(Ask("PUT", "/models/bad", "Hello", {{header, right}})) == "400 BadDigest");
  }
  CHECK(ErrorOf(Ask("PUT", "/models/bad", "Hello", {{"content-md5", "XUFAKrxLKna5cZ2REBfFkg=="}})) == "400 BadDigest");
  CHECK(ErrorOf(Ask("PUT", "/models/bad", "Hello", {{"content-md5", "short"}})) == "400 InvalidDigest");
  CHECK(ErrorOf(Ask("GET", "/models/bad")) == "404 NoSuchKey");
  CHECK(Leftovers().empty());
}

TEST_CASE_METHOD(ObjectsWorld, "a signature over the body's hash proves it, or nothing is stored") {
  signature.emplace();
  signature->payload_hash = Sha256Hex("hello");
  Put("/models/a", "hello");
  CHECK(ErrorOf(Ask("PUT", "/models/b", "hullo")) == "400 XAmzContentSHA256Mismatch");
  CHECK_FALSE(std::filesystem::exists(home.Objects() + "/models/b"));
  CHECK(ErrorOf(Ask("POST", "/models?delete", "<Delete><Object><Key>a</Key></Object></Delete>")) ==
        "400 XAmzContentSHA256Mismatch");
  CHECK(OnDisk("models/a") == "hello");
  CHECK(Leftovers().empty());
}

TEST_CASE_METHOD(ObjectsWorld, "a body in chunks with a trailer is taken out of them, and the trailer proves it") {
  auto chunked = [&](const std::string& checksum, const char* length) {
    return Ask("PUT", "/models/t", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + checksum + "\r\n\r\n",
               {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                {"x-amz-decoded-content-length", length},
                {"x-amz-trailer", "x-amz-checksum-crc32"},
                {"content-encoding", "gzip,aws-chunked"},
                {"transfer-encoding", "chunked"}});
  };
  CHECK(ErrorOf(chunked("AAAAAA==", "5")) == "400 BadDigest");
  CHECK(ErrorOf(chunked("NhCmhg==", "6")) == "400 IncompleteBody");
  CHECK(Leftovers().empty());
  KeptAnswer put = chunked("NhCmhg==", "5");
  CHECK(put.status() == 200);
  CHECK(put.Header("x-amz-checksum-crc32") == "NhCmhg==");
  KeptAnswer get = Ask("GET", "/models/t");
  CHECK(get.body == "hello");
  CHECK(get.Header("Content-Encoding") == "gzip");
}

TEST_CASE_METHOD(ObjectsWorld, "bodies without a length, too long ones and broken ones store nothing") {
  std::string length = std::to_string((5ull << 30) + 1);
  KeptAnswer large =
      Ask("PUT", "/models/a", "",
          {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, {"x-amz-decoded-content-length", length}});
  CHECK(ErrorOf(large) == "400 EntityTooLarge");
  CHECK(ErrorOf(Ask("PUT", "/models/a", "", {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}})) ==
        "411 MissingContentLength");
  CHECK(ErrorOf(Ask("PUT", "/models/a", "half", {}, kLocalAccount, true)) == "400 IncompleteBody");
  CHECK(ErrorOf(Ask("GET", "/models/a")) == "404 NoSuchKey");
  CHECK(Leftovers().empty());
}

TEST_CASE_METHOD(ObjectsWorld, "a put may ask that there is no such object yet, or that it is a certain one") {
  std::string etag = Put("/models/a", "one", {{"if-none-match", "*"}}).Header("ETag");
  CHECK(ErrorOf(Ask("PUT", "/models/a", "two", {{"if-none-match", "*"}})) == "412 PreconditionFailed");
  CHECK(ErrorOf(Ask("PUT", "/models/a", "two", {{"if-match", "\"0\""}})) == "412 PreconditionFailed");
  CHECK(ErrorOf(Ask("PUT", "/models/none", "two", {{"if-match", etag}})) == "404 NoSuchKey");
  CHECK(OnDisk("models/a") == "one");
  Put("/models/a", "two", {{"if-match", etag}});
  CHECK(OnDisk("models/a") == "two");
  CHECK(ErrorOf(Ask("PUT", "/models/a", "x", {{"if-none-match", etag}})) == "501 NotImplemented");
}

TEST_CASE_METHOD(ObjectsWorld, "keys that can be no files here are refused by the rule") {
  Put("/models/file", "x");
  Put("/models/dir/file", "x");
  for (const char* key : {"a//b", "/a", "a/../b", "..", ".", "a/./b", "%00", "a%00b", "%ff", "file/below", "dir"}) {
    INFO(key);
    KeptAnswer answer = Ask("PUT", std::string("/models/") + key, "evil");
    CHECK(ErrorOf(answer) == "400 InvalidArgument");
    CHECK_FALSE(answer.Text("Message").empty());
  }
  CHECK(ErrorOf(Ask("PUT", "/models/" + std::string(1025, 'k'), "x")) == "400 KeyTooLongError");
  CHECK(ErrorOf(Ask("PUT", "/models/" + std::string(256, 'k'), "x")) == "400 InvalidArgument");
  CHECK(Leftovers().empty());
}

TEST_CASE_METHOD(ObjectsWorld, "links in a bucket lead nowhere") {
  std::string outside = scratch.path() + "/outside";
  std::filesystem::create_directories(outside);
  std::ofstream(outside + "/secret") << "secret";
  std::filesystem::create_symlink(outside, home.Objects() + "/models/link");
  std::filesystem::create_symlink(outside + "/secret", home.Objects() + "/models/direct");
  CHECK(ErrorOf(Ask("GET", "/models/link/secret")) == "404 NoSuchKey");
  CHECK(ErrorOf(Ask("GET", "/models/direct")) == "404 NoSuchKey");
  CHECK(Ask("PUT", "/models/link/new", "x").status() == 400);
  CHECK_FALSE(std::filesystem::exists(outside + "/new"));
  CHECK(Ask("DELETE", "/models/link/secret").status() == 204);
  CHECK(std::filesystem::exists(outside + "/secret"));
}

TEST_CASE_METHOD(ObjectsWorld, "a key that ends in a slash is a folder that stays until it is deleted") {
  Put("/models/folder/", "", {{"content-type", "application/x-directory"}});
  CHECK(std::filesystem::is_directory(home.Objects() + "/models/folder"));
  KeptAnswer head = Ask("HEAD", "/models/folder/");
  CHECK(head.status() == 200);
  CHECK(head.length() == 0);
  CHECK(head.Header("ETag") == "\"d41d8cd98f00b204e9800998ecf8427e\"");
  CHECK(head.Header("Content-Type") == "application/x-directory");
  CHECK(Ask("GET", "/models?list-type=2").Texts("Key") == std::vector<std::string>{"folder/"});
  Put("/models/folder/a", "x");
  CHECK(Ask("DELETE", "/models/folder/a").status() == 204);
  CHECK(Ask("GET", "/models/folder/").status() == 200);
  CHECK(ErrorOf(Ask("GET", "/models/folder")) == "404 NoSuchKey");
  CHECK(Ask("DELETE", "/models/folder/").status() == 204);
  CHECK(ErrorOf(Ask("GET", "/models/folder/")) == "404 NoSuchKey");
  CHECK_FALSE(std::filesystem::exists(home.Objects() + "/models/folder"));
  CHECK(ErrorOf(Ask("PUT", "/models/folder/", "bytes")) == "400 InvalidArgument");
}

TEST_CASE_METHOD(ObjectsWorld, "deleting what is not there is done; folders that become empty go") {
  Put("/models/a/b/c", "x");
  CHECK(Ask("DELETE", "/models/a/b/c").status() == 204);
  CHECK_FALSE(std::filesystem::exists(home.Objects() + "/models/a"));
  CHECK(Ask("DELETE", "/models/a/b/c").status() == 204);
  CHECK(Ask("DELETE", "/models/never").status() == 204);
  CHECK(ErrorOf(Ask("DELETE", "/missing/a")) == "404 NoSuchBucket");
}

TEST_CASE_METHOD(ObjectsWorld, "many objects are deleted by one document") {
  Put("/models/a", "x");
  Put("/models/b &amp;", "x");
  Put("/models/b%20%26", "x");
  KeptAnswer answer = Ask(
      "POST", "/models?delete",
      "<?xml version=\"1.0\"?><Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a</Key></Object>"
      "<Object><Key>b &amp;</Key></Object><Object><Key>never</Key></Object><Object><Key>x//y</Key></Object></Delete>");
  CHECK(answer.status() == 200);
  CHECK(answer.Texts("Deleted").size() == 3);
  CHECK(answer.Texts("Code") == std::vector<std::string>{"InvalidArgument"});
  CHECK(Ask("GET", "/models?list-type=2").Texts("Key") == std::vector<std::string>{"b &amp;amp;"});
  KeptAnswer quiet = Ask("POST", "/models?delete", "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>");
  CHECK(quiet.Texts("Deleted").empty());
  for (const char* bad : {"", "<Delete>", "<Other/>", "<Delete></Delete>", "no xml", "{}"})
    CHECK(ErrorOf(Ask("POST", "/models?delete", bad)) == "400 MalformedXML");
}

TEST_CASE_METHOD(ObjectsWorld, "a copy keeps the metadata or replaces it") {
  Put("/models/a b", "hello", {{"content-type", "text/plain"}, {"x-amz-meta-who", "me"}});
  KeptAnswer copy = Ask("PUT", "/models/copy", "", {{"x-amz-copy-source", "/models/a%20b"}});
  CHECK(copy.status() == 200);
  CHECK(copy.Text("ETag") == "\"5d41402abc4b2a76b9719d911017c592\"");
  CHECK(Ask("GET", "/models/copy").Header("x-amz-meta-who") == "me");
  CHECK(OnDisk("models/copy") == "hello");
  CHECK(Ask("PUT", "/models/copy", "",
            {{"x-amz-copy-source", "models/a%20b"},
             {"x-amz-metadata-directive", "REPLACE"},
             {"content-type", "text/html"}})
            .status() == 200);
  KeptAnswer replaced = Ask("GET", "/models/copy");
  CHECK(replaced.Header("x-amz-meta-who").empty());
  CHECK(replaced.Header("Content-Type") == "text/html");
  CHECK(ErrorOf(Ask("PUT", "/models/a%20b", "", {{"x-amz-copy-source", "models/a%20b"}})) == "400 InvalidRequest");
  CHECK(ErrorOf(Ask("PUT", "/models/x", "", {{"x-amz-copy-source", "models/none"}})) == "404 NoSuchKey");
  CHECK(ErrorOf(Ask("PUT", "/models/x", "", {{"x-amz-copy-source", "models"}})) == "400 InvalidArgument");
  CHECK(ErrorOf(Ask("PUT", "/models/x", "",
                    {{"x-amz-copy-source", "models/copy"}, {"x-amz-copy-source-if-match", "\"0\""}})) ==
        "412 PreconditionFailed");
}

TEST_CASE_METHOD(ObjectsWorld, "attributes of an object are told without its bytes") {
  Put("/models/a", "hello", {{"x-amz-checksum-crc32", "NhCmhg=="}});
  KeptAnswer answer = Ask("GET", "/models/a?attributes", "",
                          {{"x-amz-object-attributes", "ETag,ObjectSize"}, {"x-amz-object-attributes", "Checksum"}});
  CHECK(answer.Text("ETag") == "5d41402abc4b2a76b9719d911017c592");
  CHECK(answer.Text("ObjectSize") == "5");
  CHECK(answer.Text("ChecksumCRC32") == "NhCmhg==");
}

TEST_CASE_METHOD(ObjectsWorld, "what is not built says so and changes nothing") {
  Put("/models/a", "hello");
  for (const char* query :
       {"acl", "tagging", "retention", "legal-hold", "torrent", "restore", "versionId=1", "partNumber=1"}) {
    INFO(query);
    CHECK(ErrorOf(Ask("GET", std::string("/models/a?") + query)) == "501 NotImplemented");
  }
  CHECK(ErrorOf(Ask("DELETE", "/models/a?tagging")) == "501 NotImplemented");
  CHECK(ErrorOf(Ask("PUT", "/models/a?acl", "x")) == "501 NotImplemented");
  CHECK(ErrorOf(Ask("PUT", "/models/a", "x", {{"x-amz-server-side-encryption", "aws:kms"}})) == "501 NotImplemented");
  CHECK(ErrorOf(Ask("PUT", "/models/a", "x", {{"x-amz-storage-class", "GLACIER"}})) == "501 NotImplemented");
  CHECK(ErrorOf(Ask("PUT", "/models/a", "x", {{"x-amz-acl", "public-read"}})) == "400 AccessControlListNotSupported");
  CHECK(ErrorOf(Ask("PATCH", "/models/a", "x")) == "405 MethodNotAllowed");
  CHECK(OnDisk("models/a") == "hello");
  CHECK(Ask("GET", "/models/a?versionId=null").body == "hello");
}

TEST_CASE_METHOD(ObjectsWorld, "too much metadata is refused") {
  CHECK(ErrorOf(Ask("PUT", "/models/a", "x", {{"x-amz-meta-a", std::string(2048, 'm')}})) == "400 MetadataTooLarge");
  Put("/models/a", "x", {{"x-amz-meta-a", std::string(2047, 'm')}});
  CHECK(Ask("HEAD", "/models/a").Header("x-amz-meta-a").size() == 2047);
}

TEST_CASE_METHOD(ObjectsWorld, "an error says what, where and in which request") {
  KeptAnswer answer = Ask("GET", "/models/never%20there?x=y");
  CHECK(answer.Header("Content-Type") == "application/xml");
  CHECK(answer.Text("Message") == "The specified key does not exist.");
  CHECK(answer.Text("Resource") == "/models/never%20there");
  CHECK(answer.Text("RequestId") == "REQUEST1");
  CHECK(answer.Header("x-amz-request-id") == "REQUEST1");
  CHECK(Ask("GET", "/models").Header("x-amz-request-id") == "REQUEST1");
  KeptAnswer head = Ask("HEAD", "/models/never");
  CHECK(head.status() == 404);
  CHECK(head.body.empty());
}

}  // namespace
}  // namespace smhost
