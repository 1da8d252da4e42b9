#include "state/home.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>

#include "fakes/scratch_folder.h"

namespace smhost {
namespace {

// Sets a variable (or unsets it) and puts back what was there.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = ::getenv(name)) before_ = old;
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST_CASE("the option comes before SMHOST_HOME, that before XDG_STATE_HOME, that before HOME") {
  Variable user("HOME", "/nowhere/user");
  Variable xdg("XDG_STATE_HOME", nullptr);
  Variable own("SMHOST_HOME", nullptr);
  CHECK(Home::Find("")->root() == "/nowhere/user/.local/state/smhost");
  Variable xdg_set("XDG_STATE_HOME", "/nowhere/xdg");
  CHECK(Home::Find("")->root() == "/nowhere/xdg/smhost");
  Variable own_set("SMHOST_HOME", "/nowhere/own/");
  CHECK(Home::Find("")->root() == "/nowhere/own");
  CHECK(Home::Find("/nowhere/option/../other")->root() == "/nowhere/other");
}

TEST_CASE("a relative XDG_STATE_HOME is ignored, as its specification says") {
  Variable user("HOME", "/nowhere/user");
  Variable own("SMHOST_HOME", nullptr);
  Variable xdg("XDG_STATE_HOME", "relative");
  CHECK(Home::Find("")->root() == "/nowhere/user/.local/state/smhost");
}

TEST_CASE("a relative choice becomes absolute and links are resolved, so that everybody locks the same path") {
  ScratchFolder scratch;
  std::filesystem::create_directory(scratch.path() + "/real");
  std::filesystem::create_directory_symlink(scratch.path() + "/real", scratch.path() + "/link");
  CHECK(Home::Find(scratch.path() + "/link/state")->root() ==
        std::filesystem::canonical(scratch.path()).string() + "/real/state");
  CHECK(Home::Find("here")->root() == std::filesystem::current_path().string() + "/here");
}

TEST_CASE("the root of the file system is refused as a state directory") {
  auto home = Home::Find("/");
  REQUIRE_FALSE(home);
  CHECK(home.error().code == Code::kInvalid);
  CHECK(home.error().message.find("--home") != std::string::npos);
}

}  // namespace
}  // namespace smhost
