#include "controller/goldens.h"

#include <sys/mman.h>
#include <unistd.h>

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

bool Goldens::IsIn(const std::string& snapshot) { return ::access((FolderIn(snapshot) + "/golden.json").c_str(), F_OK) == 0; }

void Goldens::Start(const EndpointKey& endpoint, const std::string& fleet, const std::string& variant,
                    const std::string& instance, const std::string& set, const std::string& folder) {
  const Key key{endpoint, variant};
  if (auto known = trials_.find(key); known != trials_.end() && known->second->fleet == fleet) return;
  Trial& trial = *(trials_[key] = std::make_unique<Trial>());
  trial.child = std::make_unique<AnsweringChild>(loop_);
  trial.fleet = fleet;
  note_(endpoint, "GoldenSetStarted", "variant " + variant, false);
  if (auto run = Run(key, trial, instance, set, folder); !run) End(key, trial, run.error().message);
}

Status Goldens::Run(const Key& key, Trial& trial, const std::string& instance, const std::string& set,
                    const std::string& snapshot) {
  SpawnOptions options;
  options.arguments = {ProgramFolder() + "/smhostd", "golden", "--home", home_.root(), "--socket", home_.InstanceSocket(instance)};
  Descriptor memory;
  if (!set.empty()) {
    SMHOST_TRY(memory, Held(set));
    options.descriptors.push_back({memory.get(), kSetDescriptor});
    options.arguments.insert(options.arguments.end(), {"--set", "/proc/self/fd/" + std::to_string(kSetDescriptor)});
  }
  if (IsIn(snapshot)) options.arguments.insert(options.arguments.end(), {"--folder", FolderIn(snapshot)});
  options.log_path = home_.ProcessLog("golden");
  // It is ended before its entry goes: whatever it calls finds the entry.
  return trial.child->Start(
      std::move(options), limits::kGoldenLongest,
      [this, key](const std::string& text, int status) { Finish(key, *trials_.at(key), text, status); },
      [this, key] {
        End(key, *trials_.at(key),
            "not all requests were answered within " + std::to_string(limits::kGoldenLongest.count()) + " s");
      });
}

void Goldens::Finish(const Key& key, Trial& trial, const std::string& text, int status) {
  const auto answer = ParseJson(text, "golden result", limits::kControlMessageBytes);
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

void Goldens::Forget(const EndpointKey& endpoint) {
  std::erase_if(trials_, [&](const auto& entry) { return entry.first.first == endpoint; });
}

std::map<std::string, ObservedGolden> Goldens::Observe(const EndpointKey& endpoint) const {
  std::map<std::string, ObservedGolden> seen;
  for (const auto& [key, trial] : trials_)
    if (key.first == endpoint) seen[key.second] = trial->seen;
  return seen;
}

}  // namespace smhost
