#include "worker/part_sender.h"

#include <catch2/catch.hpp>
#include <vector>

namespace smhost {
namespace {

struct Port final : ReplyPort {
  std::vector<Frame> frames;
  void Send(std::string bytes) override {
    FrameReader reader;
    reader.Feed(bytes);
    Frame frame;
    while (reader.Next(frame).value_or(false)) frames.push_back(frame);
  }
  std::vector<std::string> Bodies() const {
    std::vector<std::string> bodies;
    for (const auto& frame : frames) bodies.push_back(frame.body);
    return bodies;
  }
};

struct Fixture {
  std::shared_ptr<Port> port = std::make_shared<Port>();
  int rung = 0;
  PartSender sender{[this] { ++rung; }};

  void Begin(std::uint64_t id, const std::string& first, std::vector<Value> rest) {
    Frame frame;
    frame.Set(frame_key::kStatus, "200");
    if (!rest.empty()) frame.Set(frame_key::kMore, "1");
    frame.body = first;
    auto parts = std::make_shared<AnswerParts>();
    parts->list.items = std::move(rest);
    sender.Begin(port.get(), id, std::move(frame), std::move(parts));
    sender.Advance();
  }
};

Value Text(const std::string& text) { return Value{text}; }

TEST_CASE_METHOD(Fixture, "each element is a part, the last says so") {
  sender.Open(port, 7, 1000);
  Begin(7, "0", {Value{std::int64_t{1}}, Value{std::int64_t{2}}});
  CHECK(rung == 1);
  CHECK(port->Bodies() == std::vector<std::string>{"0", "1", "2"});
  for (const auto& frame : port->frames) CHECK(frame.id == 7);
  CHECK(port->frames[0].Get(frame_key::kMore) == "1");
  CHECK(port->frames[1].Get(frame_key::kMore) == "1");
  CHECK(port->frames[2].Get(frame_key::kMore).empty());
  CHECK(port->frames[2].Get(frame_key::kStatus) == "200");
  CHECK_FALSE(sender.OwesParts());
}

TEST_CASE_METHOD(Fixture, "an answer that is one part is one frame") {
  sender.Open(port, 1, 1);
  Begin(1, "only", {});
  CHECK(port->Bodies() == std::vector<std::string>{"only"});
  CHECK(port->frames[0].Get(frame_key::kMore).empty());
  CHECK_FALSE(sender.OwesParts());
}

TEST_CASE_METHOD(Fixture, "parts wait for room, and a slow peer holds up no other") {
  sender.Open(port, 1, 3);
  sender.Open(port, 2, 1000);
  Begin(1, "\"a\"", {Text("b"), Text("c")});
  CHECK(port->Bodies() == std::vector<std::string>{"\"a\""});
  CHECK(sender.OwesParts());
  Begin(2, "x", {Text("y")});
  CHECK(port->Bodies() == std::vector<std::string>{"\"a\"", "x", "\"y\""});
  sender.Grant(port.get(), 1, 1);
  CHECK(port->Bodies().back() == "\"b\"");
  sender.Grant(port.get(), 1, 2);  // two more bytes than it had: none left for a further part
  CHECK(port->Bodies().back() == "\"b\"");
  sender.Grant(port.get(), 1, 3);
  CHECK(port->Bodies().back() == "\"c\"");
  CHECK_FALSE(sender.OwesParts());
}

TEST_CASE_METHOD(Fixture, "what is cancelled before its answer begins gets none, and nothing of it stays") {
  sender.Open(port, 1, 1000);
  sender.Cancel(port.get(), 1);
  Begin(1, "x", {Text("y")});
  CHECK(port->frames.empty());
  CHECK_FALSE(sender.OwesParts());
}

TEST_CASE_METHOD(Fixture, "what is cancelled in the middle ends there; a lost connection takes all of its own") {
  sender.Open(port, 1, 1);
  sender.Open(port, 2, 1);
  Begin(1, "x", {Text("y")});
  Begin(2, "x", {Text("y")});
  sender.Cancel(port.get(), 1);
  sender.Grant(port.get(), 1, 1000);
  CHECK(port->frames.size() == 2);
  sender.Drop(port.get());
  sender.Grant(port.get(), 2, 1000);
  CHECK(port->frames.size() == 2);
  CHECK_FALSE(sender.OwesParts());
}

TEST_CASE_METHOD(Fixture, "a part that cannot be encoded breaks the answer off with its reason") {
  Dictionary odd;
  odd.items.emplace_back(Value{List{}}, Value{None{}});
  sender.Open(port, 1, 1000);
  Begin(1, "x", {Value{odd}, Text("never")});
  REQUIRE(port->frames.size() == 2);
  CHECK(port->frames[1].Get(frame_key::kStatus) == "500");
  CHECK(port->frames[1].Get(frame_key::kMore).empty());
  CHECK(port->frames[1].body.find("key") != std::string::npos);
}

}  // namespace
}  // namespace smhost
