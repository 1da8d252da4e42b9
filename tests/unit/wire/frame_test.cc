#include "wire/frame.h"

#include <catch2/catch.hpp>
#include <random>

#include "base/limits.h"

using namespace smhost;

namespace {

Frame Example() {
  Frame frame;
  frame.type = FrameType::kRequest;
  frame.id = 0x1122334455667788ull;
  frame.Set(frame_key::kContentType, "text/csv");
  frame.Set(frame_key::kAccept, "");
  frame.body = std::string("1,2\0,3", 6);
  return frame;
}

std::string Bytes(const Frame& frame) {
  std::string bytes;
  AppendFrame(frame, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("a frame comes back as it was sent, however its bytes are cut") {
  std::string bytes = Bytes(Example()) + Bytes(Example());
  for (std::size_t part = 1; part <= bytes.size(); ++part) {
    FrameReader reader;
    int got = 0;
    for (std::size_t at = 0; at < bytes.size(); at += part) {
      reader.Feed(std::string_view(bytes).substr(at, part));
      Frame frame;
      for (;;) {
        auto next = reader.Next(frame);
        REQUIRE(next);
        if (!*next) break;
        ++got;
        CHECK(frame.id == Example().id);
        CHECK(frame.meta == Example().meta);
        CHECK(frame.body == Example().body);
      }
    }
    CHECK(got == 2);
  }
}

TEST_CASE("a stream that is not ours is refused at once") {
  FrameReader reader;
  reader.Feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  Frame frame;
  CHECK_FALSE(reader.Next(frame).has_value());
}

TEST_CASE("sizes over the limits are refused before their bytes come") {
  std::string bytes = Bytes(Example()).substr(0, kFrameHeaderBytes);
  auto claim = [&](std::size_t offset, std::uint32_t size) {
    std::string lie = bytes;
    lie.replace(offset, 4, reinterpret_cast<const char*>(&size), 4);
    FrameReader reader;
    reader.Feed(lie);
    Frame frame;
    return reader.Next(frame);
  };
  CHECK_FALSE(claim(16, limits::kFrameMetaBytes + 1));
  CHECK_FALSE(claim(20, limits::kFrameBodyBytes + 1));
  CHECK(claim(16, limits::kFrameMetaBytes));
  CHECK(claim(20, limits::kFrameBodyBytes));
}

TEST_CASE("meta that does not add up is refused") {
  std::string bytes = Bytes(Example());
  bytes[kFrameHeaderBytes] = '\x7f';  // the first key claims to be longer than it is
  FrameReader reader;
  reader.Feed(bytes);
  Frame frame;
  CHECK_FALSE(reader.Next(frame));
}

TEST_CASE("random damage never gives a frame larger than the bytes that came") {
  auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = Bytes(Example());
    bytes[random() % bytes.size()] = static_cast<char>(random());
    FrameReader reader;
    reader.Feed(bytes);
    Frame frame;
    auto got = reader.Next(frame);
    if (got && *got) CHECK(frame.body.size() <= bytes.size());
  }
}
