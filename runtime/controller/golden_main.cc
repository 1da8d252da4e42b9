#include "controller/golden_main.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "base/json.h"
#include "base/process.h"
#include "controller/golden_run.h"

namespace smhost {
namespace {

struct GoldenOptions {
  std::string home, socket, set, folder;
};

Result<GoldenOptions> Parse(const std::vector<std::string>& arguments) {
  GoldenOptions options;
  const std::pair<const char*, std::string*> known[] = {
      {"--home", &options.home}, {"--socket", &options.socket}, {"--set", &options.set}, {"--folder", &options.folder}};
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    std::string* value = nullptr;
    for (const auto& [name, into] : known)
      if (arguments[i] == name) value = into;
    if (value == nullptr) return Fail(Code::kInvalid, "unknown option " + arguments[i]);
    if (i + 1 == arguments.size()) return Fail(Code::kInvalid, arguments[i] + " needs a value");
    *value = arguments[i + 1];
  }
  if (options.home.empty() || options.socket.empty() || (options.set.empty() && options.folder.empty()))
    return Fail(Code::kInvalid, "--home, --socket, and --set or --folder are needed");
  return options;
}

GoldenOutcome Run(const GoldenOptions& options) {
  auto files = MakeSystemFiles();
  std::vector<GoldenSet> sets;
  const std::pair<std::string, std::string> sources[] = {
      {options.set, ""}, {options.folder.empty() ? "" : options.folder + "/golden.json", options.folder}};
  for (const auto& [path, folder] : sources) {
    if (path.empty()) continue;
    auto set = ReadGoldenSet(*files, path, folder);
    if (!set) return {(folder.empty() ? "the golden set: " : "golden/golden.json of the artifact: ") + set.error().message, 0, 0};
    sets.push_back(std::move(*set));
  }
  return RunGoldenSets(SystemClock(), options.socket, sets);
}

bool Print(std::string line) {
  line += '\n';
  for (std::string_view rest = line; !rest.empty();) {
    const ssize_t n = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

int GoldenMain(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto options = Parse({arguments + (count > 0 ? 1 : 0), arguments + count});
  if (!options) {
    std::fprintf(stderr, "smhostd golden: %s\nusage: smhostd golden --home DIR --socket PATH --set FILE [--folder DIR]\n",
                 options.error().message.c_str());
    return 2;
  }
  SetProcessTitle("smhostd: golden [" + options->home + "]");
  const GoldenOutcome outcome = Run(*options);
  Json line = {{"passed", outcome.failure.empty()}, {"requests", outcome.requests}, {"slowest_ms", outcome.slowest_ms}};
  if (!outcome.failure.empty()) line["failure"] = outcome.failure;
  return Print(CompactJson(line)) && outcome.failure.empty() ? 0 : 1;
}

}  // namespace smhost
