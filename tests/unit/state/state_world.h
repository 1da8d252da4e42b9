// What the tests of the state directory share: a prepared home in memory, documents, and short words for looking at it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/check.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_files.h"
#include "state/layout.h"
#include "state/store.h"

namespace smhost {

inline Document ModelDocument(const std::string& name, const std::string& url) {
  return {Kind::kModel,
          name,
          {{"ModelName", name}, {"PrimaryContainer", {{"Image", "smhost/torch"}, {"ModelDataUrl", url}}}}};
}

inline Document ConfigDocument(const std::string& name, const std::string& model, int count = 1) {
  Json variant = {{"VariantName", "main"}, {"ModelName", model}, {"InitialInstanceCount", count}};
  return {Kind::kEndpointConfig, name, {{"EndpointConfigName", name}, {"ProductionVariants", Json::array({variant})}}};
}

inline Document EndpointDocument(const std::string& name, const std::string& config) {
  return {Kind::kEndpoint, name, {{"EndpointName", name}, {"EndpointConfigName", config}}};
}

struct StateWorld {
  FakeFiles files;
  FakeClock clock;
  Home home{"/home/state"};
  std::string account = kLocalAccount;

  StateWorld() { SMHOST_CHECK(PrepareHome(files, home)); }

  Store MakeStore() { return Store(files, clock, home); }
  Result<std::vector<Outcome>> Apply(const std::vector<Document>& documents, const ApplyOptions& options = {}) {
    return MakeStore().Apply(account, documents, options);
  }
  std::string PathOf(Kind kind, const std::string& name) const {
    return home.Resource(account, InfoOf(kind).word, name);
  }

  // The model's ModelDataUrl, "(none)" where there is no such model, else the failure's name.
  std::string UrlOf(const std::string& model) {
    auto resource = MakeStore().Get(account, Kind::kModel, model);
    if (resource) return StringOr(MemberOr(resource->properties, "PrimaryContainer"), "ModelDataUrl");
    return resource.error().code == Code::kNotFound ? "(none)" : CodeName(resource.error().code);
  }
  std::size_t CountTemporaries() const {
    std::size_t count = 0;
    for (const auto& [path, bytes] : files.AllFiles()) count += IsTemporaryName(path) ? 1 : 0;
    return count;
  }
  std::vector<std::string> Quarantined() const {
    std::vector<std::string> paths;
    for (const auto& [path, bytes] : files.AllFiles())
      if (path.rfind(home.Quarantine(), 0) == 0) paths.push_back(path);
    return paths;
  }
};

}  // namespace smhost
