#include "wire/event_stream.h"

#include <catch2/catch.hpp>

#include "base/limits_api.h"
#include "fakes/event_stream_decoder.h"

namespace smhost {
namespace {

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

TEST_CASE("a message without headers and payload is the one of AWS's description, byte by byte") {
  std::string out;
  AppendEventMessage({}, "", out);
  CHECK(out == FromHex("000000100000000005c248eb7d98c8ff"));
}

TEST_CASE("headers and payload come back as they were, and messages stand one behind the other") {
  std::string out = "before";
  AppendEventMessage({{"a", ""}, {"name", std::string(300, 'v')}}, std::string("\0\xff", 2), out);
  AppendEventMessage({}, "second", out);
  auto messages = EventMessages(std::string_view(out).substr(6));
  REQUIRE(messages);
  REQUIRE(messages->size() == 2);
  CHECK(messages->at(0).headers == std::map<std::string, std::string>{{"a", ""}, {"name", std::string(300, 'v')}});
  CHECK(messages->at(0).payload == std::string("\0\xff", 2));
  CHECK(messages->at(1).payload == "second");
}

TEST_CASE("a changed byte is found by the checksums") {
  std::string whole;
  AppendPayloadParts("payload", whole);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    CHECK_FALSE(EventMessages(changed));
  }
}

TEST_CASE("the model's bytes are payload parts, cut where they are many and absent where there are none") {
  std::string out;
  AppendPayloadParts("", out);
  CHECK(out.empty());
  std::string large(limits::kStreamEventBytes + 1, 'x');
  large.back() = 'y';
  AppendPayloadParts(large, out);
  auto messages = EventMessages(out);
  REQUIRE(messages);
  REQUIRE(messages->size() == 2);
  CHECK(messages->at(0).headers.at(":message-type") == "event");
  CHECK(messages->at(0).headers.at(":event-type") == "PayloadPart");
  CHECK(messages->at(0).headers.at(":content-type") == "application/octet-stream");
  CHECK(messages->at(0).payload.size() == limits::kStreamEventBytes);
  CHECK(messages->at(1).payload == "y");
}

TEST_CASE("a fault is an exception message") {
  std::string out;
  AppendStreamException("ModelStreamError", "{}", out);
  auto messages = EventMessages(out);
  REQUIRE(messages);
  CHECK(messages->at(0).headers.at(":message-type") == "exception");
  CHECK(messages->at(0).headers.at(":exception-type") == "ModelStreamError");
  CHECK(messages->at(0).headers.at(":content-type") == "application/json");
  CHECK(messages->at(0).payload == "{}");
}

}  // namespace
}  // namespace smhost
