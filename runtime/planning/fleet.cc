#include "planning/fleet.h"

namespace smhost {

std::string TemplateKey(const VariantSpec& variant) {
  std::string key = variant.digest;
  for (const auto& [name, value] : variant.environment) key += "\n" + name + "=" + value;
  return key;
}

bool DifferInSizeAlone(const Fleet& a, const Fleet& b) {
  if (a.config_name != b.config_name || a.variants.size() != b.variants.size()) return false;
  for (std::size_t i = 0; i < a.variants.size(); ++i) {
    VariantSpec resized = a.variants[i];
    const VariantSpec& other = b.variants[i];
    resized.weight = other.weight;
    resized.count = other.count;
    resized.startup_timeout = other.startup_timeout;
    resized.download_timeout = other.download_timeout;
    resized.golden = other.golden;
    resized.digest = other.digest;
    if (resized != other) return false;
  }
  return true;
}

const VariantSpec* FindVariant(const Fleet& fleet, const std::string& name) {
  for (const auto& variant : fleet.variants)
    if (variant.name == name) return &variant;
  return nullptr;
}

}  // namespace smhost
