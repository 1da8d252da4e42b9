#include "controller/journal_codec.h"

#include "base/digest.h"
#include "base/json_object.h"

namespace smhost {
namespace {

Json ToJson(const VariantSpec& v) {
  return ObjectOf({{"name", v.name},
                   {"model", v.model},
                   {"artifact_url", v.artifact_url},
                   {"environment", v.environment},
                   {"image", v.image},
                   {"instance_type", v.instance_type},
                   {"weight", v.weight},
                   {"count", v.count},
                   {"threads", v.threads},
                   {"memory_bytes", v.memory_bytes},
                   {"volume_bytes", v.volume_bytes},
                   {"startup_timeout_s", v.startup_timeout.count()},
                   {"download_timeout_s", v.download_timeout.count()},
                   {"shadow", v.shadow},
                   {"golden", v.golden},
                   {"digest", v.digest}});
}

VariantSpec VariantFrom(const Json& j) {
  VariantSpec v;
  v.name = StringOr(j, "name");
  v.model = StringOr(j, "model");
  v.artifact_url = StringOr(j, "artifact_url");
  for (const auto& [key, value] : MemberOr(j, "environment").items())
    if (value.is_string()) v.environment[key] = value.get<std::string>();
  v.image = StringOr(j, "image");
  v.instance_type = StringOr(j, "instance_type");
  v.weight = DoubleOr(j, "weight", 1.0);
  v.count = static_cast<int>(IntOr(j, "count", 1));
  v.threads = static_cast<int>(IntOr(j, "threads", 1));
  v.memory_bytes = static_cast<std::uint64_t>(IntOr(j, "memory_bytes"));
  v.volume_bytes = static_cast<std::uint64_t>(IntOr(j, "volume_bytes"));
  v.startup_timeout = std::chrono::seconds(IntOr(j, "startup_timeout_s", 480));
  v.download_timeout = std::chrono::seconds(IntOr(j, "download_timeout_s", 3600));
  v.shadow = BoolOr(j, "shadow");
  v.golden = StringOr(j, "golden");
  v.digest = StringOr(j, "digest");
  return v;
}

Fleet FleetFrom(const Json& j) {
  Fleet fleet{StringOr(j, "id"), StringOr(j, "revision"), StringOr(j, "config_name"), {}};
  for (const auto& variant : MemberOr(j, "variants")) fleet.variants.push_back(VariantFrom(variant));
  return fleet;
}

std::int64_t Nanoseconds(MonotonicTime time) { return std::chrono::duration_cast<Duration>(time.time_since_epoch()).count(); }
MonotonicTime TimeFrom(std::int64_t nanoseconds) {
  return MonotonicTime(std::chrono::duration_cast<MonotonicTime::duration>(Duration(nanoseconds)));
}

Json ToJson(const CapacitySize& size) { return ObjectOf({{"percent", size.percent}, {"value", size.value}}); }
CapacitySize SizeFrom(const Json& j) {
  return {!j.is_object() || BoolOr(j, "percent"), static_cast<int>(IntOr(j, "value", 100))};
}

Json ToJson(const DeploymentPolicy& p) {
  Json j = ObjectOf({{"kind", PolicyName(p.kind)},
                     {"size", ToJson(p.size)},
                     {"rollback_size", ToJson(p.rollback_size)},
                     {"wait_s", p.wait.count()},
                     {"termination_wait_s", p.termination_wait.count()},
                     {"alarms", p.alarms}});
  if (p.longest) j["longest_s"] = p.longest->count();
  return j;
}

DeploymentPolicy PolicyFrom(const Json& j) {
  using Kind = DeploymentPolicy::Kind;
  DeploymentPolicy p;
  for (Kind kind : {Kind::kAllAtOnce, Kind::kCanary, Kind::kLinear, Kind::kRolling})
    if (StringOr(j, "kind") == PolicyName(kind)) p.kind = kind;
  p.size = SizeFrom(MemberOr(j, "size"));
  p.rollback_size = SizeFrom(MemberOr(j, "rollback_size"));
  p.wait = std::chrono::seconds(IntOr(j, "wait_s"));
  p.termination_wait = std::chrono::seconds(IntOr(j, "termination_wait_s"));
  if (j.contains("longest_s")) p.longest = std::chrono::seconds(IntOr(j, "longest_s"));
  for (const auto& alarm : MemberOr(j, "alarms"))
    if (alarm.is_string()) p.alarms.push_back(alarm.get<std::string>());
  return p;
}

const char* WayName(Rollout::Way way) {
  switch (way) {
    case Rollout::Way::kForward: return "forward";
    case Rollout::Way::kBack: return "back";
    case Rollout::Way::kStuck: return "stuck";
  }
  return "forward";
}

Json ToJson(const Rollout& r) {
  Json j = ObjectOf({{"policy", ToJson(r.policy)},
                     {"way", WayName(r.way)},
                     {"step", r.step},
                     {"began_ns", Nanoseconds(r.began)},
                     {"reason", r.reason}});
  if (r.baking_since) j["baking_since_ns"] = Nanoseconds(*r.baking_since);
  return j;
}

Rollout RolloutFrom(const Json& j, bool same_boot, MonotonicTime now) {
  Rollout r;
  r.policy = PolicyFrom(MemberOr(j, "policy"));
  for (auto way : {Rollout::Way::kBack, Rollout::Way::kStuck})
    if (StringOr(j, "way") == WayName(way)) r.way = way;
  r.step = static_cast<int>(IntOr(j, "step"));
  r.began = same_boot ? TimeFrom(IntOr(j, "began_ns")) : now;
  if (same_boot && j.contains("baking_since_ns")) r.baking_since = TimeFrom(IntOr(j, "baking_since_ns"));
  r.reason = StringOr(j, "reason");
  return r;
}

}  // namespace

Json FleetToJson(const Fleet& fleet) {
  Json variants = Json::array();
  for (const auto& variant : fleet.variants) variants.push_back(ToJson(variant));
  return ObjectOf({{"id", fleet.id}, {"revision", fleet.revision}, {"config_name", fleet.config_name}, {"variants", std::move(variants)}});
}

Json JournalToJson(const Journal& journal, const std::string& boot_id) {
  Json j = ObjectOf({{"endpoint_uid", journal.endpoint_uid},
                     {"endpoint_generation", journal.endpoint_generation},
                     {"published", journal.published},
                     {"returning", journal.returning},
                     {"deployment_config", journal.deployment_config},
                     {"restored", journal.restored},
                     {"boot_id", boot_id},
                     {"leaving", Json::array()}});
  if (journal.serving) j["serving"] = FleetToJson(*journal.serving);
  if (journal.coming) j["coming"] = FleetToJson(*journal.coming);
  if (journal.rollout) j["rollout"] = ToJson(*journal.rollout);
  if (journal.resized_from) j["resized_from"] = FleetToJson(*journal.resized_from);
  for (const auto& leaving : journal.leaving) {
    Json fleet = FleetToJson(leaving.fleet);
    if (leaving.keep_until) fleet["keep_until_ns"] = Nanoseconds(*leaving.keep_until);
    j["leaving"].push_back(std::move(fleet));
  }
  if (journal.failure)
    j["failure"] = {{"revision", journal.failure->revision},
                    {"endpoint_generation", journal.failure->endpoint_generation},
                    {"reason", journal.failure->reason}};
  return j;
}

Result<Journal> JournalFromJson(const Json& j, const std::string& boot_id, MonotonicTime now) {
  if (!j.is_object() || !j.contains("endpoint_uid")) return Fail(Code::kCorrupt, "deployment journal: not one of ours");
  const bool same_boot = StringOr(j, "boot_id") == boot_id;
  Journal journal;
  journal.endpoint_uid = StringOr(j, "endpoint_uid");
  journal.endpoint_generation = static_cast<std::uint64_t>(IntOr(j, "endpoint_generation"));
  journal.published = BoolOr(j, "published");
  journal.returning = BoolOr(j, "returning");
  journal.deployment_config = StringOr(j, "deployment_config");
  journal.restored = StringOr(j, "restored");
  if (j.contains("serving")) journal.serving = FleetFrom(j["serving"]);
  if (j.contains("coming")) {
    journal.coming = FleetFrom(j["coming"]);
    journal.rollout = RolloutFrom(MemberOr(j, "rollout"), same_boot, now);
  }
  if (j.contains("resized_from")) journal.resized_from = FleetFrom(j["resized_from"]);
  for (const auto& fleet : MemberOr(j, "leaving")) {
    Leaving leaving{FleetFrom(fleet), {}};
    if (same_boot && fleet.contains("keep_until_ns")) leaving.keep_until = TimeFrom(IntOr(fleet, "keep_until_ns"));
    journal.leaving.push_back(std::move(leaving));
  }
  if (const Json& f = MemberOr(j, "failure"); f.is_object())
    journal.failure = Failure{StringOr(f, "revision"), static_cast<std::uint64_t>(IntOr(f, "endpoint_generation")), StringOr(f, "reason")};
  return journal;
}

std::string RevisionOf(const Fleet& fleet) {
  Json j = FleetToJson(fleet);
  j.erase("id");
  j.erase("revision");
  for (auto& variant : j["variants"]) {
    variant.erase("digest");
    variant.erase("golden");
  }
  return Sha256Hex(CompactJson(j));
}

}  // namespace smhost
