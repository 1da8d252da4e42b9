#include "worker/log_file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/limits.h"
#include "fakes/fake_clock.h"
#include "fakes/scratch_folder.h"

namespace smhost {
namespace {

std::string Content(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("lines carry the time, however the bytes come") {
  ScratchFolder folder;
  FakeClock clock;
  std::string path = folder.path() + "/a.log", time = FormatIso8601(clock.Wall());
  LogFile log(path, clock);
  LineCutter cutter;
  for (const char* part : {"one\ntw", "o\n", "\nthr", "ee"}) cutter.Feed(part, log);
  CHECK(Content(path) == time + " one\n" + time + " two\n" + time + " \n");
  cutter.End(log);
  CHECK(Content(path).substr(3 * (time.size() + 2) + 6) == time + " three\n");
}

TEST_CASE("a line longer than the limit becomes several") {
  ScratchFolder folder;
  FakeClock clock;
  LogFile log(folder.path() + "/a.log", clock);
  LineCutter cutter;
  cutter.Feed(std::string(limits::kLogLineBytes + 10, 'x') + "\n", log);
  std::string text = Content(folder.path() + "/a.log");
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(std::count(text.begin(), text.end(), 'x') == static_cast<long>(limits::kLogLineBytes + 10));
}

TEST_CASE("a log never grows past its limit and one older file is kept") {
  ScratchFolder folder;
  FakeClock clock;
  std::string path = folder.path() + "/a.log";
  LogFile log(path, clock);
  for (std::size_t written = 0; written < 3 * limits::kLogFileBytes; written += 10000) {
    log.WriteLine(std::string(10000, 'x'));
    log.Flush();
  }
  CHECK(std::filesystem::file_size(path) <= limits::kLogFileBytes);
  CHECK(std::filesystem::file_size(path + ".1") <= limits::kLogFileBytes);
  CHECK_FALSE(std::filesystem::exists(path + ".1.1"));
}

TEST_CASE("lines that could not be written are counted in the next that could") {
  ScratchFolder folder;
  FakeClock clock;
  std::string path = folder.path() + "/later/a.log";
  LogFile log(path, clock);
  for (int i = 0; i < 3; ++i) {
    log.WriteLine("lost");
    log.Flush();
  }
  std::filesystem::create_directory(folder.path() + "/later");
  log.WriteLine("kept");
  log.Flush();
  CHECK_THAT(Content(path),
             Catch::Matchers::Contains("3 lines before this one were lost") && Catch::Matchers::EndsWith(" kept\n"));
}

}  // namespace smhost
