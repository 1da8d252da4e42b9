#include "controller/goldens.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cerrno>

#include "base/json.h"
#include "base/limits.h"
#include "base/process.h"

namespace smhost {
namespace {

constexpr int kSetDescriptor = 3;  // of the child

// Anonymous memory that the child reads as a file: nothing is left behind, whoever dies.
Result<Descriptor> Held(const std::string& text) {
  Descriptor memory(::memfd_create("golden-set", MFD_CLOEXEC));
  if (!memory) return FailErrno("make memory for", "the golden set", errno);
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t n = ::write(memory.get(), rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FailErrno("keep", "the golden set", errno);
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  return memory;
}

}  // namespace

Goldens::Goldens(EventLoop& loop, const Home& home, std::function<void()> changed, Instances::Note note)
    : loop_(loop), home_(home), changed_(std::move(changed)), note_(std::move(note)) {}

Goldens::~Goldens() {
  for (auto& [key, trial] : trials_) Stop(*trial);
}

bool Goldens::IsIn(const std::string& snapshot) { return ::access((FolderIn(snapshot) + "/golden.json").c_str(), F_OK) == 0; }

void Goldens::Start(const EndpointKey& endpoint, const std::string& fleet, const std::string& variant,
                    const std::string& instance, const std::string& set, const std::string& folder) {
  const Key key{endpoint, variant};
  if (auto known = trials_.find(key); known != trials_.end()) {
    if (known->second->fleet == fleet) return;
    Stop(*known->second);
  }
  Trial& trial = *(trials_[key] = std::make_unique<Trial>());
  trial.fleet = fleet;
  note_(endpoint, "GoldenSetStarted", "variant " + variant, false);
  if (auto run = Run(key, trial, instance, set, folder); !run) End(key, trial, run.error().message);
}

Status Goldens::Run(const Key& key, Trial& trial, const std::string& instance, const std::string& set,
                    const std::string& snapshot) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return FailErrno("make", "a pipe", errno);
  trial.output = Descriptor(ends[0]);
  const Descriptor theirs(ends[1]);
  ::fcntl(ends[1], F_SETFL, 0);
  SpawnOptions options;
  options.arguments = {ProgramFolder() + "/smhostd", "golden", "--home", home_.root(), "--socket", home_.InstanceSocket(instance)};
  options.descriptors = {{ends[1], 1}};
  Descriptor memory;
  if (!set.empty()) {
    SMHOST_TRY(memory, Held(set));
    options.descriptors.push_back({memory.get(), kSetDescriptor});
    options.arguments.insert(options.arguments.end(), {"--set", "/proc/self/fd/" + std::to_string(kSetDescriptor)});
  }
  if (IsIn(snapshot)) options.arguments.insert(options.arguments.end(), {"--folder", FolderIn(snapshot)});
  options.log_path = home_.ProcessLog("golden");
  SMHOST_TRY(trial.pid, Spawn(options));
  loop_.OnReadable(trial.output.get(), [this, key] { Read(key); });
  trial.timer = loop_.After(limits::kGoldenLongest, [this, key] {
    auto it = trials_.find(key);
    if (it == trials_.end()) return;
    Stop(*it->second);
    End(key, *it->second, "not all requests were answered within " + std::to_string(limits::kGoldenLongest.count()) + " s");
  });
  return {};
}

void Goldens::Read(const Key& key) {
  auto it = trials_.find(key);
  if (it == trials_.end()) return;
  Trial& trial = *it->second;
  char room[8192];
  for (;;) {
    const ssize_t n = ::read(trial.output.get(), room, sizeof room);
    if (n > 0 && trial.text.size() < limits::kControlMessageBytes) trial.text.append(room, static_cast<std::size_t>(n));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) break;
  }
  Finish(key, trial);
}

// The pipe has closed: the child is ending or dead.
void Goldens::Finish(const Key& key, Trial& trial) {
  loop_.Cancel(trial.timer);
  loop_.Forget(trial.output.get());
  trial.output.Reset();
  int status = 0;
  while (::waitpid(trial.pid, &status, 0) < 0 && errno == EINTR) {
  }
  trial.pid = 0;
  const auto answer = ParseJson(trial.text, "golden result", limits::kControlMessageBytes);
  if (!answer || !MemberOr(*answer, "passed").is_boolean())
    return End(key, trial, "the process that tries it " + DescribeExit(status));
  if (!BoolOr(*answer, "passed")) return End(key, trial, StringOr(*answer, "failure", "no reason was given"));
  End(key, trial, "");
}

void Goldens::End(const Key& key, Trial& trial, const std::string& failure) {
  trial.seen.state = failure.empty() ? ObservedGolden::State::kPassed : ObservedGolden::State::kFailed;
  trial.seen.error = failure;
  const std::string variant = "variant " + key.second;
  note_(key.first, failure.empty() ? "GoldenSetPassed" : "GoldenSetFailed", failure.empty() ? variant : variant + ": " + failure,
        !failure.empty());
  changed_();
}

void Goldens::Stop(Trial& trial) {
  loop_.Cancel(trial.timer);
  if (trial.output) loop_.Forget(trial.output.get());
  trial.output.Reset();
  if (trial.pid == 0) return;
  ::kill(trial.pid, SIGKILL);  // our own child, not reaped yet: the number is still its
  while (::waitpid(trial.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  trial.pid = 0;
}

void Goldens::Forget(const EndpointKey& endpoint) {
  for (auto it = trials_.begin(); it != trials_.end();) {
    if (it->first.first == endpoint) {
      Stop(*it->second);
      it = trials_.erase(it);
    } else {
      ++it;
    }
  }
}

std::map<std::string, ObservedGolden> Goldens::Observe(const EndpointKey& endpoint) const {
  std::map<std::string, ObservedGolden> seen;
  for (const auto& [key, trial] : trials_)
    if (key.first == endpoint) seen[key.second] = trial->seen;
  return seen;
}

}  // namespace smhost
