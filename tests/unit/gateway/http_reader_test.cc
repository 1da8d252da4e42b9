#include "gateway/http_reader.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/limits.h"

namespace smhost {
namespace {

using Event = HttpReader::Event;

// Feeds pieces of that size; the bodies of the requests that come out.
struct CallOutcome {
  std::vector<std::string> bodies;
  int refused = 0;
};
CallOutcome ReadIn(const std::string& bytes, std::size_t piece) {
  HttpReader reader;
  CallOutcome outcome;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string_view view = std::string_view(bytes).substr(at, piece);
    while (true) {
      Event event = reader.Feed(view);
      if (event == Event::kMore) break;
      if (event == Event::kRequest) outcome.bodies.push_back(reader.request().body);
      if (event == Event::kRefused) {
        outcome.refused = reader.refusal().status;
        return outcome;
      }
    }
    REQUIRE(view.empty());
  }
  return outcome;
}
CallOutcome ReadAll(const std::string& bytes) { return ReadIn(bytes, bytes.size()); }

const std::string kPost = "POST /x HTTP/1.1\r\nHost: x\r\n";

TEST_CASE("requests come out the same wherever their bytes are cut") {
  std::string bytes = kPost + "Content-Length: 5\r\n\r\nhello" + kPost + "Transfer-Encoding: chunked\r\n\r\n" +
                      "3;a=b\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nX-Trailer: y\r\n\r\n" + "\r\nGET /y HTTP/1.1\r\nHost: x\r\n\r\n" + kPost +
                      "Content-Length: 0\r\n\r\n";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    CAPTURE(piece);
    auto outcome = ReadIn(bytes, piece);
    REQUIRE(outcome.refused == 0);
    REQUIRE(outcome.bodies == std::vector<std::string>{"hello", "abc0123456789abcdef", "", ""});
  }
}

TEST_CASE("the head is told before the body has come") {
  HttpReader reader;
  std::string text = kPost + "Content-Length: 5\r\nExpect: 100-continue\r\nAuthorization: Bearer t\r\nAccept: a\r\nAccept: b\r\n\r\n";
  std::string_view bytes = text;
  REQUIRE(reader.Feed(bytes) == Event::kHead);
  CHECK(reader.request().method == "POST");
  CHECK(reader.request().target == "/x");
  CHECK(reader.request().content_length == 5u);
  CHECK(reader.request().expects_continue);
  CHECK(reader.request().Get("authorization") == "Bearer t");
  CHECK(reader.request().accept == "a, b");
  CHECK(reader.InRequest());
  CHECK_FALSE(reader.InHead());
  REQUIRE(reader.Feed(bytes) == Event::kMore);
  bytes = "hello";
  REQUIRE(reader.Feed(bytes) == Event::kRequest);
  CHECK_FALSE(reader.InRequest());
}

TEST_CASE("a trailer that says who calls, or what for, is refused; others are dropped") {
  auto with_trailer = [](const std::string& line) { return ReadAll(kPost + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + line + "\r\n\r\n"); };
  for (const char* line : {"Authorization: Bearer t", "X-Smhost-Account: 111111111111", "Host: y", "Content-Length: 5",
                           "Transfer-Encoding: chunked", "Content-Type: a/b"}) {
    CAPTURE(line);
    CHECK(with_trailer(line).refused == 400);
  }
  CHECK(with_trailer("X-Checksum: 1").bodies.size() == 1);
}

TEST_CASE("whether the connection stays follows version and Connection") {
  auto keeps = [](const std::string& head) {
    HttpReader reader;
    std::string_view bytes = head;
    REQUIRE(reader.Feed(bytes) == Event::kHead);
    return reader.request().keep_alive;
  };
  CHECK(keeps("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  CHECK_FALSE(keeps("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  CHECK_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  CHECK(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST_CASE("a body is as long as the limit allows, to the byte") {
  std::size_t most = limits::kRequestBodyBytes;
  auto with_length = [](std::size_t n) { return kPost + "Content-Length: " + std::to_string(n) + "\r\n\r\n"; };
  auto exact = ReadIn(with_length(most) + std::string(most, 'x'), 65536);
  REQUIRE(exact.bodies.size() == 1);
  CHECK(exact.bodies[0].size() == most);
  CHECK(ReadAll(with_length(most + 1)).refused == 413);

  auto in_chunks = [](std::size_t first, std::size_t second) {
    char sizes[2][32];
    std::snprintf(sizes[0], sizeof sizes[0], "%zx\r\n", first);
    std::snprintf(sizes[1], sizeof sizes[1], "\r\n%zx\r\n", second);
    return kPost + "Transfer-Encoding: chunked\r\n\r\n" + sizes[0] + std::string(first, 'x') + sizes[1] + std::string(second, 'x') + "\r\n0\r\n\r\n";
  };
  CHECK(ReadIn(in_chunks(most - 7, 7), 65536).bodies.size() == 1);
  auto longer = ReadIn(in_chunks(most - 7, 8), 65536);
  CHECK(longer.refused == 413);
  CHECK(longer.bodies.empty());
}

TEST_CASE("an over-long body is refused in AWS's words") {
  HttpReader reader;
  std::string text = kPost + "Content-Length: 6291457\r\n\r\n";
  std::string_view bytes = text;
  REQUIRE(reader.Feed(bytes) == Event::kHead);
  REQUIRE(reader.Feed(bytes) == Event::kRefused);
  CHECK(reader.refusal().reason == "HTTP content length exceeded 6291456 bytes.");
}

TEST_CASE("a body that is streamed is given as it comes and may be of any length") {
  HttpReader reader;
  std::string text = kPost + "Content-Length: 6291458\r\n\r\n";
  std::string_view bytes = text;
  REQUIRE(reader.Feed(bytes) == Event::kHead);
  reader.StreamBody();
  std::string part(1 << 20, 'x');
  std::size_t came = 0;
  for (int i = 0; i < 6; ++i) {
    bytes = part;
    REQUIRE(reader.Feed(bytes) == Event::kMore);
    came += reader.request().body.size();
    reader.request().body.clear();
  }
  bytes = "yzGET /ping HTTP/1.1\r\nHost: h\r\n\r\n";
  REQUIRE(reader.Feed(bytes) == Event::kRequest);
  CHECK(reader.request().body == "yz");
  CHECK(came + 2 == 6291458);
  REQUIRE(reader.Feed(bytes) == Event::kHead);  // the next is gathered again
  REQUIRE(reader.Feed(bytes) == Event::kRequest);
  CHECK(reader.request().target == "/ping");
}

TEST_CASE("a request keeps all its headers, in order, with names in lower case") {
  HttpReader reader;
  std::string text = "PUT /b/k HTTP/1.1\r\nHost: h\r\nX-Amz-Meta-A:  one \r\nx-amz-meta-a: two\r\nContent-Length: 0\r\n\r\n";
  std::string_view bytes = text;
  REQUIRE(reader.Feed(bytes) == Event::kHead);
  using Headers = std::vector<std::pair<std::string, std::string>>;
  CHECK(reader.request().headers ==
        Headers{{"host", "h"}, {"x-amz-meta-a", "one"}, {"x-amz-meta-a", "two"}, {"content-length", "0"}});
}

TEST_CASE("what chunks carry beside the body is limited") {
  std::string start = kPost + "Transfer-Encoding: chunked\r\n\r\n";
  std::string end = "0\r\n\r\n";
  SECTION("in one extension") {
    CHECK(ReadIn(start + "1;" + std::string(limits::kChunkOverheadBytes, 'a') + "\r\nx\r\n" + end, 1000).refused == 400);
  }
  SECTION("in one extension that never ends") {
    CHECK(ReadIn(start + "1;" + std::string(limits::kChunkOverheadBytes + 2, 'a'), 1000).refused == 400);
  }
  SECTION("in many small chunks") {
    std::string chunks;
    for (std::size_t bytes = 0; bytes <= limits::kChunkOverheadBytes; bytes += 5) chunks += "1\r\nx\r\n";
    CHECK(ReadIn(start + chunks + end, 4096).refused == 400);
    CHECK(ReadIn(start + chunks.substr(0, chunks.size() / 2 / 6 * 6) + end, 4096).refused == 0);
  }
  SECTION("in a trailer") {
    CHECK(ReadIn(start + "0\r\nX: " + std::string(limits::kChunkOverheadBytes, 'a') + "\r\n\r\n", 1000).refused == 400);
  }
}

TEST_CASE("bad chunks are refused") {
  for (const char* body : {"x\r\n", "-1\r\n", "+1\r\nx\r\n", "0x1\r\nx\r\n\r\n", " 1\r\nx\r\n", "1 \r\nx\r\n", "1\nx\r\n", "\r\n", "6_0\r\n",
                           "1\r\nxx\r\n0\r\n\r\n", "1\r\nx0\r\n\r\n", "fffffffffffffffff\r\n", "5\n;\r\nhello\r\n", " ;a=b\r\nhello\r\n", "0 \r\n\r\n",
                           "1;a\rb\r\nx\r\n0\r\n\r\n", "0\r\nX : y\r\n\r\n"}) {
    CAPTURE(body);
    auto outcome = ReadAll(kPost + "Transfer-Encoding: chunked\r\n\r\n" + body);
    CHECK((outcome.refused == 400 || outcome.refused == 413));
    CHECK(outcome.bodies.empty());
  }
}

TEST_CASE("what follows a refused request is never read") {
  std::string second = "GET /second HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const char* lines : {"Transfer-Encoding: xchunked\r\n\r\n", "Transfer-Encoding: chunked, identity\r\n\r\n",
                            "Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc", "Content-Length: 5, 5\r\n\r\nabcde"}) {
    auto outcome = ReadAll(kPost + lines + second);
    CHECK(outcome.refused == 400);
    CHECK(outcome.bodies.empty());
  }
}

TEST_CASE("one empty line before a request is let pass, more are not") {
  std::string get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  for (std::size_t piece : {1, 2, 3, 100}) {
    CHECK(ReadIn("\r\n" + get, piece).bodies.size() == 1);
    CHECK(ReadIn("\r\n\r\n" + get, piece).refused == 400);
    CHECK(ReadIn("\rG", piece).refused == 400);
    CHECK(ReadIn("\n" + get, piece).refused == 400);
  }
}

}  // namespace
}  // namespace smhost
