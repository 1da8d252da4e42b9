#include "worker/connection.h"

#include <sys/socket.h>

#include <catch2/catch.hpp>

namespace smhost {
namespace {

struct Fixture {
  Fixture() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    peer = Descriptor(ends[1]);
    connection = std::make_unique<Connection>(Descriptor(ends[0]), [this] { ++blocked; });
  }
  std::size_t ReadAll() {
    std::size_t sum = 0;
    char room[65536];
    for (ssize_t n; (n = ::recv(peer.get(), room, sizeof room, MSG_DONTWAIT)) > 0;) sum += static_cast<std::size_t>(n);
    return sum;
  }
  void Write(const std::string& bytes) {
    REQUIRE(::send(peer.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  }

  Descriptor peer;
  std::unique_ptr<Connection> connection;
  int blocked = 0;
  std::string why;
};

std::string Bytes(std::uint64_t id) {
  Frame frame;
  frame.id = id;
  frame.body = "body";
  std::string bytes;
  AppendFrame(frame, bytes);
  return bytes;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "what the peer reads in time is written at once") {
  connection->Send("hello");
  CHECK(ReadAll() == 5);
  CHECK(blocked == 0);
  CHECK_FALSE(connection->HasWaiting());
}

TEST_CASE_METHOD(Fixture, "what the peer does not read waits, in order, and is told once") {
  const std::string part(1 << 20, 'x');
  for (int i = 0; i < 8; ++i) connection->Send(part);
  CHECK(blocked == 1);
  CHECK(connection->HasWaiting());
  std::size_t got = 0;
  while (connection->HasWaiting()) {
    got += ReadAll();
    REQUIRE(connection->Flush());
  }
  CHECK(got + ReadAll() == 8 * part.size());
}

TEST_CASE_METHOD(Fixture, "frames are handed over however they are cut") {
  std::string bytes = Bytes(1) + Bytes(2);
  std::vector<std::uint64_t> ids;
  for (char byte : bytes) {
    Write(std::string(1, byte));
    REQUIRE(connection->Receive([&](Frame& frame) { ids.push_back(frame.id); }, why));
  }
  CHECK(ids == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE_METHOD(Fixture, "nonsense and the peer's end are told") {
  Write("this is no frame at all, by far");
  CHECK_FALSE(connection->Receive([](Frame&) {}, why));
  CHECK(why == "frame: wrong magic number");
  Fixture other;
  other.peer.Reset();
  CHECK_FALSE(other.connection->Receive([](Frame&) {}, other.why));
  CHECK(other.why == "closed by the peer");
}

TEST_CASE_METHOD(Fixture, "answers to a peer that is gone are dropped") {
  peer.Reset();
  connection->Send("hello");
  connection->Send("again");
  CHECK_FALSE(connection->HasWaiting());
  CHECK_FALSE(connection->Flush());
}

}  // namespace smhost
