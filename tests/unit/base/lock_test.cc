#include "base/lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fakes/scratch_folder.h"

namespace smhost {
namespace {

using namespace std::chrono_literals;

std::string ContentOf(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST_CASE("a taken lock is held, refuses a second taker, and is free when its owner lets go") {
  ScratchFolder scratch;
  std::string path = scratch.path() + "/lock";
  CHECK_FALSE(FileLock::Held(path));
  {
    auto lock = FileLock::Take(path, 0ms);
    REQUIRE(lock);
    CHECK(FileLock::Held(path));
    auto second = FileLock::Take(path, 0ms);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Code::kConflict);
    CHECK(second.error().message.find(path) != std::string::npos);
  }
  CHECK_FALSE(FileLock::Held(path));
  CHECK(std::filesystem::exists(path));
  CHECK(FileLock::Take(path, 0ms));
}

TEST_CASE("a lock lives as long as any descriptor that came from it") {
  ScratchFolder scratch;
  std::string path = scratch.path() + "/lock";
  int inherited = -1;
  {
    auto lock = FileLock::Take(path, 0ms);
    REQUIRE(lock);
    inherited = ::dup(lock->fd());
  }
  CHECK(FileLock::Held(path));
  ::close(inherited);
  CHECK_FALSE(FileLock::Held(path));
}

TEST_CASE("children inherit a lock only where they are meant to") {
  ScratchFolder scratch;
  auto inner = FileLock::Take(scratch.path() + "/inner", 0ms);
  auto inherited = FileLock::Take(scratch.path() + "/inherited", 0ms, true);
  REQUIRE(inner);
  REQUIRE(inherited);
  CHECK((::fcntl(inner->fd(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK((::fcntl(inherited->fd(), F_GETFD) & FD_CLOEXEC) == 0);
}

TEST_CASE("the content of a lock file is replaced as a whole and its mode is the owner's alone") {
  ScratchFolder scratch;
  std::string path = scratch.path() + "/lock";
  mode_t before = ::umask(0);
  auto lock = FileLock::Take(path, 0ms);
  ::umask(before);
  REQUIRE(lock);
  REQUIRE(lock->SetContent("a long first content"));
  REQUIRE(lock->SetContent("short"));
  CHECK(ContentOf(path) == "short");
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a lock is not taken through a symbolic link") {
  ScratchFolder scratch;
  std::ofstream(scratch.path() + "/target") << "foreign";
  std::filesystem::create_symlink(scratch.path() + "/target", scratch.path() + "/lock");
  CHECK_FALSE(FileLock::Take(scratch.path() + "/lock", 0ms));
  CHECK_FALSE(FileLock::Held(scratch.path() + "/lock"));
}

}  // namespace
}  // namespace smhost
