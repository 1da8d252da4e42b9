#include "controller/templates.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/log.h"
#include "base/sockets.h"
#include "fakes/scratch_folder.h"
#include "wire/control.h"

using namespace smhost;

namespace {

// A launcher that answers when the test says so. The template it "starts" is a process that only waits.
struct Scene {
  ScratchFolder folder;
  Home home{folder.path()};
  std::unique_ptr<Files> files = MakeSystemFiles();
  EventLoop loop;
  Descriptor listener, launcher;
  std::unique_ptr<Templates> templates;
  pid_t child = 0;

  Scene() {
    spdlog::set_level(spdlog::level::off);
    REQUIRE(files->MakeFolders(home.Run() + "/templates", 0700));
    auto listening = ListenUnix(home.LauncherSocket(), SocketKind::kPacket, 4);
    REQUIRE(listening);
    listener = std::move(*listening);
    templates = std::make_unique<Templates>(
        loop, *files, home, Templates::Events{[] {}, [] {}, [](const Exited&) {}, [](const std::string&, const std::string&, bool) {}});
  }
  ~Scene() {
    if (child > 0) ::kill(child, SIGKILL);
    if (child > 0) ::waitpid(child, nullptr, 0);
  }
  TemplateOrder Order() {
    if (!launcher) {
      REQUIRE(WaitReadable(listener, 10'000));
      auto accepted = AcceptConnection(listener);
      REQUIRE(accepted);
      launcher = std::move(*accepted);
    }
    REQUIRE(WaitReadable(launcher, 10'000));
    auto packet = ReceivePacket(launcher);
    REQUIRE(packet);
    auto message = ParseJson(*packet, "order", 1 << 20);
    REQUIRE(message);
    auto order = DecodeTemplateOrder(*message);
    REQUIRE(order);
    return *order;
  }
  void AnswerWithProcess(const TemplateOrder& order) {
    child = ::fork();
    if (child == 0) {
      ::signal(SIGTERM, SIG_DFL);
      for (;;) ::pause();
    }
    REQUIRE(SendPacket(launcher, Encode(Started{order.id, ProcessId{child, StartTimeOf(child), BootId()}, ""})));
  }
};

}  // namespace

// The record of it was dropped, and its process lived on for ever, outside every list.
TEST_CASE("a template that is not wanted any more before the launcher has answered is ended when the answer comes") {
  Scene scene;
  VariantSpec variant;
  variant.digest = "d";
  variant.startup_timeout = std::chrono::seconds(600);
  scene.templates->Start("key", variant, "/model");
  scene.loop.RunOnce(std::chrono::milliseconds(50));
  TemplateOrder order = scene.Order();
  scene.templates->KeepOnly({});
  CHECK(scene.templates->Observe().empty());
  scene.AnswerWithProcess(order);
  int status = 0;
  pid_t ended = 0;
  for (int i = 0; i < 1000 && ended == 0; ++i) {
    scene.loop.RunOnce(std::chrono::milliseconds(10));
    ended = ::waitpid(scene.child, &status, WNOHANG);
  }
  REQUIRE(ended == scene.child);
  scene.child = 0;
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
}
