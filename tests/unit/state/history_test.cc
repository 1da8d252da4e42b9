#include "state/history.h"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "base/limits.h"
#include "fakes/fake_clock.h"
#include "fakes/scratch_folder.h"

namespace smhost {
namespace {

using namespace std::chrono_literals;

Event EventOf(const std::string& name, const std::string& reason) {
  Event event;
  event.account = kLocalAccount;
  event.kind = "endpoint";
  event.name = name;
  event.reason = reason;
  event.message = "about " + name;
  return event;
}

struct HistoryWorld {
  ScratchFolder scratch;
  FakeClock clock;
  Home home{scratch.path()};

  History Open() {
    auto history = History::Open(clock, home);
    REQUIRE(history);
    return std::move(*history);
  }
  std::vector<Event> Read(const EventQuery& query = {}) {
    auto reader = History::OpenForReading(clock, home);
    REQUIRE(reader);
    auto events = reader->Query(query);
    REQUIRE(events);
    return *events;
  }
  std::vector<std::string> Quarantined() {
    std::vector<std::string> names;
    auto entries = MakeSystemFiles()->List(home.Quarantine());
    if (entries)
      for (const FileEntry& entry : *entries) names.push_back(entry.name);
    return names;
  }
  // Writes over part of the file, as a failing disk would.
  void Damage(std::streamoff from, std::size_t bytes) {
    std::fstream file(home.History(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(from);
    file << std::string(bytes, '\x5a');
  }
};

TEST_CASE("events come back oldest first, with the time they were told of") {
  HistoryWorld world;
  History history = world.Open();
  REQUIRE(history.Append(EventOf("a", "Created")));
  world.clock.Advance(1s);
  Event warning = EventOf("b", "InstanceDied");
  warning.type = EventType::kWarning;
  warning.message = "killed by signal 9; \"quoted\"\nü";
  REQUIRE(history.Append(warning));
  auto events = *history.Query({});
  REQUIRE(events.size() == 2);
  CHECK(events[0].reason == "Created");
  CHECK(events[0].time < events[1].time);
  CHECK(events[0].id < events[1].id);
  CHECK(events[1].type == EventType::kWarning);
  CHECK(events[1].message == warning.message);
  CHECK(events[1].account == kLocalAccount);
  CHECK(events[1].kind == "endpoint");
}

TEST_CASE("a command reads while the controller writes, and sees what was written last") {
  HistoryWorld world;
  CHECK(world.Read().empty());
  History history = world.Open();
  CHECK(world.Read().empty());
  for (int i = 0; i < 10; ++i) {
    REQUIRE(history.Append(EventOf("e", "R" + std::to_string(i))));
    REQUIRE(world.Read().back().reason == "R" + std::to_string(i));
  }
  auto reader = History::OpenForReading(world.clock, world.home);
  REQUIRE(reader);
  CHECK_FALSE(reader->Append(EventOf("e", "FromAReader")));
}

TEST_CASE("a query restricts to a resource, to what is new, and to the newest so many") {
  HistoryWorld world;
  History history = world.Open();
  for (int i = 0; i < 6; ++i) {
    REQUIRE(history.Append(EventOf(i % 2 == 0 ? "even" : "odd", std::to_string(i))));
    world.clock.Advance(1s);
  }
  EventQuery even;
  even.account = kLocalAccount;
  even.kind = "endpoint";
  even.name = "even";
  CHECK(world.Read(even).size() == 3);
  even.limit = 1;
  CHECK(world.Read(even).at(0).reason == "4");
  EventQuery later;
  later.after_id = world.Read().at(3).id;
  CHECK(world.Read(later).at(0).reason == "4");
  EventQuery since;
  since.since = world.Read().at(5).time;
  CHECK(world.Read(since).size() == 1);
  EventQuery hostile;
  hostile.name = "' OR 1=1 --";
  CHECK(world.Read(hostile).empty());
}

TEST_CASE("the history outlives its writer and goes on counting") {
  HistoryWorld world;
  { REQUIRE(world.Open().Append(EventOf("a", "First"))); }
  History history = world.Open();
  REQUIRE(history.Append(EventOf("a", "Second")));
  auto events = world.Read();
  REQUIRE(events.size() == 2);
  CHECK(events[1].id > events[0].id);
}

TEST_CASE("the file is its owner's alone, whatever the umask") {
  HistoryWorld world;
  mode_t before = ::umask(0);
  History history = world.Open();
  Status appended = history.Append(EventOf("a", "Created"));
  ::umask(before);
  REQUIRE(appended);
  for (const auto& entry : std::filesystem::directory_iterator(world.scratch.path()))
    CHECK((entry.status().permissions() & std::filesystem::perms::mask) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("the oldest events go when there are too many") {
  HistoryWorld world;
  { REQUIRE(world.Open().Append(EventOf("a", "First"))); }
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(world.home.History().c_str(), &database) == SQLITE_OK);
  std::string jump =
      "UPDATE sqlite_sequence SET seq = " + std::to_string(limits::kHistoryRows) + " WHERE name = 'events'";
  REQUIRE(sqlite3_exec(database, jump.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  History history = world.Open();
  for (int i = 0; i < 256; ++i) REQUIRE(history.Append(EventOf("a", "Later")));
  auto events = world.Read({});
  CHECK(events.size() == 256);
  CHECK(events.front().reason == "Later");
}

TEST_CASE("a file that is no history is put aside, and the new history says where") {
  HistoryWorld world;
  std::ofstream(world.home.History()) << std::string(8192, 'x');
  History history = world.Open();
  REQUIRE(history.Append(EventOf("a", "Created")));
  auto events = world.Read();
  REQUIRE(events.size() == 2);
  CHECK(events[0].reason == "HistoryLost");
  CHECK(events[0].type == EventType::kWarning);
  REQUIRE(world.Quarantined().size() == 1);
  CHECK(events[0].message.find(world.Quarantined()[0]) != std::string::npos);
  CHECK(events[1].reason == "Created");
}

TEST_CASE("damage inside the file is found when it is written to, and a new history begins") {
  HistoryWorld world;
  {
    History history = world.Open();
    for (int i = 0; i < 500; ++i) REQUIRE(history.Append(EventOf("a", "Filler")));
  }
  auto size = std::filesystem::file_size(world.home.History());
  REQUIRE(size > 16384);
  world.Damage(4096, size - 4096);
  History history = world.Open();
  REQUIRE(history.Append(EventOf("a", "After")));
  auto events = world.Read();
  CHECK(events.front().reason == "HistoryLost");
  CHECK(events.back().reason == "After");
  CHECK_FALSE(world.Quarantined().empty());
}

TEST_CASE("a history of a newer smhost is refused and left as it is") {
  HistoryWorld world;
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(world.home.History().c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, "PRAGMA user_version=9; CREATE TABLE other (x)", nullptr, nullptr, nullptr) ==
          SQLITE_OK);
  sqlite3_close(database);
  auto before = *MakeSystemFiles()->Read(world.home.History(), 1 << 20);
  CHECK(History::Open(world.clock, world.home).error().code == Code::kNewerFormat);
  CHECK(History::OpenForReading(world.clock, world.home).error().code == Code::kNewerFormat);
  CHECK(*MakeSystemFiles()->Read(world.home.History(), 1 << 20) == before);
}

TEST_CASE("where no history can be made the controller goes on without, until there is room") {
  ScratchFolder scratch;
  FakeClock clock;
  Home home(scratch.path() + "/not-yet-there");
  auto history = History::Open(clock, home);
  REQUIRE(history);
  auto refused = history->Append(EventOf("a", "TooEarly"));
  REQUIRE_FALSE(refused);
  REQUIRE(std::filesystem::create_directory(home.root()));
  REQUIRE(history->Append(EventOf("a", "Created")));
  CHECK(history->Query({})->size() == 1);
}

// The size limit stands for a full disk: SQLite meets a failed write in both.
TEST_CASE("an event that finds no room on the disk is refused, and the next ones are kept again when there is room") {
  HistoryWorld world;
  History history = world.Open();
  REQUIRE(history.Append(EventOf("a", "Before")));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit tight{16 * 1024, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
  Event large = EventOf("a", "TooLarge");
  large.message = std::string(64 * 1024, 'x');
  Status refused = history.Append(large);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kUnavailable);
  CHECK(refused.error().message.find(world.home.History()) != std::string::npos);
  REQUIRE(history.Append(EventOf("a", "After")));
  auto events = world.Read();
  REQUIRE(events.size() == 2);
  CHECK(events[1].reason == "After");
}

}  // namespace
}  // namespace smhost
