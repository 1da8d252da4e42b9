// A SageMaker service over a state directory in memory; its objects lie in a folder of their own. The status of an endpoint
// is what a controller would have said.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "api/sagemaker_service.h"
#include "fakes/scratch_folder.h"
#include "resources/defaults.h"
#include "state/objects.h"
#include "unit/state/state_world.h"

namespace smhost {

inline Json Variant(const std::string& model, const std::string& name = "main", int count = 1) {
  return {{"VariantName", name}, {"ModelName", model}, {"InstanceType", "ml.m5.large"}, {"InitialInstanceCount", count}};
}

inline std::string HostingArn(const std::string& rest) { return "arn:aws:sagemaker:us-east-1:000000000000:" + rest; }

struct SagemakerWorld : StateWorld {
  ScratchFolder folder;
  Store store{MakeStore()};
  ApiContext context{files, clock, Home(folder.path()), kRegion, store, "http://127.0.0.1:8790"};
  SagemakerService service{context};
  Caller caller{kLocalAccount, "arn:aws:iam::000000000000:root", kLocalAccount, "", nullptr};

  SagemakerWorld() { PutObject("s3://data/m.tar.gz"); }

  void PutObject(const std::string& url) {
    const std::string source = folder.path() + "/source";
    SMHOST_CHECK(MakeSystemFiles()->WriteNew(source, "artifact", 0600));
    SMHOST_CHECK(MakeSystemFiles()->MakeFolders(context.home.Objects(), 0700));
    SMHOST_CHECK(ObjectStore(context.home).PutFile(source, ParseObjectAddress(url).value()));
    SMHOST_CHECK(MakeSystemFiles()->Remove(source));
  }

  ApiResult<Json> Call(const std::string& operation, const Json& input = Json::object()) {
    return service.Call(operation, input, caller, "r-1");
  }
  Json Done(const std::string& operation, const Json& input = Json::object()) {
    auto answer = Call(operation, input);
    INFO(operation << (answer ? "" : ": " + answer.error().message));
    REQUIRE(answer);
    return *answer;
  }
  ApiError Refused(const std::string& operation, const Json& input = Json::object()) {
    auto answer = Call(operation, input);
    INFO(operation << (answer ? ": " + CompactJson(*answer) : ""));
    REQUIRE_FALSE(answer);
    return answer.error();
  }
  // The message of a ValidationException.
  std::string Invalid(const std::string& operation, const Json& input = Json::object()) {
    const ApiError error = Refused(operation, input);
    CHECK(error.code == "ValidationException");
    CHECK(error.status == 400);
    return error.message;
  }

  Json ModelInput(const std::string& name, const std::string& url = "s3://data/m.tar.gz") const {
    return {{"ModelName", name}, {"PrimaryContainer", {{"Image", "smhost/torch"}, {"ModelDataUrl", url}}}};
  }
  Json ConfigInput(const std::string& name, const std::string& model = "m") const {
    return {{"EndpointConfigName", name}, {"ProductionVariants", Json::array({Variant(model)})}};
  }
  Json EndpointInput(const std::string& name, const std::string& config = "c") const {
    return {{"EndpointName", name}, {"EndpointConfigName", config}};
  }
  void MakeModel(const std::string& name = "m") { Done("CreateModel", ModelInput(name)); }
  void MakeConfig(const std::string& name = "c", const std::string& model = "m") {
    if (!store.Get(account, Kind::kModel, model)) MakeModel(model);
    Done("CreateEndpointConfig", ConfigInput(name, model));
  }
  // With configuration c of model m; in service.
  void MakeEndpoint(const std::string& name = "e") {
    if (!store.Get(account, Kind::kEndpointConfig, "c")) MakeConfig();
    Done("CreateEndpoint", EndpointInput(name));
    Say(name, "InService");
  }

  // The controller has seen all that is wanted of this endpoint and says this; or says it of one that was deleted.
  void Say(const std::string& name, const std::string& status, Json more = Json::object()) {
    Json said = store.GetStatus(account, Kind::kEndpoint, name).value_or(Json::object());
    for (const char* passing : {"FailureReason", "PendingDeploymentSummary"}) said.erase(passing);
    said["EndpointName"] = name;
    said["EndpointStatus"] = status;
    said["LastModifiedTime"] = FormatIso8601(clock.Wall());
    if (auto endpoint = store.Get(account, Kind::kEndpoint, name)) SayWanted(*endpoint, said);
    said.update(more);
    SMHOST_CHECK(store.PutStatus(account, Kind::kEndpoint, name, said));
  }

  std::string StatusOf(const std::string& name) { return StringOr(Done("DescribeEndpoint", {{"EndpointName", name}}), "EndpointStatus"); }
  double Now() const {
    return static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(clock.Wall().time_since_epoch()).count()) / 1000;
  }

 private:
  void SayWanted(const Resource& endpoint, Json& said) {
    const std::string config_name = StringOr(endpoint.properties, "EndpointConfigName");
    const Resource config = store.Get(account, Kind::kEndpointConfig, config_name).value();
    said["EndpointArn"] = endpoint.arn;
    said["CreationTime"] = endpoint.creation_time;
    said["EndpointConfigName"] = config_name;
    Json& seen = said["Smhost"]["ObservedGenerations"];
    seen = {{"endpoint", endpoint.generation}, {"endpoint-config", config.generation}, {"models", Json::object()}};
    said["ProductionVariants"] = Json::array();
    for (const VariantView& variant : ViewVariants(config.properties)) {
      if (auto model = store.Get(account, Kind::kModel, variant.model_name)) seen["models"][variant.model_name] = model->generation;
      said["ProductionVariants"].push_back({{"VariantName", variant.name},
                                            {"CurrentWeight", variant.weight},
                                            {"DesiredWeight", variant.weight},
                                            {"CurrentInstanceCount", variant.instance_count},
                                            {"DesiredInstanceCount", variant.instance_count}});
    }
  }
};

}  // namespace smhost
