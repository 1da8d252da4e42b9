#include "controller/fetches.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>

#include "artifacts/url.h"
#include "base/failpoint.h"
#include "base/limits.h"
#include "base/process.h"

namespace smhost {
namespace {
constexpr int kTries = 3;
constexpr Duration kFirstRetry = std::chrono::milliseconds(200);
constexpr int kBackgroundNice = 10;  // what serves goes first
}  // namespace

Fetches::Fetches(EventLoop& loop, const Home& home, std::function<void()> changed, std::function<void()> make_room, Instances::Note note)
    : loop_(loop), home_(home), changed_(std::move(changed)), make_room_(std::move(make_room)), note_(std::move(note)) {}

Fetches::~Fetches() {
  for (auto& [key, fetch] : fetches_) Stop(*fetch);
}

void Fetches::Start(const EndpointKey& endpoint, const VariantSpec& variant) {
  Key key{endpoint, variant.artifact_url};
  if (fetches_.count(key) != 0) return;
  auto fetch = std::make_unique<Fetch>();
  fetch->child = std::make_unique<AnsweringChild>(loop_);
  fetch->url = variant.artifact_url;
  fetch->digest = variant.digest;
  fetch->max_bytes = variant.volume_bytes;
  fetch->timeout = variant.download_timeout;
  auto parsed = ParseArtifactUrl(fetch->url);
  fetch->seen.shown_url = parsed ? parsed->shown : fetch->url;
  note_(endpoint, "Fetching", fetch->seen.shown_url, false);
  Run(key, *(fetches_[key] = std::move(fetch)));
}

void Fetches::Run(const Key& key, Fetch& fetch) {
  ++fetch.tries;
  SpawnOptions options;
  options.arguments = {ProgramFolder() + "/smhostd", "fetch", "--home", home_.root(), "--url", fetch.url,
                       "--max-bytes", std::to_string(fetch.max_bytes)};
  if (!fetch.digest.empty()) options.arguments.insert(options.arguments.end(), {"--digest", fetch.digest});
  options.log_path = home_.ProcessLog("fetch");
  options.nice = kBackgroundNice;
  // It is ended before its entry goes: whatever it calls finds the entry.
  auto started = fetch.child->Start(
      std::move(options), fetch.timeout,
      [this, key](const std::string& text, int status) { Finish(key, *fetches_.at(key), text, status); },
      [this, key] {
        Fetch& late = *fetches_.at(key);
        late.tries = kTries;
        Fail(key, late, "TimedOut", "It was not there within the variant's ModelDataDownloadTimeoutInSeconds.");
      });
  if (!started) return Fail(key, fetch, "Unavailable", started.error().message);
  SMHOST_FAILPOINT(fetch_spawned);
}

void Fetches::Finish(const Key& key, Fetch& fetch, const std::string& text, int status) {
  auto answer = ParseJson(text, "fetch result", limits::kControlMessageBytes);
  std::string digest = answer ? StringOr(*answer, "digest") : "";
  if (digest.empty()) {
    const Json& error = answer ? MemberOr(*answer, "error") : MemberOr(Json(), "");
    std::string message = StringOr(error, "message", "the process that unpacks it " + DescribeExit(status));
    // Killed from outside, as by a system without memory, is not the artifact's fault.
    bool killed = WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM);
    return Fail(key, fetch, StringOr(error, "code", CodeName(killed ? Code::kUnavailable : Code::kInternal)), message);
  }
  fetch.seen.state = ObservedFetch::State::kDone;
  fetch.seen.digest = digest;
  const char* how = BoolOr(*answer, "reused") ? ", which is unpacked already" : "";
  note_(key.first, "Fetched", fetch.seen.shown_url + ": " + digest + how, false);
  changed_();
}

void Fetches::Fail(const Key& key, Fetch& fetch, const std::string& code, const std::string& message) {
  bool again = fetch.tries < kTries && (code == CodeName(Code::kUnavailable) || code == CodeName(Code::kTimedOut));
  note_(key.first, again ? "FetchRetried" : "FetchFailed", message, true);
  if (again) {
    make_room_();
    fetch.retry = loop_.After(kFirstRetry * (1 << fetch.tries), [this, key] {
      if (auto it = fetches_.find(key); it != fetches_.end()) Run(key, *it->second);
    });
    return;
  }
  fetch.seen.state = ObservedFetch::State::kFailed;
  fetch.seen.error = message;
  changed_();
}

bool Fetches::AnyRuns() const {
  return std::any_of(fetches_.begin(), fetches_.end(), [](const auto& one) { return one.second->child->Runs(); });
}

std::set<std::string> Fetches::Digests() const {
  std::set<std::string> digests;
  for (const auto& [key, fetch] : fetches_)
    if (!fetch->seen.digest.empty()) digests.insert(fetch->seen.digest);
  return digests;
}

void Fetches::Stop(Fetch& fetch) {
  loop_.Cancel(fetch.retry);
  fetch.child->Stop();
}

void Fetches::Forget(const EndpointKey& endpoint) {
  for (auto it = fetches_.begin(); it != fetches_.end();) {
    if (it->first.first == endpoint) {
      Stop(*it->second);
      it = fetches_.erase(it);
    } else {
      ++it;
    }
  }
}

std::map<std::string, ObservedFetch> Fetches::Observe(const EndpointKey& endpoint) const {
  std::map<std::string, ObservedFetch> seen;
  for (const auto& [key, fetch] : fetches_)
    if (key.first == endpoint) seen[key.second] = fetch->seen;
  return seen;
}

}  // namespace smhost
