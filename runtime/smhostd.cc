// The daemon's program: one process kind a first word. Wires nothing itself.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "api_server/api_main.h"
#include "artifacts/fetch_main.h"
#include "base/failpoint.h"
#include "base/process.h"
#include "controller/controller_main.h"
#include "controller/golden_main.h"
#include "gateway/gateway_main.h"
#include "supervisor/supervisor_main.h"

namespace {

constexpr const char* kHelp =
    "usage: smhostd up [--home DIR] [--port N] [--listen ADDRESS] [--foreground]\n"
    "       smhostd --version | --help\n"
    "\n"
    "The runtime of smhost. `up` starts the supervisor of a home in the background and returns once its sockets\n"
    "listen.\n"
    "  --home DIR         the state directory; default: $SMHOST_HOME, else $XDG_STATE_HOME/smhost,\n"
    "                     else ~/.local/state/smhost\n"
    "  --port N           exactly this TCP port, 0 any free one; default: 8790, or the next free one\n"
    "  --listen ADDRESS   the numeric address to listen on; default: 127.0.0.1; beyond\n"
    "                     loopback only HTTPS is answered\n"
    "  --foreground       stay in the foreground and log to stderr\n"
    "\n"
    "The words controller, gateway, api, fetch and golden are for the supervisor and the controller.\n"
    "Signals to the supervisor: TERM and INT stop the runtime in order, a second one kills it; HUP restarts it\n"
    "without refusing a connection.\n"
    "Exit status of `up`: 0 it runs, 1 failed, 2 wrong usage, 100 a runtime has this home already.\n";

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  const std::string word = argv[1];
  if (word == "--help" || word == "-h") {
    std::fputs(kHelp, stdout);
    return 0;
  }
  if (word == "--version") {
    std::printf("smhostd %s\n", SMHOST_VERSION);
    return 0;
  }
#ifdef SMHOST_FAILPOINTS
  if (word == "failpoints") {
    std::fputs(smhost::FailpointTable().c_str(), stdout);
    return 0;
  }
#endif
  // Copied first: the title takes the room of the arguments.
  std::vector<std::string> words(argv + 1, argv + argc);
  std::vector<char*> arguments;
  for (std::string& text : words) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  smhost::PrepareProcessTitle(argc, argv);
  int count = static_cast<int>(words.size());
  if (word == "up") return smhost::SupervisorMain({words.begin() + 1, words.end()}, SMHOST_VERSION);
  if (word == "controller") return smhost::ControllerMain(count, arguments.data());
  if (word == "gateway") return smhost::GatewayMain(count, arguments.data());
  if (word == "api") return smhost::ApiMain(count, arguments.data());
  if (word == "fetch") return smhost::FetchMain(count, arguments.data());
  if (word == "golden") return smhost::GoldenMain(count, arguments.data());
  std::fprintf(stderr, "smhostd: %s: unknown word; see smhostd --help\n", word.c_str());
  return 2;
}
