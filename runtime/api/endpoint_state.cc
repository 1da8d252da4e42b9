#include "api/endpoint_state.h"

#include "resources/defaults.h"

namespace smhost {
namespace {

std::uint64_t Generation(const Json& map, const char* key) { return static_cast<std::uint64_t>(IntOr(map, key)); }

// A status of an earlier endpoint of this name tells another time of creation.
bool Observed(const Resource& document, const Generations& wanted, const Json& status) {
  if (StringOr(status, "CreationTime") != document.creation_time) return false;
  const Json& seen = MemberOr(MemberOr(status, "Smhost"), "ObservedGenerations");
  if (Generation(seen, "endpoint") < wanted.endpoint || Generation(seen, "endpoint-config") < wanted.config)
    return false;
  const Json& models = MemberOr(seen, "models");
  for (const auto& [name, generation] : wanted.models)
    if (Generation(models, name.c_str()) < generation) return false;
  return true;
}

std::vector<InstanceLine> InstancesOf(const Json& smhost) {
  std::vector<InstanceLine> lines;
  const Json& instances = MemberOr(smhost, "Instances");
  if (!instances.is_array()) return lines;
  for (const Json& one : instances) {
    InstanceLine line;
    line.id = StringOr(one, "Id");
    line.variant = StringOr(one, "Variant");
    line.state = StringOr(one, "State");
    line.digest = StringOr(one, "ModelDigest");
    line.index = static_cast<int>(IntOr(one, "Index"));
    line.restarts = static_cast<int>(IntOr(one, "Restarts"));
    line.pid = IntOr(one, "Pid");
    lines.push_back(std::move(line));
  }
  return lines;
}

Json FromDocument(const Resource& resource) {
  return {{"EndpointName", resource.name},
          {"EndpointArn", resource.arn},
          {"EndpointConfigName", StringOr(resource.properties, "EndpointConfigName")},
          {"EndpointStatus", "Creating"},
          {"CreationTime", resource.creation_time},
          {"LastModifiedTime", resource.last_modified_time}};
}

// The status word for what the controller has not seen yet, and for what nobody keeps running.
std::string PresentWord(const EndpointState& state, const std::string& reported, bool running) {
  if (!running) return reported == "Failed" && state.observed ? reported : "OutOfService";
  if (!state.wanted) return "Deleting";
  if (state.observed) return reported;
  return reported == "Creating" || reported == "Failed" ? "Creating" : "Updating";
}

}  // namespace

EndpointState ComposeEndpointState(const std::optional<Resource>& document, const Generations& wanted,
                                   const std::optional<Json>& status, bool running) {
  EndpointState state;
  state.wanted = document.has_value();
  state.exists = document || status;
  if (!state.exists) return state;
  state.describe = document ? FromDocument(*document) : Json::object();
  if (status && status->is_object()) {
    state.describe.update(*status);
    state.observed = document && Observed(*document, wanted, *status);
    state.instances = InstancesOf(MemberOr(*status, "Smhost"));
    state.stage = StringOr(MemberOr(*status, "Smhost"), "Stage");
    if (state.stage == "Steady") state.stage.clear();
    state.reason = StringOr(*status, "FailureReason");
  }
  // What is wanted was changed after the controller looked.
  if (document && document->last_modified_time > StringOr(state.describe, "LastModifiedTime"))
    state.describe["LastModifiedTime"] = document->last_modified_time;
  if (document && !state.observed) state.describe.erase("FailureReason");
  state.status = PresentWord(state, StringOr(state.describe, "EndpointStatus"), running);
  state.describe["EndpointStatus"] = state.status;
  return state;
}

Generations GenerationsOf(Store& store, const std::string& account, const Resource& endpoint) {
  Generations wanted{endpoint.generation, 0, {}};
  auto config = store.Get(account, Kind::kEndpointConfig, StringOr(endpoint.properties, "EndpointConfigName"));
  if (!config) return wanted;  // the controller says so in the endpoint's status
  wanted.config = config->generation;
  for (const VariantView& variant : ViewVariants(config->properties))
    if (auto model = store.Get(account, Kind::kModel, variant.model_name))
      wanted.models[variant.model_name] = model->generation;
  return wanted;
}

Result<EndpointState> ReadEndpointState(Store& store, const std::string& account, const std::string& name,
                                        bool running) {
  auto document = store.Get(account, Kind::kEndpoint, name);
  if (!document && document.error().code != Code::kNotFound) return Fail(document.error());
  auto status = store.GetStatus(account, Kind::kEndpoint, name);
  if (!document && !status) return Fail(document.error());
  return ComposeEndpointState(document ? std::optional<Resource>(*document) : std::nullopt,
                              document ? GenerationsOf(store, account, *document) : Generations{},
                              status ? std::optional<Json>(*status) : std::nullopt, running);
}

const std::vector<std::string>& EndpointStatuses() {
  static const std::vector<std::string> kStatuses = {"InService",      "Creating",     "Updating",
                                                     "SystemUpdating", "RollingBack",  "Failed",
                                                     "Deleting",       "OutOfService", "UpdateRollbackFailed"};
  return kStatuses;
}

}  // namespace smhost
