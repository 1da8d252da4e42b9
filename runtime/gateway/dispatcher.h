// Decides which instance answers which call: endpoint, variant by weight, the variant's queue, the instance with the
// fewest outstanding. Owned by one loop and used on its thread alone; does no I/O and reads no clock, so that a test
// moves the time. Never blocks, never drops a call without telling it.
//
// While traffic moves between two fleets, both fleets' variants of one name stand side by side: of the calls that name no
// variant each gets its weight's part, of those that name it each gets its share's, exactly; where one has no ready
// instance, another with a share takes its calls.
//
// A call whose instance is lost runs once more, before those that wait. It is a suspect: it may be what the instance died of.
// So it is sent alone, to an instance that owes nothing and gets nothing else meanwhile; half of the instances at most are
// set apart for that. If that one is lost too, the call gets no third: it is poison, and remembered as such.
//
// A call that takes its answer in parts keeps its place at the instance until the last one, is never sent again once it was
// given one, and is not copied to shadow variants, which have one answer to compare.
//
// A call of a session goes to the session's instance and nowhere else: it waits for it alone, and ends with it.
//
// A shadow variant gets copies of a sample of its fleet's calls, after the calls themselves are on their way: no caller
// waits for one or learns of it. Its answers are counted and compared.
//
// An instance, as one loop sees it:
//
//     routed, connecting ──OnReady──► routed, ready ──routes without it──► leaving (owes answers) ──last answer──► gone
//           ▲                              │                                    │
//           └──────────────OnLost──────────┘                                    └──OnLost──► gone
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/call.h"
#include "gateway/poison_list.h"
#include "gateway/variant_metrics.h"
#include "wire/routes.h"

namespace smhost {

struct DispatcherEndpoint;

// The connection to one instance. It connects by itself, again and again, until Close.
class InstancePort {
 public:
  virtual ~InstancePort() = default;
  virtual void Send(std::uint64_t id, std::shared_ptr<Call> call) = 0;
  virtual void Cancel(std::uint64_t id) = 0;
  virtual void Grant(std::uint64_t id, std::size_t bytes) = 0;
  virtual void Close() = 0;  // the dispatcher uses it no more
};

class DispatcherHost {
 public:
  virtual ~DispatcherHost() = default;
  virtual std::shared_ptr<InstancePort> Open(const std::string& instance) = 0;
  virtual void InstanceIdle(const std::string& instance) = 0;  // not routed to any more, and owes nothing
  virtual void InstanceLost(const std::string& instance) = 0;
  // `instances`: that it took down.
  virtual void PoisonFound(const Call& call, const std::string& variant, const std::string& digest,
                           const std::vector<std::string>& instances) = 0;
  // False: a suspect of another loop is at the instance; RetrySuspects is called when that may have changed.
  virtual bool EnterRoom(const std::string& instance) = 0;
  virtual void LeaveRoom(const std::string& instance) = 0;
  // To be run on this loop after what was sent until now is on its way.
  virtual void Later(std::function<void()> work) = 0;
  // Both answers are there. Compared elsewhere: it must take no time here.
  virtual void Compare(std::shared_ptr<const ShadowPair> pair) = 0;
  virtual MonotonicTime Now() = 0;
};

struct DispatcherLimits {
  std::size_t queue_calls, queue_bytes;  // of one variant
  int outstanding;                       // of one instance
};

class Dispatcher {
 public:
  Dispatcher(DispatcherHost& host, DispatcherLimits limits, PoisonList& poison);
  ~Dispatcher();

  // From now on. Calls that wait for a variant that went away find another one. Returns the instances that are routed
  // to no more and still owe an answer; each of them, and no other, is reported by InstanceIdle later.
  // `slots`: where the table's variants are counted; those that are not there are not.
  std::vector<std::string> SetRoutes(const RouteTable& routes, const CounterSlots& slots = {});

  // Is there such an endpoint, and does it serve?
  bool ServesEndpoint(const std::string& account, const std::string& endpoint);
  // The call's Done may come before this returns.
  void Submit(std::shared_ptr<Call> call);
  // The caller went away: Done does not come any more.
  void Cancel(const std::shared_ptr<Call>& call);
  // So many bytes of the parts that the call was given are on their way to its client: as many more may come.
  void Grant(const std::shared_ptr<Call>& call, std::size_t bytes);
  // Ends the calls whose deadline has come.
  void Expire(MonotonicTime now);
  // Ends all calls, those at instances too.
  void Stop();

  void RetrySuspects();

  // From ports. `digest`: of the model that the instance says it serves.
  void OnReady(const std::string& instance, const std::string& digest);
  // False: it answers what nobody asked, or in parts where it must not; the port must be reset and OnLost called.
  bool OnAnswer(const std::string& instance, Frame& response);
  // The connection is gone; what was sent on it is lost.
  void OnLost(const std::string& instance);

  std::size_t outstanding() const { return outstanding_; }
  std::size_t waiting() const;
  struct VariantView {
    const std::string& account;
    const std::string& endpoint;
    const std::string& variant;
    const std::string& fleet;
    std::size_t waiting, outstanding, ready;
    const VariantMetrics& metrics;  // of all fleets' variants of this name: the same object
  };
  void ForEachVariant(const std::function<void(const VariantView&)>& visit) const;

 private:
  using VariantPtr = std::shared_ptr<DispatcherVariant>;

  // dispatcher.cc
  DispatcherEndpoint* Find(const std::string& account, const std::string& name);
  VariantPtr Choose(const Call& call, CallOutcome::Kind& why_not);
  void Enqueue(const VariantPtr& variant, std::shared_ptr<Call> call);
  DispatcherInstance* Freest(const DispatcherVariant& variant) const;
  void Pump(DispatcherVariant& variant);
  void PumpPinned(DispatcherVariant& variant);
  VariantPtr WithSession(const Call& call);
  void Send(DispatcherInstance& instance, std::shared_ptr<Call> call);
  bool OnPart(DispatcherInstance& instance, const std::shared_ptr<Call>& call, Frame& response);
  std::shared_ptr<Call> TakeBack(DispatcherInstance& instance, std::size_t position);
  void End(CallOutcome::Kind kind, const std::shared_ptr<Call>& call, std::string request_digest = {});
  void RetireIfIdle(DispatcherInstance& instance);
  std::vector<std::shared_ptr<Call>> AllCalls() const;

  // dispatcher_replay.cc
  void LoseAll(DispatcherInstance& instance);
  void Replay(const std::shared_ptr<Call>& call, const std::string& lost_with);
  void Convict(const std::shared_ptr<Call>& call, const std::string& lost_with);
  bool RefusePoison(const VariantPtr& variant, const std::shared_ptr<Call>& call);
  void EnqueueSuspect(const VariantPtr& variant, std::shared_ptr<Call> call);
  bool SendSuspect(DispatcherVariant& variant, DispatcherInstance& instance);
  void LeaveRoom(DispatcherInstance& instance);
  void PumpSuspects(DispatcherVariant& variant);
  static DispatcherVariant* ReadySibling(const DispatcherVariant& variant);
  void Relieve(DispatcherVariant& variant);

  // dispatcher_shadow.cc
  class Copy;
  void CopyToShadows(DispatcherVariant& variant, const std::shared_ptr<Call>& call);
  void SendCopy(const VariantPtr& shadow, const Call& call, const std::shared_ptr<ShadowPair>& pair);
  void PairAnswer(Call& call, const Frame& response);

  // dispatcher_routes.cc
  std::vector<std::shared_ptr<Call>> ReplaceEndpoints(const RouteTable& routes, const CounterSlots& slots);
  std::unique_ptr<DispatcherEndpoint> MakeEndpoint(const RouteEndpoint& route, const CounterSlots& slots, DispatcherEndpoint* before);
  static void SplitNames(DispatcherEndpoint& endpoint, DispatcherEndpoint* same_before);
  void RouteInstances(const VariantPtr& variant, const RouteVariant& route);
  std::vector<std::string> RetireUnrouted();

  DispatcherHost& host_;
  const DispatcherLimits limits_;
  PoisonList& poison_;
  std::unordered_map<std::string, std::unique_ptr<DispatcherEndpoint>> endpoints_;  // "account/name"
  std::unordered_map<std::string, std::unique_ptr<DispatcherInstance>> instances_;
  std::string key_;  // of the endpoint looked for; here so that a look-up allocates nothing
  std::size_t outstanding_ = 0;
};

}  // namespace smhost
