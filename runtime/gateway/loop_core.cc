#include "gateway/loop_core.h"

#include <algorithm>
#include <cstring>
#include <ctime>

#include "base/limits.h"
#include "base/log.h"
#include "base/random.h"
#include "gateway/connection.h"
#include "gateway/instance_link.h"

namespace smhost {
namespace {

std::size_t Part(std::size_t whole, int loops) { return std::max<std::size_t>(1, whole / static_cast<std::size_t>(loops)); }

DispatcherLimits Part(DispatcherLimits whole, int loops) {
  return {Part(whole.queue_calls, loops), Part(whole.queue_bytes, loops), whole.outstanding};
}

std::uint64_t Seed() {
  std::uint64_t seed = 0;
  std::memcpy(&seed, RandomBytes(sizeof seed).data(), sizeof seed);
  return seed;
}

// Timeouts are looked at in rounds: a connection costs no timer of its own. An eighth late at most, a second at the most.
Duration RoundFor(const GatewayOptions& o) {
  Duration least = std::min({o.header_timeout, o.body_timeout, o.idle_timeout, o.write_timeout, o.response_timeout});
  return std::clamp<Duration>(least / 8, std::chrono::milliseconds(10), std::chrono::seconds(1));
}

}  // namespace

LoopCore::LoopCore(const GatewayOptions& o, const Home& h, std::string r, int loops, SharedByLoops& shared, LoopReports report)
    : options(o), home(h), region(std::move(r)), reports(std::move(report)), dispatcher(*this, Part(o.dispatch, loops), shared.poison), rooms_(shared.rooms), comparer_(shared.comparer),
      most_connections_(Part(o.connections, loops)), most_held_bytes_(Part(o.held_body_bytes, loops)), scratch_(256 * 1024),
      random_(Seed()), ticker_(io), tick_(RoundFor(o)) {}

LoopCore::~LoopCore() = default;

std::string_view LoopCore::Date() {
  std::time_t now = std::time(nullptr);
  if (now != date_second_) {
    date_second_ = now;
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[64];
    date_.assign(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts));
  }
  return date_;
}

// A version 4 UUID. It names a request, it guards nothing: no need for the kernel's randomness each time.
std::string LoopCore::NewRequestId() {
  static const char kDigits[] = "0123456789abcdef";
  std::uint64_t high = (random_() & ~0xf000ull) | 0x4000ull, low = (random_() & ~(3ull << 62)) | (2ull << 62);
  char text[36];
  int at = 0;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) text[at++] = '-';
    std::uint64_t half = nibble < 16 ? high : low;
    text[at++] = kDigits[(half >> (60 - 4 * (nibble % 16))) & 15];
  }
  return std::string(text, sizeof text);
}

bool LoopCore::HoldBytes(std::size_t bytes) {
  if (held_bytes_ + bytes > most_held_bytes_) return false;
  held_bytes_ += bytes;
  return true;
}

std::list<std::shared_ptr<Connection>>::iterator LoopCore::Add(std::shared_ptr<Connection> connection) {
  ++connections_total_;
  EnsureTicking();
  return connections_.insert(connections_.end(), std::move(connection));
}

void LoopCore::Remove(std::list<std::shared_ptr<Connection>>::iterator place) {
  connections_.erase(place);
  if (room_again && HasRoom()) room_again();
}

void LoopCore::Settle() {
  for (std::size_t i = 0; i < dirty_connections_.size(); ++i) {  // may grow on the way
    auto connection = std::move(dirty_connections_[i]);
    connection->Flush();
  }
  dirty_connections_.clear();
  if (dirty_links_.empty() || links_posted_) return;
  // Alone, a request goes at once; among others it waits for those that the same round of the loop brings, so that one
  // write carries them all.
  if (dispatcher.outstanding() <= 1) return FlushLinks();
  links_posted_ = true;
  asio::post(io, [this] {
    links_posted_ = false;
    FlushLinks();
    Settle();
  });
}

void LoopCore::FlushLinks() {
  auto links = std::move(dirty_links_);
  dirty_links_.clear();
  for (auto& link : links) link->Flush();
  if (!later_.empty()) RunLater();
}

// In a round of its own: what else this one has to do goes first.
void LoopCore::RunLater() {
  asio::post(io, [this, works = std::exchange(later_, {})] {
    for (const auto& work : works) work();
    Settle();
  });
}

void LoopCore::ShedIdle() {
  auto now = Now();
  constexpr int kAtOnce = 64;
  int shed = 0;
  for (auto it = connections_.begin(); it != connections_.end() && shed < kAtOnce;) {
    auto connection = *it++;
    if (!connection->IdleFor(now, limits::kShedIdleAfter)) continue;
    connection->Close();
    ++shed;
  }
  shed_ += static_cast<std::uint64_t>(shed);
}

std::shared_ptr<InstancePort> LoopCore::Open(const std::string& instance) {
  auto link = std::make_shared<InstanceLink>(*this, instance);
  link->Start();
  return link;
}

void LoopCore::PoisonFound(const Call& call, const std::string& variant, const std::string& digest,
                           const std::vector<std::string>& instances) {
  reports.poisoned(instances);
  spdlog::warn("endpoint {} of account {}: a request to variant {} has taken two instances down: content type '{}', {} bytes, "
               "digest {}; it got 500, and the same request is refused for {} s",
               call.endpoint, call.account, variant, call.content_type.substr(0, 128), call.body.size(), digest,
               std::chrono::seconds(limits::kPoisonRemembered).count());
}

// In the round after next: what has come from the instances until now is heard first, and their ends with it.
void LoopCore::RetrySuspects() {
  asio::post(io, [this] {
    asio::post(io, [this] {
      dispatcher.RetrySuspects();
      Settle();
    });
  });
}

void LoopCore::BeginDrain() {
  draining = true;
  tick_ = std::min<Duration>(tick_, std::chrono::milliseconds(50));
  ticking_ = false;
  EnsureTicking();
}

void LoopCore::CloseAll() {
  while (!connections_.empty()) {
    auto connection = connections_.front();
    connection->Close();
  }
}

void LoopCore::EnsureTicking() {
  if (ticking_) return;
  ticking_ = true;
  ticker_.expires_after(tick_);
  ticker_.async_wait([this](const ErrorCode& error) {
    if (error) return;
    ticking_ = false;
    Tick();
    if (!connections_.empty()) EnsureTicking();
  });
}

void LoopCore::Tick() {
  auto now = Now();
  dispatcher.Expire(now);
  for (auto it = connections_.begin(); it != connections_.end();) {
    auto connection = *it++;
    connection->CheckTime(now);
  }
  Settle();
}

MetricsSnapshot LoopCore::Snapshot() const {
  MetricsSnapshot snapshot;
  dispatcher.ForEachVariant([&](const Dispatcher::VariantView& view) {
    auto& variant = snapshot.variants[{view.account, view.endpoint, view.variant}];
    variant.counted = view.metrics;  // the fleets of one name count together
    variant.waiting += view.waiting;
    variant.outstanding += view.outstanding;
    variant.ready += view.ready;
  });
  snapshot.responses = responses_;
  snapshot.connections = connections_.size();
  snapshot.connections_total = connections_total_;
  snapshot.shed_total = shed_;
  snapshot.accept_errors_total = accept_errors_;
  snapshot.held_body_bytes = held_bytes_;
  snapshot.generation = generation;
  return snapshot;
}

}  // namespace smhost
