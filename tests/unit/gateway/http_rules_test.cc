#include "gateway/http_rules.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/limits.h"

namespace smhost {
namespace {

int StatusOf(const std::string& head) {
  auto refusal = CheckHead(head);
  if (!refusal) return 0;
  CHECK_FALSE(refusal->reason.empty());
  return refusal->status;
}

// A request whose head is right but for these lines.
int StatusWith(const std::string& lines, const std::string& request_line = "POST /x HTTP/1.1") {
  return StatusOf(request_line + "\r\nHost: x\r\n" + lines + "\r\n");
}

TEST_CASE("requests as clients send them may pass") {
  CHECK(StatusOf("GET /ping HTTP/1.1\r\nHost: 127.0.0.1:8790\r\n\r\n") == 0);
  CHECK(StatusOf("GET /ping HTTP/1.0\r\n\r\n") == 0);
  CHECK(StatusOf("GET /ping HTTP/1.0\r\nHost: localhost\r\n\r\n") == 0);
  CHECK(StatusOf("GET http://example.com:80/ping?a=b HTTP/1.1\r\nHost: example.com\r\n\r\n") == 0);
  CHECK(StatusWith("Content-Length: 5\r\n") == 0);
  CHECK(StatusWith("Content-Length:5\r\n") == 0);
  CHECK(StatusWith("Content-Length: \t 5 \t\r\n") == 0);
  CHECK(StatusWith("Transfer-Encoding: chunked\r\n") == 0);
  CHECK(StatusWith("transfer-encoding:\tCHUNKED \r\n") == 0);
  CHECK(StatusWith("Expect: 100-continue\r\nContent-Length: 1\r\n") == 0);
  CHECK(StatusWith("X-Empty:\r\nX-Latin: caf\xe9\r\n") == 0);
}

TEST_CASE("a body's length that two parties could read in two ways is refused") {
  for (const char* lines : {
           "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: identity, chunked\r\n",
           "Transfer-Encoding: identity\r\n", "Transfer-Encoding: identity\r\nContent-Length: 3\r\n",
           "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: \"chunked\"\r\n", "Transfer-Encoding: chunked;q=1\r\n", "Transfer-Encoding:\r\n",
           "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: ,chunked\r\n", "Transfer-Encoding: chunked,\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding : chunked\r\n", "Transfer-Encoding: \x0b" "chunked\r\n", "Content-Length : 3\r\n",
           "Content-Length: 5, 5\r\n", "Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
           "Content-Length: +5\r\n", "Content-Length: -5\r\n", "Content-Length: 0x5\r\n", "Content-Length: 5 6\r\n",
           "Content-Length: 5.0\r\n", "Content-Length: 1e3\r\n", "Content-Length: 0_1\r\n", "Content-Length:\r\n",
           "Content-Length: 18446744073709551617\r\n", "Content-Length: 99999999999999999999999999\r\n"}) {
    CAPTURE(lines);
    CHECK(StatusWith(lines) == 400);
  }
  CHECK(StatusWith("Transfer-Encoding: chunked\r\n", "POST /x HTTP/1.0") == 400);
}

TEST_CASE("lines that go on, end wrongly or hold control characters are refused") {
  CHECK(StatusWith("X-Long: one\r\n two\r\n") == 400);
  CHECK(StatusWith("X-Long: one\r\n\ttwo\r\n") == 400);
  CHECK(StatusOf("GET / HTTP/1.1\r\n Host: x\r\n\r\n") == 400);
  CHECK(StatusOf("GET / HTTP/1.1\nHost: x\n\n") == 400);
  CHECK(StatusWith("X: a\nY: b\r\n") == 400);
  CHECK(StatusWith("X: a\rY: b\r\n") == 400);
  CHECK(StatusWith(std::string("X: a\0b\r\n", 8)) == 400);
  CHECK(StatusWith("X: a\x7f\r\n") == 400);
  CHECK(StatusWith("X: a\x01\r\n") == 400);
  CHECK(StatusOf("GET / HTTP/1.1\r\nHost: x\r\n") == 400);
  CHECK(StatusOf("\r\n") == 400);
  CHECK(StatusOf("") == 400);
}

TEST_CASE("a header's name is a token with a colon at once behind it") {
  for (const char* line : {": x\r\n", "X Y: z\r\n", "X\t: z\r\n", "X\r\n", "X(: z\r\n", "\xc3\xa4: z\r\n", "X@Y: z\r\n"}) {
    CAPTURE(line);
    CHECK(StatusWith(line) == 400);
  }
}

TEST_CASE("HTTP/1.1 needs exactly one Host of the right form") {
  CHECK(StatusOf("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(StatusWith("Host: x\r\n") == 400);
  CHECK(StatusOf("GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n") == 400);
  auto with_host = [](const std::string& host) { return StatusOf("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"); };
  for (const char* good : {"a", "a.b:80", "[::1]", "[::1]:8790", "127.0.0.1", "a_b-c", "%2Frun%2Fs.sock", "a:"}) {
    CAPTURE(good);
    CHECK(with_host(good) == 0);
  }
  for (const char* bad : {"", "a b", "a/b", "u@h", "a:b", "[::1", "::1", "a:123456", "a,b", "[]"}) {
    CAPTURE(bad);
    CHECK(with_host(bad) == (std::string(bad) == "a,b" ? 0 : 400));  // a comma is a sub-delim of RFC 3986
  }
}

TEST_CASE("headers that decide who calls or what the body is stand once") {
  for (const char* name : {"Authorization", "Content-Type", "X-Smhost-Account"}) {
    std::string line = std::string(name) + ": a\r\n";
    CHECK(StatusWith(line) == 0);
    CHECK(StatusWith(line + line) == 400);
  }
  CHECK(StatusWith("Accept: a\r\nAccept: b\r\n") == 0);
}

TEST_CASE("the request line has three words and a version that is served") {
  CHECK(StatusWith("", "GET / HTTP/2.0") == 505);
  CHECK(StatusWith("", "GET / HTTP/1.2") == 505);
  CHECK(StatusWith("", "GET / HTTP/0.9") == 505);
  for (const char* line : {"GET", "GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET / HTTP/11", "GET / FTP/1.1",
                           "GET / http/1.1", "GET\t/\tHTTP/1.1", "GET / /x HTTP/1.1", "GET / HTTP/1.10", "GET x HTTP/1.1",
                           "GET * HTTP/1.1", "OPTIONS * HTTP/1.1", "GET /a#b HTTP/1.1", "GET https://x/ HTTP/1.1",
                           "GET http:///x HTTP/1.1", "GET http://u@h/ HTTP/1.1", "GET /\x80 HTTP/1.1", "G(T / HTTP/1.1"}) {
    CAPTURE(line);
    CHECK(StatusWith("", line) == 400);
  }
  CHECK(StatusWith("", "PRI * HTTP/2.0") == 400);
}

TEST_CASE("methods nobody knows get 501, those that are never allowed 405") {
  CHECK(StatusWith("", "BREW / HTTP/1.1") == 501);
  CHECK(StatusWith("", "get / HTTP/1.1") == 501);
  CHECK(StatusWith("", "TRACE / HTTP/1.1") == 405);
  CHECK(StatusWith("", "CONNECT / HTTP/1.1") == 405);
}

TEST_CASE("an expectation other than 100-continue gets 417") { CHECK(StatusWith("Expect: 200-ok\r\n") == 417); }

TEST_CASE("the number of headers is limited exactly") {
  std::string head = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (std::size_t i = 1; i < limits::kRequestHeaderCount; ++i) head += "X: y\r\n";
  CHECK(StatusOf(head + "\r\n") == 0);
  CHECK(StatusOf(head + "X: y\r\n\r\n") == 431);
}

TEST_CASE("the size of the head is limited exactly") {
  std::string start = "GET / HTTP/1.1\r\nHost: x\r\nX: ", end = "\r\n\r\n";
  std::string filler(limits::kRequestHeaderBytes - start.size() - end.size(), 'a');
  CHECK(StatusOf(start + filler + end) == 0);
  CHECK(StatusOf(start + filler + "a" + end) == 431);
}

TEST_CASE("the size of the target is limited exactly") {
  std::string target = "/" + std::string(limits::kRequestTargetBytes - 1, 'a');
  CHECK(StatusWith("", "GET " + target + " HTTP/1.1") == 0);
  CHECK(StatusWith("", "GET " + target + "a HTTP/1.1") == 414);
}

TEST_CASE("a scan finds the end of a head wherever the pieces are cut") {
  std::string head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n", all = head + "body";
  for (std::size_t cut = 1; cut < all.size(); ++cut) {
    HeadScan scan;
    REQUIRE_FALSE(scan.Look(std::string_view(all).substr(0, cut)));
    if (cut < head.size()) REQUIRE(scan.head_bytes == 0);
    REQUIRE_FALSE(scan.Look(all));
    REQUIRE(scan.head_bytes == head.size());
  }
}

TEST_CASE("a scan refuses what is no HTTP at the first byte") {
  HeadScan tls, binary, line;
  CHECK(tls.Look("\x16\x03\x01")->reason == "HTTPS is not enabled");
  CHECK(binary.Look(std::string_view("\0\0", 2))->status == 400);
  CHECK(line.Look("GET / HTTP/1.1\n")->status == 400);
}

TEST_CASE("a scan does not wait for the end of what is too long already") {
  HeadScan target, headers, count;
  CHECK(target.Look("GET /" + std::string(limits::kRequestTargetBytes + 100, 'a'))->status == 414);
  CHECK(headers.Look("GET / HTTP/1.1\r\nX: " + std::string(limits::kRequestHeaderBytes, 'a'))->status == 431);
  std::string many = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i <= limits::kRequestHeaderCount; ++i) many += "X: y\r\n";
  CHECK(count.Look(many)->status == 431);
}

TEST_CASE("chunk extensions begin with a semicolon and hold no control characters") {
  CHECK(AllowedChunkExtensions(""));
  CHECK(AllowedChunkExtensions(";a=b"));
  CHECK_FALSE(AllowedChunkExtensions(" "));
  CHECK_FALSE(AllowedChunkExtensions(" ;a"));
  CHECK_FALSE(AllowedChunkExtensions(";a\nb"));
}

}  // namespace
}  // namespace smhost
