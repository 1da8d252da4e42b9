#include "base/failpoint.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace smhost {
namespace {

struct Row {
  const char *name, *process, *step;
};
constexpr Row kRows[] = {
#define SMHOST_FAILPOINT_ROW(name, process, step) {#name, process, step},
    SMHOST_FAILPOINT_TABLE(SMHOST_FAILPOINT_ROW)
#undef SMHOST_FAILPOINT_ROW
};

bool TakeNumber(std::string_view text, int& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0;
}

bool TakeAction(std::string_view word, FailOrder& order) {
  using Action = FailOrder::Action;
  if (word == "kill") return order.action = Action::kKill, true;
  if (word == "stop") return order.action = Action::kStop, true;
  if (word == "eio") return order.action = Action::kEio, true;
  if (!word.starts_with("sleep:")) return false;
  order.action = Action::kSleep;
  return TakeNumber(word.substr(6), order.milliseconds);
}

std::optional<FailOrder> FromEnvironment() {
  const char* text = std::getenv("SMHOST_FAIL");
  if (text == nullptr || *text == '\0') return std::nullopt;
  auto order = ParseFailOrder(text);
  if (order) return *order;
  std::fprintf(stderr, "SMHOST_FAIL: %s\n", order.error().message.c_str());
  return std::nullopt;
}

// Whose call removes the file is the one that fires.
bool MayFire() {
  const char* path = std::getenv("SMHOST_FAIL_ARMED");
  return path == nullptr || *path == '\0' || ::unlink(path) == 0;
}

bool IsArmed() {
  const char* path = std::getenv("SMHOST_FAIL_ARMED");
  return path == nullptr || *path == '\0' || ::access(path, F_OK) == 0;
}

Status Fire(const FailOrder& order) {
  switch (order.action) {
    case FailOrder::Action::kKill: ::kill(::getpid(), SIGKILL); ::pause(); break;
    case FailOrder::Action::kStop: ::kill(::getpid(), SIGSTOP); break;
    case FailOrder::Action::kSleep: std::this_thread::sleep_for(std::chrono::milliseconds(order.milliseconds)); break;
    case FailOrder::Action::kEio:
      return Fail(Code::kUnavailable,
                  std::string(kRows[static_cast<int>(order.point)].name) + ": Input/output error, as SMHOST_FAIL says");
  }
  return {};
}

}  // namespace

std::string FailpointTable() {
  std::string text;
  for (const Row& row : kRows) text += std::string(row.name) + " " + row.process + " " + row.step + "\n";
  return text;
}

Result<FailOrder> ParseFailOrder(std::string_view text) {
  auto wrong = [&](const char* why) { return Fail(Code::kInvalid, "'" + std::string(text) + "': " + why); };
  auto equals = text.find('=');
  if (equals == std::string_view::npos) return wrong("name=action is wanted");
  FailOrder order;
  bool known = false;
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (text.substr(0, equals) != kRows[i].name) continue;
    order.point = static_cast<Failpoint>(i);
    known = true;
  }
  if (!known) return wrong("there is no such point; see smhostd failpoints");
  std::string_view action = text.substr(equals + 1);
  auto at = action.find('@');
  if (at != std::string_view::npos && !TakeNumber(action.substr(at + 1), order.at))
    return wrong("after the @ a number from 1 on is wanted");
  if (!TakeAction(action.substr(0, at), order)) return wrong("kill, stop, sleep:MS or eio is wanted");
  return order;
}

Status PassFailpoint(Failpoint point) {
  static const std::optional<FailOrder> order = FromEnvironment();
  static std::atomic<int> passes{0};
  if (!order || order->point != point || !IsArmed()) return {};
  if (++passes != order->at || !MayFire()) return {};
  return Fire(*order);
}

}  // namespace smhost
