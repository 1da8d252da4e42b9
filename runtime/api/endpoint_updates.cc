#include "api/endpoint_updates.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "api/endpoint_state.h"
#include "api/endpoint_uses.h"
#include "base/limits.h"
#include "base/random.h"
#include "resources/defaults.h"
#include "resources/effects.h"
#include "resources/steering.h"
#include "resources/validate.h"

namespace smhost {
namespace {

std::string Label(const std::string& endpoint) { return std::string(InfoOf(Kind::kEndpoint).word) + "/" + endpoint; }

// An endpoint that may be updated now.
struct Updatable {
  Resource resource;
  EndpointState state;
};

Result<Updatable> FindUpdatable(Store& store, const std::string& account, const std::string& name) {
  SMHOST_TRY(Resource resource, store.Get(account, Kind::kEndpoint, name));
  // Whether a runtime is there to go on with it now does not matter: one will.
  SMHOST_TRY(EndpointState state, ReadEndpointState(store, account, name, true));
  static const std::set<std::string> kBusy = {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"};
  if (kBusy.count(state.status) != 0)
    return Fail(Code::kConflict, "Cannot update in-progress endpoint \"" + resource.arn + "\".", Label(name));
  if (state.status == "Failed")
    return Fail(Code::kConflict,
                "Cannot update failed endpoint \"" + resource.arn + "\": delete it, or apply changed documents. It failed: " +
                    state.reason,
                Label(name));
  return Updatable{std::move(resource), std::move(state)};
}

Status RefuseFaults(const Document& document) {
  std::vector<Fault> faults = Validate(document);
  if (faults.empty()) faults = Unsupported(document);
  if (faults.empty()) return {};
  std::string message = std::string(InfoOf(document.kind).word) + " " + document.name + ": " + Describe(faults.front());
  if (faults.size() > 1) message += " (and " + std::to_string(faults.size() - 1) + " more)";
  return Fail(Code::kInvalid, message, std::string(InfoOf(document.kind).word) + "/" + document.name);
}

Status RefuseOtherGeneration(const Resource& seen, const Resource& stored) {
  if (seen.uid == stored.uid && seen.generation == stored.generation) return {};
  return Fail(Code::kConflict,
              Label(stored.name) + ": somebody changed it meanwhile: it has generation " + std::to_string(stored.generation) +
                  ", not " + std::to_string(seen.generation) + "; look at it again and repeat",
              Label(stored.name));
}

void PutSteering(const Steering& steering, Resource& resource) {
  resource.steering = SteeringToJson(steering);
  if (resource.steering.empty()) resource.steering = Json();
}

// --- UpdateEndpoint

Json PropertiesAfter(const Resource& endpoint, const UpdateEndpointRequest& request) {
  Json properties = endpoint.properties;
  for (const char* member : {"RetainAllVariantProperties", "ExcludeRetainedVariantProperties", "DeploymentConfig",
                             "RetainDeploymentConfig"})
    properties.erase(member);
  properties["EndpointConfigName"] = request.config;
  if (request.retain_all) properties["RetainAllVariantProperties"] = true;
  for (const auto& type : request.exclude)
    properties["ExcludeRetainedVariantProperties"].push_back({{"VariantPropertyType", type}});
  if (!request.deployment_config.is_null()) properties["DeploymentConfig"] = request.deployment_config;
  if (request.retain_deployment_config) properties["RetainDeploymentConfig"] = true;
  return properties;
}

// What weights and counts were set to by hand ends here, but for what is to be retained.
void KeepRetainedSizes(const UpdateEndpointRequest& request, Steering& steering) {
  auto excluded = [&](const char* type) {
    return !request.retain_all || std::find(request.exclude.begin(), request.exclude.end(), type) != request.exclude.end();
  };
  for (auto& [variant, size] : steering.sizes) {
    if (excluded("DesiredWeight")) size.weight.reset();
    if (excluded("DesiredInstanceCount")) size.count.reset();
  }
  std::erase_if(steering.sizes, [](const auto& one) { return !one.second.weight && !one.second.count; });
}

// --- UpdateEndpointWeightsAndCapacities

std::string ConstraintText(const std::string& value, const std::string& place, const std::string& rule) {
  return "1 validation error detected: Value '" + value + "' at 'desiredWeightsAndCapacities" + place +
         "' failed to satisfy constraint: Member must have " + rule;
}

std::string WeightText(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

Status CheckSizes(const std::vector<DesiredSize>& sizes, const std::string& label) {
  auto refuse = [&](std::string message) -> Status { return Fail(Code::kInvalid, std::move(message), label); };
  if (sizes.empty()) return refuse(ConstraintText("[]", "", "length greater than or equal to 1"));
  std::set<std::string> seen;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const DesiredSize& size = sizes[i];
    const std::string member = "." + std::to_string(i + 1) + ".member.";
    if (!seen.insert(size.variant).second) return refuse(label + ": the variant " + size.variant + " is named twice; name it once");
    if (size.weight && !(std::isfinite(*size.weight) && *size.weight >= 0))
      return refuse(ConstraintText(WeightText(*size.weight), member + "desiredWeight", "value greater than or equal to 0"));
    if (size.count && *size.count < 0)
      return refuse(ConstraintText(std::to_string(*size.count), member + "desiredInstanceCount", "value greater than or equal to 0"));
    if (size.count && *size.count > limits::kInstancesPerVariant)
      return refuse(ConstraintText(std::to_string(*size.count), member + "desiredInstanceCount",
                                   "value less than or equal to " + std::to_string(limits::kInstancesPerVariant) + " on one machine"));
  }
  return {};
}

Status CheckVariantNames(const std::vector<DesiredSize>& sizes, const Resource& config, const std::string& label) {
  std::set<std::string> known;
  for (const VariantView& variant : ViewVariants(config.properties)) known.insert(variant.name);
  std::string unknown;
  for (const DesiredSize& size : sizes)
    if (known.count(size.variant) == 0) unknown += (unknown.empty() ? "\"" : ", \"") + size.variant + "\"";
  if (unknown.empty()) return {};
  return Fail(Code::kInvalid,
              "The variant name(s) " + unknown + " is/are not present within endpoint configuration \"" + config.name + "\".",
              label);
}

// After an update that failed, weights would be those of another fleet than the one that serves.
Status RefuseAfterFailedUpdate(Store& store, const std::string& account, const Updatable& endpoint) {
  const std::string& name = endpoint.resource.name;
  const std::string wanted = StringOr(endpoint.resource.properties, "EndpointConfigName");
  const std::string serving = StringOr(endpoint.state.describe, "EndpointConfigName");
  if (endpoint.state.reason.empty()) return {};
  SMHOST_TRY(Json revisions, RolloutHistory(store, account, name));
  const bool last_failed = !revisions.empty() && StringOr(revisions.back(), "Outcome") != "Succeeded" &&
                           StringOr(revisions.back(), "Reason") == endpoint.state.reason;
  if (serving == wanted && !last_failed) return {};
  return Fail(Code::kConflict,
              Label(name) + ": its last update failed, so the fleet that serves is not that of its documents (endpoint configuration \"" +
                  wanted + "\"): go back (`smhost rollout undo " + name + "`) or update it, and repeat. It failed: " + endpoint.state.reason,
              Label(name));
}

struct Size {
  double weight = 0;
  int count = 0;
};

bool AnyServes(const std::map<std::string, Size>& sizes) {
  return std::any_of(sizes.begin(), sizes.end(), [](const auto& one) { return one.second.weight > 0 && one.second.count > 0; });
}

// An endpoint that answers goes on answering.
Status RefuseNothingLeft(const Updatable& endpoint, const std::vector<DesiredSize>& sizes) {
  std::map<std::string, Size> now;
  for (const Json& variant : MemberOr(endpoint.state.describe, "ProductionVariants"))
    now[StringOr(variant, "VariantName")] = {DoubleOr(variant, "DesiredWeight"), static_cast<int>(IntOr(variant, "DesiredInstanceCount"))};
  auto after = now;
  for (const DesiredSize& size : sizes) {
    auto it = after.find(size.variant);
    if (it == after.end()) continue;  // a shadow variant
    it->second.weight = size.weight.value_or(it->second.weight);
    it->second.count = size.count.value_or(it->second.count);
  }
  if (!AnyServes(now) || AnyServes(after)) return {};
  const std::string label = Label(endpoint.resource.name);
  return Fail(Code::kInvalid,
              label + ": no production variant would have both a weight and an instance, so every request would fail; keep one, or delete the endpoint",
              label);
}

// --- UndoRollout

std::string RevisionNumbers(const Json& revisions) {
  std::string text;
  for (const Json& one : revisions) text += (text.empty() ? "" : ", ") + std::to_string(IntOr(one, "Revision"));
  return text;
}

// Tags were never deployed, so no revision brings them back.
void KeepTags(Store& store, const std::string& account, Document& document) {
  auto stored = store.Get(account, document.kind, document.name);
  if (!stored) return;
  document.properties.erase("Tags");
  if (stored->properties.contains("Tags")) document.properties["Tags"] = stored->properties["Tags"];
}

// The present way of deploying stays.
Result<std::vector<Document>> DocumentsOf(Store& store, const std::string& account, const Json& revision, const Resource& endpoint) {
  std::vector<Document> documents;
  for (const Json& one : MemberOr(revision, "Documents")) {
    auto kind = FindKind(StringOr(one, "Type"));
    Document document{kind.value_or(Kind::kEndpoint), "", MemberOr(one, "Properties")};
    document.name = StringOr(document.properties, InfoOf(document.kind).name_property);
    if (!kind || document.name.empty())
      return Fail(Code::kCorrupt, Label(endpoint.name) + ": revision " + std::to_string(IntOr(revision, "Revision")) +
                                      " holds a document that this smhost does not know; choose another", Label(endpoint.name));
    if (document.kind == Kind::kEndpoint)
      for (const char* member : {"DeploymentConfig", "RetainDeploymentConfig"}) {
        document.properties.erase(member);
        if (endpoint.properties.contains(member)) document.properties[member] = endpoint.properties[member];
      }
    KeepTags(store, account, document);
    documents.push_back(std::move(document));
  }
  return documents;
}

bool AreThoseOfNow(Store& store, const std::string& account, const std::vector<Document>& documents) {
  return std::all_of(documents.begin(), documents.end(), [&](const Document& document) {
    auto stored = store.Get(account, document.kind, document.name);
    return stored && stored->properties == document.properties;
  });
}

using Digests = std::map<std::string, std::string>;  // by ModelDataUrl

// None: it was recorded by a smhost that did not note them.
Digests DigestsOf(const Json& revision) {
  Digests digests;
  for (const Json& document : MemberOr(revision, "Documents")) {
    const Json& properties = MemberOr(document, "Properties");
    const std::string digest = StringOr(MemberOr(revision, "ModelDigests"), StringOr(properties, "ModelName").c_str());
    if (!digest.empty()) digests[ViewModel(properties).data_url] = digest;
  }
  return digests;
}

// Of what serves.
Digests DigestsOfNow(const Json& revisions) {
  const auto newest = std::find_if(revisions.rbegin(), revisions.rend(), [](const Json& one) { return StringOr(one, "Outcome") == "Succeeded"; });
  return newest == revisions.rend() ? Digests() : DigestsOf(*newest);
}

struct Target {
  std::int64_t revision = 0;
  std::vector<Document> documents;
  Digests digests;
};

Result<Target> FindTarget(Store& store, const std::string& account, const Resource& endpoint, const Json& revisions,
                          std::optional<int> wanted) {
  for (auto it = revisions.rbegin(); it != revisions.rend(); ++it) {
    const std::int64_t number = IntOr(*it, "Revision");
    if (wanted ? number != *wanted : StringOr(*it, "Outcome") != "Succeeded") continue;
    SMHOST_TRY(auto documents, DocumentsOf(store, account, *it, endpoint));
    if (!wanted && AreThoseOfNow(store, account, documents)) continue;
    return Target{number, std::move(documents), DigestsOf(*it)};
  }
  const std::string label = Label(endpoint.name);
  if (!wanted) return Fail(Code::kConflict, label + ": no other deployment of it succeeded, so there is nothing to go back to", label);
  return Fail(Code::kNotFound,
              label + ": has no revision " + std::to_string(*wanted) +
                  (revisions.empty() ? "; nothing was deployed yet" : "; there are " + RevisionNumbers(revisions)),
              label);
}

// The artifacts come back with the documents: what their addresses hold may have changed since.
ApplyOptions HowToReturn(Store& store, const std::string& account, const Resource& endpoint, const Json& revisions, const Target& target) {
  const std::pair<Kind, std::string> key{Kind::kEndpoint, endpoint.name};
  ApplyOptions options;
  options.expected_generations = {{key, endpoint.generation}};
  auto status = store.GetStatus(account, Kind::kEndpoint, endpoint.name);
  const bool same_documents = AreThoseOfNow(store, account, target.documents);
  const bool failed = status && !StringOr(*status, "FailureReason").empty();
  if (same_documents && failed) options.retry = {key};
  if (target.digests.empty() || (same_documents && !failed && target.digests == DigestsOfNow(revisions))) return options;
  options.steer[key] = [restore = Restore{RandomHex(8), target.digests}](Resource& resource) {
    Steering steering = ReadSteering(resource.steering);
    steering.restore = restore;
    PutSteering(steering, resource);
  };
  return options;
}

}  // namespace

Result<Resource> UpdateEndpoint(Store& store, const std::string& account, const UpdateEndpointRequest& request) {
  SMHOST_TRY(Updatable endpoint, FindUpdatable(store, account, request.endpoint));
  SMHOST_TRY(Resource config, store.Get(account, Kind::kEndpointConfig, request.config));
  const Json properties = PropertiesAfter(endpoint.resource, request);
  SMHOST_TRY_STATUS(RefuseFaults({Kind::kEndpoint, request.endpoint, properties}));
  return store.Steer(account, request.endpoint, [&](Resource& stored) -> Status {
    SMHOST_TRY_STATUS(RefuseOtherGeneration(endpoint.resource, stored));
    Steering steering = ReadSteering(stored.steering);
    steering.abort.clear();
    steering.restore = {};
    KeepRetainedSizes(request, steering);
    PutSteering(steering, stored);
    stored.properties = PropertiesAfter(stored, request);  // its tags may be newer than what was looked at
    stored.generation += 1;
    return {};
  });
}

Result<Resource> UpdateEndpointWeightsAndCapacities(Store& store, const std::string& account, const std::string& endpoint,
                                                    const std::vector<DesiredSize>& sizes) {
  SMHOST_TRY_STATUS(CheckSizes(sizes, Label(endpoint)));
  SMHOST_TRY(Updatable found, FindUpdatable(store, account, endpoint));
  SMHOST_TRY(Resource config, store.Get(account, Kind::kEndpointConfig, StringOr(found.resource.properties, "EndpointConfigName")));
  SMHOST_TRY_STATUS(CheckVariantNames(sizes, config, Label(endpoint)));
  SMHOST_TRY_STATUS(RefuseAfterFailedUpdate(store, account, found));
  SMHOST_TRY_STATUS(RefuseNothingLeft(found, sizes));
  return store.Steer(account, endpoint, [&](Resource& stored) -> Status {
    SMHOST_TRY_STATUS(RefuseOtherGeneration(found.resource, stored));
    Steering steering = ReadSteering(stored.steering);
    if (steering.config_uid != config.uid || steering.config_generation != config.generation) steering.sizes.clear();
    steering.config_uid = config.uid;
    steering.config_generation = config.generation;
    for (const DesiredSize& size : sizes) {
      SizeOverride& override = steering.sizes[size.variant];
      if (size.weight) override.weight = size.weight;
      if (size.count) override.count = size.count;
    }
    PutSteering(steering, stored);
    stored.generation += 1;
    return {};
  });
}

Result<std::string> AbortDeployment(Store& store, const std::string& account, const std::string& endpoint) {
  SMHOST_TRY(Resource resource, store.Get(account, Kind::kEndpoint, endpoint));
  SMHOST_TRY(EndpointState state, ReadEndpointState(store, account, endpoint, true));
  const std::string label = Label(endpoint);
  const std::string id = StringOr(MemberOr(MemberOr(state.describe, "Smhost"), "Deployment"), "Id");
  if (id.empty() && !state.observed)
    return Fail(Code::kConflict, label + ": its last change has not begun to be deployed yet; try again in a moment", label);
  if (id.empty()) return Fail(Code::kConflict, label + ": no deployment is in progress, so there is nothing to abort", label);
  if (state.status == "RollingBack")
    return Fail(Code::kConflict, label + ": the deployment is going back already: " + state.reason, label);
  SMHOST_TRY(Resource stored, store.Steer(account, endpoint, [&](Resource& change) -> Status {
    if (change.uid != resource.uid) return RefuseOtherGeneration(resource, change);
    Steering steering = ReadSteering(change.steering);
    steering.abort = id;
    PutSteering(steering, change);
    return {};
  }));
  return id;
}

Result<Json> RolloutHistory(Store& store, const std::string& account, const std::string& endpoint) {
  SMHOST_TRY(Resource resource, store.Get(account, Kind::kEndpoint, endpoint));
  auto revisions = store.GetRevisions(account, endpoint);
  if (!revisions && revisions.error().code == Code::kNotFound) return Json::array();
  if (!revisions) return Fail(std::move(revisions).error());
  return revisions->is_array() ? *revisions : Json::array();
}

Result<UndoneRollout> UndoRollout(Store& store, const std::string& account, const std::string& endpoint,
                                  std::optional<int> to_revision) {
  SMHOST_TRY(Resource resource, store.Get(account, Kind::kEndpoint, endpoint));
  SMHOST_TRY(Json revisions, RolloutHistory(store, account, endpoint));
  SMHOST_TRY(Target target, FindTarget(store, account, resource, revisions, to_revision));
  UndoneRollout undone;
  undone.revision = target.revision;
  for (const Document& document : target.documents) {
    SMHOST_TRY_STATUS(RefuseFaults(document));
    if (document.kind == Kind::kEndpoint) undone.config = StringOr(document.properties, "EndpointConfigName");
  }
  const ApplyOptions options = HowToReturn(store, account, resource, revisions, target);
  SMHOST_TRY(undone.outcomes, store.Apply(account, target.documents, options));
  std::set<std::pair<Kind, std::string>> changed;
  for (const Outcome& outcome : undone.outcomes)
    if (outcome.change != Change::kUnchanged) changed.insert({outcome.resource.kind, outcome.resource.name});
  if (changed.empty()) return undone;
  SMHOST_TRY(undone.other_endpoints, EndpointsReached(store, account, changed));
  std::erase(undone.other_endpoints, endpoint);
  return undone;
}

}  // namespace smhost
