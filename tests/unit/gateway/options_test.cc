#include "gateway/options.h"

#include <catch2/catch.hpp>
#include <vector>

namespace smhost {
namespace {

Result<GatewayOptions> Parse(std::vector<std::string> words) {
  words.insert(words.begin(), "gateway");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  return ParseGatewayOptions(static_cast<int>(argv.size()), argv.data());
}

TEST_CASE("the supervisor's words are understood") {
  auto options = Parse({"--home", "/h", "--tcp-fd", "3", "--unix-fd", "4"});
  REQUIRE(options);
  CHECK(options->home == "/h");
  CHECK(options->tcp_fd == 3);
  CHECK(options->unix_fd == 4);
  CHECK(options->response_timeout == limits::kResponseTimeout);
}

TEST_CASE("the socket on TCP may be absent, both may not") {
  CHECK(Parse({"--unix-fd", "4"})->tcp_fd == -1);
  CHECK_FALSE(Parse({"--home", "/h"}));
}

TEST_CASE("limits can be set") {
  auto options = Parse({"--unix-fd", "4", "--header-timeout-ms", "300", "--queue", "7", "--loops", "2"});
  REQUIRE(options);
  CHECK(options->header_timeout == std::chrono::milliseconds(300));
  CHECK(options->dispatch.queue_calls == 7);
  CHECK(options->loops == 2);
}

TEST_CASE("words that are wrong are named") {
  for (auto words : {std::vector<std::string>{"--unix-fd"}, {"--unix-fd", "x"}, {"--unix-fd", "-1"}, {"--unix-fd", "4", "--what", "1"},
                     {"--unix-fd", "4", "--connections", "0"}, {"--unix-fd", "4x"}}) {
    auto options = Parse(words);
    REQUIRE_FALSE(options);
    CHECK(options.error().code == Code::kInvalid);
    CHECK(options.error().message.find("--") != std::string::npos);
  }
}

}  // namespace
}  // namespace smhost
