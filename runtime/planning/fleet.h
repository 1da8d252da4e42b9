// What a deployment is made of: variants, complete and by value, and fleets, which are all instances of one revision of an
// endpoint. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace smhost {

// One production or shadow variant, composed of the endpoint configuration, the model and the instance type.
struct VariantSpec {
  std::string name, model, artifact_url;
  std::map<std::string, std::string> environment;
  std::string image, instance_type;
  double weight = 1.0;
  int count = 1;
  int threads = 1;
  std::uint64_t memory_bytes = 0, volume_bytes = 0;
  std::chrono::seconds startup_timeout{480}, download_timeout{3600};
  bool shadow = false;   // gets copies of requests; its weight against the production variants' sum is the part copied
  std::string golden;    // the golden set that it must pass first, as JSON; empty: none by document
  std::string digest;    // of its snapshot, "sha256:…": empty until fetched, then pinned for the fleet's life
  bool operator==(const VariantSpec&) const = default;
};

struct Fleet {
  std::string id;           // "f-" + revision's first digits + a number: unique within the endpoint
  std::string revision;     // digest of all that makes it another fleet: not its id, digests of snapshots, golden sets
  std::string config_name;
  std::vector<VariantSpec> variants;
  bool operator==(const Fleet&) const = default;
};

// The settings that matter to a loaded model: variants with equal keys share a template and so their weights.
std::string TemplateKey(const VariantSpec& variant);

// Do they differ in weights and instance counts at most (and in what only a start looks at)? Then the one becomes the
// other where it stands.
bool DifferInSizeAlone(const Fleet& a, const Fleet& b);

const VariantSpec* FindVariant(const Fleet& fleet, const std::string& name);

}  // namespace smhost
