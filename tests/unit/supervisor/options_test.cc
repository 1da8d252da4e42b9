#include "supervisor/options.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace smhost;

TEST_CASE("without words the runtime listens on loopback, on a default port, in the background") {
  auto options = ParseUpOptions({});
  REQUIRE(options);
  CHECK(options->home.empty());
  CHECK_FALSE(options->port.has_value());
  CHECK(options->address == "127.0.0.1");
  CHECK_FALSE(options->foreground);
}

TEST_CASE("options may carry their value behind a blank or an equals sign") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--home", "/h", "--port", "9000", "--listen", "::1", "--foreground"},
        std::vector<std::string>{"--home=/h", "--port=9000", "--listen=::1", "--foreground"}}) {
    auto options = ParseUpOptions(words);
    REQUIRE(options);
    CHECK(options->home == "/h");
    CHECK(options->port == 9000);
    CHECK(options->address == "::1");
    CHECK(options->foreground);
  }
}

TEST_CASE("a wrong word is named, with what would be right") {
  const std::vector<std::pair<std::vector<std::string>, std::string>> table = {
      {{"--port", "65536"}, "--port 65536"}, {{"--port", "-1"}, "--port -1"},    {{"--port", "80a"}, "--port 80a"},
      {{"--port"}, "--port: needs"},         {{"--home="}, "--home: needs"},     {{"--home", ""}, "--home: needs"},
      {{"--bogus"}, "--bogus: unknown"},     {{"extra"}, "extra: unknown"},      {{"--port="}, "--port: needs"},
      {{"--port", " 80"}, "--port  80"},     {{"--foreground=1"}, "--foreground=1: unknown"},
  };
  for (const auto& [words, text] : table) {
    auto options = ParseUpOptions(words);
    REQUIRE_FALSE(options);
    CHECK(options.error().code == Code::kInvalid);
    CHECK_THAT(options.error().message, Catch::Contains(text));
  }
}

TEST_CASE("port 0 and port 65535 are ports") {
  CHECK(ParseUpOptions({"--port", "0"})->port == 0);
  CHECK(ParseUpOptions({"--port", "65535"})->port == 65535);
}

TEST_CASE("the port of the runtime before comes first, then 8790 and the hundred after it, none twice") {
  auto fresh = PortsToTry(0);
  CHECK(fresh.size() == 101);
  CHECK(fresh.front() == 8790);
  CHECK(fresh.back() == 8890);
  auto moved = PortsToTry(8800);
  CHECK(moved.size() == 101);
  CHECK(moved[0] == 8800);
  CHECK(moved[1] == 8790);
  CHECK(std::count(moved.begin(), moved.end(), 8800) == 1);
  CHECK(PortsToTry(40000).size() == 102);
  CHECK(PortsToTry(99999).size() == 101);
}
