#include "base/event_loop.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <utility>

using namespace smhost;

namespace {
struct Pipe {
  Descriptor read_end, write_end;
  Pipe() {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    read_end = Descriptor(ends[0]);
    write_end = Descriptor(ends[1]);
  }
};
}  // namespace

TEST_CASE("a readable descriptor calls back, a forgotten one does not") {
  EventLoop loop;
  Pipe pipe;
  int calls = 0;
  loop.OnReadable(pipe.read_end.get(), [&] { ++calls; });
  loop.RunOnce(Duration::zero());
  CHECK(calls == 0);
  REQUIRE(::write(pipe.write_end.get(), "x", 1) == 1);
  loop.RunOnce(Duration::zero());
  CHECK(calls == 1);
  loop.Forget(pipe.read_end.get());
  loop.RunOnce(Duration::zero());
  CHECK(calls == 1);
}

TEST_CASE("a callback may forget itself and others") {
  EventLoop loop;
  Pipe a, b;
  int calls = 0;
  auto forget_both = [&] {
    ++calls;
    loop.Forget(a.read_end.get());
    loop.Forget(b.read_end.get());
  };
  loop.OnReadable(a.read_end.get(), forget_both);
  loop.OnReadable(b.read_end.get(), forget_both);
  REQUIRE(::write(a.write_end.get(), "x", 1) == 1);
  REQUIRE(::write(b.write_end.get(), "x", 1) == 1);
  loop.RunOnce(Duration::zero());
  CHECK(calls == 1);
}

// A pidfd that took the number of a descriptor closed in the same round was told the other's event, "it ended": the controller
// forgot an instance that lived.
TEST_CASE("an event that waits is not told to another descriptor with the same number") {
  EventLoop loop;
  Pipe first, second, fresh;
  int wrong = 0, stale = 0;
  // Whichever of the two comes first closes the other and puts a silent descriptor in its place.
  auto replace = [&](Pipe& other) {
    if (!other.read_end) return;
    int number = other.read_end.get();
    loop.Forget(number);
    other.read_end.Reset();
    REQUIRE(::dup2(fresh.read_end.get(), number) == number);
    Descriptor reused(number);
    loop.OnReadable(number, [&] { ++wrong; });
    ++stale;
    other.read_end = std::move(reused);
  };
  bool done = false;
  auto once = [&](Pipe& own, Pipe& other) {
    char byte;
    (void)!::read(own.read_end.get(), &byte, 1);
    if (!std::exchange(done, true)) replace(other);
  };
  loop.OnReadable(first.read_end.get(), [&] { once(first, second); });
  loop.OnReadable(second.read_end.get(), [&] { once(second, first); });
  REQUIRE(::write(first.write_end.get(), "x", 1) == 1);
  REQUIRE(::write(second.write_end.get(), "x", 1) == 1);
  loop.RunOnce(Duration::zero());
  CHECK(stale == 1);
  CHECK(wrong == 0);
}

TEST_CASE("timers run in the order in which they are due, cancelled ones never") {
  EventLoop loop;
  std::string order;
  loop.After(std::chrono::hours(1), [&] { order += 'c'; });
  loop.After(Duration::zero(), [&] { order += 'a'; });
  loop.After(std::chrono::milliseconds(1), [&] { order += 'b'; });
  loop.Cancel(loop.After(Duration::zero(), [&] { order += 'x'; }));
  while (order.size() < 2) loop.RunOnce(std::chrono::milliseconds(1));
  CHECK(order == "ab");
}

TEST_CASE("a timer that sets another one without delay does not starve descriptors") {
  EventLoop loop;
  Pipe pipe;
  bool read = false;
  std::function<void()> again = [&] { loop.After(Duration::zero(), again); };
  again();
  loop.OnReadable(pipe.read_end.get(), [&] { read = true; });
  REQUIRE(::write(pipe.write_end.get(), "x", 1) == 1);
  for (int i = 0; i < 3; ++i) loop.RunOnce(std::chrono::milliseconds(1));
  CHECK(read);
}

TEST_CASE("the end of a pipe's writer is an event") {
  EventLoop loop;
  Pipe pipe;
  int calls = 0;
  loop.OnReadable(pipe.read_end.get(), [&] { ++calls; });
  pipe.write_end.Reset();
  loop.RunOnce(Duration::zero());
  CHECK(calls == 1);
}
