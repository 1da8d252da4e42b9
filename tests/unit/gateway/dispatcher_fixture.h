// A dispatcher without a network: ports that keep what they were given, time that the test moves.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/dispatcher.h"
#include "gateway/shadow_comparer.h"
#include "gateway/suspect_rooms.h"

namespace smhost {

struct TestCall : Call, std::enable_shared_from_this<TestCall> {
  std::optional<CallOutcome> outcome;
  int times = 0;
  std::vector<std::string> parts;
  std::function<void(TestCall&)> on_part;
  void Part(CallOutcome part) override {
    parts.push_back(part.response.body);
    if (on_part) on_part(*this);
  }
  void Done(CallOutcome o) override {
    outcome = std::move(o);
    ++times;
  }
};

struct TestPort : InstancePort {
  std::vector<std::pair<std::uint64_t, std::shared_ptr<Call>>> sent;
  std::vector<std::uint64_t> cancelled, answered;
  bool closed = false;
  void Send(std::uint64_t id, std::shared_ptr<Call> call) override { sent.emplace_back(id, std::move(call)); }
  void Cancel(std::uint64_t id) override { cancelled.push_back(id); }
  std::vector<std::pair<std::uint64_t, std::size_t>> granted;
  void Grant(std::uint64_t id, std::size_t bytes) override { granted.emplace_back(id, bytes); }
  void Close() override { closed = true; }
};

struct DispatcherFixture : DispatcherHost {
  std::map<std::string, std::shared_ptr<TestPort>> ports;
  std::vector<std::string> idle, lost;
  std::vector<std::string> poison;
  std::vector<std::vector<std::string>> poisoned;  // instances, by each of those
  std::vector<std::function<void()>> later;
  std::vector<std::shared_ptr<const ShadowPair>> compared;
  std::map<Call*, int> deaths;  // of instances that owed it the answer
  MonotonicTime now{std::chrono::seconds(1000)};
  PoisonList poison_list;
  SuspectRooms rooms;
  Dispatcher dispatcher{*this, {4, 1000, 2}, poison_list};
  RouteTable table;

  std::shared_ptr<InstancePort> Open(const std::string& id) override { return ports[id] = std::make_shared<TestPort>(); }
  void InstanceIdle(const std::string& id) override { idle.push_back(id); }
  void InstanceLost(const std::string& id) override { lost.push_back(id); }
  void PoisonFound(const Call&, const std::string& variant, const std::string& digest, const std::vector<std::string>& instances) override {
    poison.push_back(variant + " " + digest);
    poisoned.push_back(instances);
  }
  bool EnterRoom(const std::string& id) override { return rooms.Enter(id); }
  void LeaveRoom(const std::string& id) override { rooms.Leave(id); }
  void Later(std::function<void()> work) override { later.push_back(std::move(work)); }
  void Compare(std::shared_ptr<const ShadowPair> pair) override { compared.push_back(std::move(pair)); }
  MonotonicTime Now() override { return now; }
  void RunLater() {
    for (auto& work : std::exchange(later, {})) work();
  }

  using Variants = std::vector<RouteVariant>;
  static RouteVariant Variant(const std::string& name, std::vector<std::string> ids, double weight = 1) {
    RouteVariant variant;
    variant.name = name;
    variant.weight = weight;
    variant.digest = "routed-digest";
    for (auto& id : ids) variant.instances.push_back({id});
    return variant;
  }
  // The variant `v` of a fleet.
  static RouteVariant Of(const std::string& fleet, std::vector<std::string> ids, double weight, double share) {
    RouteVariant variant = Variant("v", std::move(ids), weight);
    variant.fleet = fleet;
    variant.share = share;
    return variant;
  }
  static RouteVariant WithoutReplay(RouteVariant variant) {
    variant.replay = false;
    return variant;
  }
  std::vector<std::string> Route(Variants variants, const std::string& status = "InService") {
    table.endpoints = {{"000000000000", "e", status, false, std::move(variants)}};
    return dispatcher.SetRoutes(table);
  }
  void Ready(const std::string& id) { dispatcher.OnReady(id, "digest-of-" + id); }
  std::shared_ptr<TestCall> Submit(const std::string& body = "b", const std::string& variant = {}, const std::string& endpoint = "e") {
    auto call = std::make_shared<TestCall>();
    call->account = "000000000000";
    call->endpoint = endpoint;
    call->wanted_variant = variant;
    call->body = body;
    call->arrived = now;
    call->deadline = now + std::chrono::seconds(60);
    dispatcher.Submit(call);
    return call;
  }
  // What the instance owes answers to, in the order of their sending.
  std::vector<std::shared_ptr<Call>> Owed(const std::string& id) {
    std::vector<std::shared_ptr<Call>> owed;
    auto& port = *ports[id];
    for (auto& [number, call] : port.sent) {
      bool over = false;
      for (auto* list : {&port.cancelled, &port.answered}) over = over || std::find(list->begin(), list->end(), number) != list->end();
      auto* of_test = dynamic_cast<TestCall*>(call.get());  // else: a copy
      if (!over && (of_test == nullptr || of_test->times == 0)) owed.push_back(call);
    }
    return owed;
  }
  void Lose(const std::string& id) {
    for (auto& call : Owed(id)) ++deaths[call.get()];
    ports[id]->sent.clear();
    dispatcher.OnLost(id);
  }
  const std::shared_ptr<Call>& Last(const std::string& id) { return ports[id]->sent.back().second; }
  std::size_t Sent(const std::string& id) { return ports[id]->sent.size(); }
  bool AnswerLast(const std::string& id) { return Answer(id, ports[id]->sent.back().first); }
  static Frame Response(std::uint64_t number, const std::string& status = "200", const std::string& body = {}) {
    Frame frame;
    frame.type = FrameType::kResponse;
    frame.id = number;
    frame.Set(frame_key::kStatus, status);
    frame.body = body;
    return frame;
  }
  bool Answer(const std::string& id, std::uint64_t number) {
    ports[id]->answered.push_back(number);
    Frame frame = Response(number);
    return dispatcher.OnAnswer(id, frame);
  }
};

}  // namespace smhost
