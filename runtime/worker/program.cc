#include "worker/program.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/process.h"
#include "worker/launcher.h"

namespace smhost {
namespace {

constexpr int kExitUsage = 2;
constexpr const char* kUsage =
    "usage: smhost-worker launcher --home DIR [--log FILE] [--beat-fd N]\n"
    "\n"
    "Loads LibTorch once and forks templates and instances from it on the controller's order. smhostd starts it; see\n"
    "smhost-worker(8).\n";

struct CommandLine {
  std::string role, home, log, beat = "-1";
};

bool Parse(int argc, char** argv, CommandLine& line, std::string& wrong) {
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "--home" || word == "--log" || word == "--beat-fd") {
      if (i + 1 == argc) return wrong = word + " wants a value", false;
      (word == "--home" ? line.home : word == "--log" ? line.log : line.beat) = argv[++i];
    } else if (line.role.empty() && word[0] != '-') {
      line.role = word;
    } else {
      return wrong = "unknown argument '" + word + "'", false;
    }
  }
  if (line.role != "launcher") return wrong = "the one role to start by hand is 'launcher'", false;
  if (line.home.empty() || line.home[0] != '/')
    return wrong = "--home wants the absolute path of a state directory", false;
  return true;
}

}  // namespace

int RunWorkerProgram(int argc, char** argv, Backend& backend) {
  CommandLine line;
  std::string wrong;
  if (argc == 2 && std::string(argv[1]) == "--help") {
    std::fputs(kUsage, stdout);
    return 0;
  }
  if (!Parse(argc, argv, line, wrong)) {
    std::fprintf(stderr, "smhost-worker: %s\n%s", wrong.c_str(), kUsage);
    return kExitUsage;
  }
  PrepareProcessTitle(argc, argv);
  return RunLauncher(Home(line.home), line.log, std::atoi(line.beat.c_str()), backend);
}

}  // namespace smhost
