#include "controller/journal_codec.h"

#include "base/digest.h"

namespace smhost {
namespace {

Json ToJson(const VariantSpec& v) {
  return {{"name", v.name},
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
          {"digest", v.digest}};
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
  v.digest = StringOr(j, "digest");
  return v;
}

Json ToJson(const Fleet& fleet) {
  Json variants = Json::array();
  for (const auto& variant : fleet.variants) variants.push_back(ToJson(variant));
  return {{"id", fleet.id}, {"revision", fleet.revision}, {"config_name", fleet.config_name}, {"variants", variants}};
}

Fleet FleetFrom(const Json& j) {
  Fleet fleet{StringOr(j, "id"), StringOr(j, "revision"), StringOr(j, "config_name"), {}};
  for (const auto& variant : MemberOr(j, "variants")) fleet.variants.push_back(VariantFrom(variant));
  return fleet;
}

}  // namespace

Json JournalToJson(const Journal& journal) {
  Json j = {{"endpoint_uid", journal.endpoint_uid},
            {"endpoint_generation", journal.endpoint_generation},
            {"published", journal.published},
            {"leaving", Json::array()}};
  if (journal.serving) j["serving"] = ToJson(*journal.serving);
  if (journal.coming) j["coming"] = ToJson(*journal.coming);
  for (const auto& fleet : journal.leaving) j["leaving"].push_back(ToJson(fleet));
  if (journal.failure)
    j["failure"] = {{"revision", journal.failure->revision},
                    {"endpoint_generation", journal.failure->endpoint_generation},
                    {"reason", journal.failure->reason}};
  return j;
}

Result<Journal> JournalFromJson(const Json& j) {
  if (!j.is_object() || !j.contains("endpoint_uid")) return Fail(Code::kCorrupt, "deployment journal: not one of ours");
  Journal journal;
  journal.endpoint_uid = StringOr(j, "endpoint_uid");
  journal.endpoint_generation = static_cast<std::uint64_t>(IntOr(j, "endpoint_generation"));
  journal.published = BoolOr(j, "published");
  if (j.contains("serving")) journal.serving = FleetFrom(j["serving"]);
  if (j.contains("coming")) journal.coming = FleetFrom(j["coming"]);
  for (const auto& fleet : MemberOr(j, "leaving")) journal.leaving.push_back(FleetFrom(fleet));
  if (const Json& f = MemberOr(j, "failure"); f.is_object())
    journal.failure = Failure{StringOr(f, "revision"), static_cast<std::uint64_t>(IntOr(f, "endpoint_generation")), StringOr(f, "reason")};
  return journal;
}

std::string RevisionOf(const Fleet& fleet) {
  Json j = ToJson(fleet);
  j.erase("id");
  j.erase("revision");
  for (auto& variant : j["variants"]) variant.erase("digest");
  return Sha256Hex(CompactJson(j));
}

}  // namespace smhost
