#include "artifacts/fetch_main.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "artifacts/confine.h"
#include "artifacts/snapshots.h"
#include "base/json.h"
#include "base/failpoint.h"
#include "base/process.h"
#include "state/credentials.h"

namespace smhost {
namespace {

struct Options {
  std::string home, url;
  UnpackLimits limits;
  FetchSettings settings = FetchSettings::FromEnvironment();
  std::optional<std::string> digest;
};

Result<std::uint64_t> Number(const std::string& name, const std::string& text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > INT64_MAX)
    return Fail(Code::kInvalid, name + ": '" + text + "' is no positive number");
  return value;
}

Result<std::chrono::seconds> Seconds(const std::string& name, const std::string& text) {
  SMHOST_TRY(std::uint64_t value, Number(name, text));
  if (value > 1'000'000) return Fail(Code::kInvalid, name + ": more than 1000000 seconds");
  return std::chrono::seconds(value);
}

Status Set(Options& options, const std::string& name, const std::string& value) {
  if (name == "--home") {
    options.home = value;
  } else if (name == "--url") {
    options.url = value;
  } else if (name == "--max-bytes") {
    SMHOST_TRY(options.limits.bytes, Number(name, value));
  } else if (name == "--digest") {
    options.digest = value;
  } else if (name == "--timeout-seconds") {
    SMHOST_TRY(auto seconds, Seconds(name, value));
    options.settings.deadline = SystemClock().Monotonic() + seconds;
  } else if (name == "--stall-seconds") {
    SMHOST_TRY(options.settings.stall_timeout, Seconds(name, value));
  } else {
    return Fail(Code::kInvalid, "unknown option " + name);
  }
  return {};
}

Result<Options> Parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    if (i + 1 == arguments.size()) return Fail(Code::kInvalid, arguments[i] + " needs a value");
    SMHOST_TRY_STATUS(Set(options, arguments[i], arguments[i + 1]));
  }
  if (!options.home.starts_with('/') || options.url.empty())
    return Fail(Code::kInvalid, "--home (an absolute path) and --url are needed");
  return options;
}

// A runtime started in a shell that ran `eval "$(smhost env)"` has its own key in the environment: AWS does not know it.
void ForgetOwnKey(Files& files, const Home& home, FetchSettings& settings) {
  if (!settings.credentials || !settings.s3_endpoint.empty()) return;
  auto own = ReadCredentials(files, home);
  if (own && own->Holds(settings.credentials->access_key)) settings.credentials.reset();
}

Result<Snapshot> Fetch(Options& options) {
  auto files = MakeSystemFiles();
  Home home(options.home);
  ForgetOwnKey(*files, home, options.settings);
  SMHOST_TRY_STATUS(files->MakeFolders(home.Artifacts(), 0700));
  ConfineFetch(home.Artifacts(), options.limits.bytes);
  return SnapshotStore(*files, home).Ensure(options.url, options.limits, options.settings, options.digest);
}

bool Print(std::string line) {
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    ssize_t n = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

int FetchMain(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  auto options = Parse({arguments + (count > 0 ? 1 : 0), arguments + count});
  if (!options) {
    std::fprintf(stderr,
                 "smhostd fetch: %s\nusage: smhostd fetch --home DIR --url URL --max-bytes N [--digest sha256:…] "
                 "[--timeout-seconds N] [--stall-seconds N]\n",
                 options.error().message.c_str());
    return 2;
  }
  // Takes the address out of what ps shows: a presigned one holds a secret.
  SetProcessTitle("smhostd: fetch [" + options->home + "]");
  SMHOST_FAILPOINT(fetch_begins);
  auto snapshot = Fetch(*options);
  SMHOST_FAILPOINT(fetch_answers);
  Json line;
  if (snapshot) {
    line = {{"digest", snapshot->digest}, {"folder", snapshot->folder},
            {"bytes", snapshot->bytes}, {"entries", snapshot->entries}, {"reused", snapshot->reused}};
  } else {
    line = {{"error", {{"code", CodeName(snapshot.error().code)}, {"message", snapshot.error().message}}}};
  }
  return Print(CompactJson(line)) && snapshot ? 0 : 1;
}

}  // namespace smhost
