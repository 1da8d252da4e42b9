#include "log_files.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "fakes/scratch_folder.h"

namespace smhost::cli {
namespace {

struct Fixture {
  ScratchFolder scratch;
  std::string folder = scratch.path() + "/vad";

  void Append(const std::string& variant, const std::string& file, const std::string& text) {
    std::filesystem::create_directories(folder + "/" + variant);
    std::ofstream(folder + "/" + variant + "/" + file, std::ios::app) << text;
  }
  static std::vector<std::string> Texts(const std::vector<LogLine>& lines) {
    std::vector<std::string> texts;
    for (const LogLine& line : lines) texts.push_back(line.variant + "/" + line.instance + " " + line.message);
    return texts;
  }
};

using Words = std::vector<std::string>;

TEST_CASE_METHOD(Fixture, "lines of all variants and instances are merged by time") {
  Append("blue", "i-1.log", "2026-01-31T12:00:01.000Z one\n2026-01-31T12:00:03.000Z three\n");
  Append("green", "i-2.log", "2026-01-31T12:00:02.000Z two\n");
  CHECK(Texts(LogFiles(folder, "").ReadNew(nullptr)) == Words{"blue/i-1 one", "green/i-2 two", "blue/i-1 three"});
  CHECK(Texts(LogFiles(folder, "green").ReadNew(nullptr)) == Words{"green/i-2 two"});
}

TEST_CASE_METHOD(Fixture, "a line without a time stays behind the line before it") {
  Append("blue", "i-1.log", "2026-01-31T12:00:01.000Z Traceback\n  at line 3\n");
  Append("green", "i-2.log", "2026-01-31T12:00:02.000Z two\n");
  CHECK(Texts(LogFiles(folder, "").ReadNew(nullptr)) ==
        Words{"blue/i-1 Traceback", "blue/i-1   at line 3", "green/i-2 two"});
}

TEST_CASE_METHOD(Fixture, "only what came since is read, and a line only once it is whole") {
  Append("blue", "i-1.log", "2026-01-31T12:00:01.000Z one\n2026-01-31T12:00:02.000Z tw");
  LogFiles logs(folder, "");
  CHECK(Texts(logs.ReadNew(nullptr)) == Words{"blue/i-1 one"});
  CHECK(logs.ReadNew(nullptr).empty());
  Append("blue", "i-1.log", "o\n");
  CHECK(Texts(logs.ReadNew(nullptr)) == Words{"blue/i-1 two"});
}

TEST_CASE_METHOD(Fixture, "a rotated file is not read twice and loses no line") {
  Append("blue", "i-1.log", "2026-01-31T12:00:01.000Z one\n");
  LogFiles logs(folder, "");
  logs.ReadNew(nullptr);
  Append("blue", "i-1.log", "2026-01-31T12:00:02.000Z two\n");
  std::filesystem::rename(folder + "/blue/i-1.log", folder + "/blue/i-1.log.1");
  Append("blue", "i-1.log", "2026-01-31T12:00:03.000Z three\n");
  CHECK(Texts(logs.ReadNew(nullptr)) == Words{"blue/i-1 two", "blue/i-1 three"});
}

TEST_CASE_METHOD(Fixture, "no folder is no log") {
  LogFiles logs(folder, "");
  CHECK_FALSE(logs.exists());
  CHECK(logs.ReadNew(nullptr).empty());
  CHECK(logs.Variants().empty());
}

}  // namespace
}  // namespace smhost::cli
