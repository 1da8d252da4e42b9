#include <algorithm>

#include "api/cloudformation_service.h"
#include "unit/api/cloud_world.h"

using namespace smhost;

namespace {

constexpr const char* kTemplate = R"(
Description: voices
Parameters:
  Bucket: {Type: String, Default: models}
  Secret: {Type: String, Default: x, NoEcho: true}
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      PrimaryContainer: {Image: smhost/torch, ModelDataUrl: !Sub "s3://${Bucket}/model.tar.gz"}
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ProductionVariants:
        - {VariantName: main, ModelName: !GetAtt Model.ModelName, InstanceType: ml.m5.large, InitialInstanceCount: 1}
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: vad, EndpointConfigName: !GetAtt Config.EndpointConfigName}
Outputs:
  Name: {Description: the endpoint, Value: !GetAtt Endpoint.EndpointName}
)";

struct Formation : CloudWorld<CloudformationService> {
  // What the controller would say of the endpoint and all it is made of now.
  void Say(const std::string& status, const std::string& reason = "") {
    const Resource endpoint = store.Get(account, Kind::kEndpoint, "vad").value();
    const Resource config = store.Get(account, Kind::kEndpointConfig, StringOr(endpoint.properties, "EndpointConfigName")).value();
    const std::string model = StringOr(config.properties["ProductionVariants"][0], "ModelName");
    Json said = {{"EndpointName", "vad"},
                 {"EndpointStatus", status},
                 {"CreationTime", endpoint.creation_time},
                 {"Smhost",
                  {{"ObservedGenerations",
                    {{"endpoint", endpoint.generation},
                     {"endpoint-config", config.generation},
                     {"models", {{model, store.Get(account, Kind::kModel, model)->generation}}}}}}}};
    if (!reason.empty()) said["FailureReason"] = reason;
    REQUIRE(store.PutStatus(account, Kind::kEndpoint, "vad", said));
  }
  void SayGone() { REQUIRE(store.RemoveStatus(account, Kind::kEndpoint, "vad")); }

  Json Stack(const std::string& name = "voices") { return Call("DescribeStacks", {{"StackName", name}}).at("Stacks").at(0); }
  std::string Status(const std::string& name = "voices") { return StringOr(Stack(name), "StackStatus"); }
  std::string Create() { return StringOr(Call("CreateStack", {{"StackName", "voices"}, {"TemplateBody", kTemplate}}), "StackId"); }
  std::string CreateAndServe() {
    const std::string id = Create();
    Say("InService");
    REQUIRE(Status() == "CREATE_COMPLETE");
    return id;
  }
  std::string UrlOf(Kind kind = Kind::kModel) {
    const auto listing = store.List(account, kind);
    REQUIRE(listing->resources.size() == 1);
    return StringOr(MemberOr(listing->resources[0].properties, "PrimaryContainer"), "ModelDataUrl");
  }
  Json Bucket(const std::string& value) { return Json::array({{{"ParameterKey", "Bucket"}, {"ParameterValue", value}}}); }
  bool Happened(const std::string& logical_id, const std::string& status, const std::string& reason = "") {
    const Json events = Call("DescribeStackEvents", {{"StackName", "voices"}}).at("StackEvents");
    return std::any_of(events.begin(), events.end(), [&](const Json& e) {
      return StringOr(e, "LogicalResourceId") == logical_id && StringOr(e, "ResourceStatus") == status && (reason.empty() || StringOr(e, "ResourceStatusReason") == reason);
    });
  }
};

}  // namespace

TEST_CASE_METHOD(Formation, "a stack is created with its endpoint, and tells its outputs") {
  const std::string id = Create();
  CHECK_THAT(id, Catch::StartsWith("arn:aws:cloudformation:us-east-1:000000000000:stack/voices/"));
  CHECK(Status() == "CREATE_IN_PROGRESS");
  Say("Creating");
  CHECK(Status() == "CREATE_IN_PROGRESS");
  Say("InService");
  const Json stack = Stack(id);
  CHECK(StringOr(stack, "StackStatus") == "CREATE_COMPLETE");
  CHECK(stack.at("Outputs") == Json::parse(R"([{"OutputKey": "Name", "OutputValue": "vad", "Description": "the endpoint"}])"));
  CHECK(stack.at("Parameters") == Json::parse(R"([{"ParameterKey": "Bucket", "ParameterValue": "models"}, {"ParameterKey": "Secret", "ParameterValue": "****"}])"));
  const Json resources = Call("ListStackResources", {{"StackName", "voices"}}).at("StackResourceSummaries");
  REQUIRE(resources.size() == 3);
  CHECK_THAT(StringOr(resources[0], "PhysicalResourceId"), Catch::Contains(":model/voices-model-"));
  CHECK(StringOr(Call("DescribeStackResource", {{"StackName", "voices"}, {"LogicalResourceId", "Endpoint"}}).at("StackResourceDetail"), "PhysicalResourceId") ==
        "arn:aws:sagemaker:us-east-1:000000000000:endpoint/vad");
  CHECK(StringOr(Call("GetTemplate", {{"StackName", "voices"}}), "TemplateBody") == kTemplate);
  CHECK_THAT(Refusal("CreateStack", {{"StackName", "voices"}, {"TemplateBody", kTemplate}}), Catch::StartsWith("AlreadyExistsException"));
}

TEST_CASE_METHOD(Formation, "an endpoint that fails takes its new stack back") {
  Create();
  Say("Failed", "no such model data");
  CHECK(Status() == "ROLLBACK_IN_PROGRESS");
  CHECK_FALSE(store.Get(account, Kind::kEndpoint, "vad"));
  SayGone();
  CHECK(Status() == "ROLLBACK_COMPLETE");
  CHECK(Happened("Endpoint", "CREATE_FAILED", "no such model data"));
  CHECK(store.List(account, Kind::kModel)->resources.empty());
  CHECK_THAT(Refusal("UpdateStack", {{"StackName", "voices"}, {"TemplateBody", kTemplate}}), Catch::Contains("ROLLBACK_COMPLETE state and can not be updated"));
}

TEST_CASE_METHOD(Formation, "a resource that somebody else has fails the stack and stays") {
  REQUIRE(store.Apply(account, {{Kind::kAlarm, "taken", Json::parse(R"({"AlarmName": "taken", "Namespace": "N", "MetricName": "m", "Statistic": "Sum", "Period": 60,
      "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"})")}}));
  Call("CreateStack", {{"StackName", "voices"}, {"TemplateBody", R"({"Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "taken",
      "Namespace": "N", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 2, "ComparisonOperator": "GreaterThanThreshold"}}}})"}});
  CHECK(Status() == "ROLLBACK_COMPLETE");
  CHECK(Happened("Alarm", "CREATE_FAILED"));
  CHECK(store.Get(account, Kind::kAlarm, "taken")->properties.at("Threshold") == 1);
  Call("DeleteStack", {{"StackName", "voices"}});
  CHECK(store.Get(account, Kind::kAlarm, "taken"));
}

TEST_CASE_METHOD(Formation, "an update that changes nothing is refused, one that does is awaited") {
  CreateAndServe();
  CHECK(Refusal("UpdateStack", {{"StackName", "voices"}, {"TemplateBody", kTemplate}}) == "ValidationError: No updates are to be performed.");
  CHECK(Refusal("UpdateStack", {{"StackName", "voices"}, {"UsePreviousTemplate", true}}) == "ValidationError: No updates are to be performed.");
  Call("UpdateStack", {{"StackName", "voices"}, {"UsePreviousTemplate", true}, {"Parameters", Bucket("other")}});
  CHECK(Status() == "UPDATE_IN_PROGRESS");
  CHECK(UrlOf() == "s3://other/model.tar.gz");
  CHECK_THAT(Refusal("UpdateStack", {{"StackName", "voices"}, {"UsePreviousTemplate", true}}), Catch::Contains("UPDATE_IN_PROGRESS state"));
  Say("InService");
  CHECK(Status() == "UPDATE_COMPLETE");
  CHECK(Happened("Endpoint", "UPDATE_COMPLETE"));
  Call("UpdateStack", {{"StackName", "voices"}, {"UsePreviousTemplate", true}, {"Parameters", Json::array({{{"ParameterKey", "Bucket"}, {"UsePreviousValue", true}}})},
                       {"Tags", Json::array({{{"Key", "a"}, {"Value", "b"}}})}});
  CHECK(Status() == "UPDATE_COMPLETE");
  CHECK(UrlOf() == "s3://other/model.tar.gz");
}

TEST_CASE_METHOD(Formation, "an update whose endpoint fails goes back") {
  CreateAndServe();
  Call("UpdateStack", {{"StackName", "voices"}, {"UsePreviousTemplate", true}, {"Parameters", Bucket("other")}});
  Say("InService", "no such model data");
  CHECK(Status() == "UPDATE_ROLLBACK_IN_PROGRESS");
  CHECK(UrlOf() == "s3://models/model.tar.gz");
  Say("InService");
  CHECK(Status() == "UPDATE_ROLLBACK_COMPLETE");
  CHECK(Happened("Endpoint", "UPDATE_FAILED", "no such model data"));
  CHECK(StringOr(Stack().at("Parameters")[0], "ParameterValue") == "models");
}

TEST_CASE_METHOD(Formation, "a resource that leaves the template is deleted once the rest is there") {
  CreateAndServe();
  const std::string alone = std::string(kTemplate).substr(0, std::string(kTemplate).find("  Endpoint:"));
  Call("UpdateStack", {{"StackName", "voices"}, {"TemplateBody", alone}});
  CHECK(Status() == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
  CHECK_FALSE(store.Get(account, Kind::kEndpoint, "vad"));
  SayGone();
  CHECK(Status() == "UPDATE_COMPLETE");
  CHECK(Call("ListStackResources", {{"StackName", "voices"}}).at("StackResourceSummaries").size() == 2);
}

TEST_CASE_METHOD(Formation, "a deleted stack is gone by its name, and known by its id") {
  const std::string id = CreateAndServe();
  Call("UpdateTerminationProtection", {{"StackName", "voices"}, {"EnableTerminationProtection", true}});
  CHECK_THAT(Refusal("DeleteStack", {{"StackName", "voices"}}), Catch::Contains("TerminationProtection"));
  Call("UpdateTerminationProtection", {{"StackName", "voices"}, {"EnableTerminationProtection", false}});
  Call("DeleteStack", {{"StackName", "voices"}});
  CHECK(Status() == "DELETE_IN_PROGRESS");
  SayGone();
  CHECK(Refusal("DescribeStacks", {{"StackName", "voices"}}) == "ValidationError: Stack with id voices does not exist");
  CHECK(Status(id) == "DELETE_COMPLETE");
  CHECK(store.List(account, Kind::kModel)->resources.empty());
  CHECK(Call("ListStacks").at("StackSummaries").size() == 1);
  Call("DeleteStack", {{"StackName", "voices"}});
  Create();
}

TEST_CASE_METHOD(Formation, "templates and parameters that break a rule are refused in AWS's words") {
  const auto refusal = [&](const Json& more) {
    Json input = {{"StackName", "voices"}};
    input.update(more);
    return Refusal("CreateStack", input);
  };
  CHECK_THAT(refusal({{"TemplateBody", "{}"}}), Catch::Contains("At least one Resources member must be defined"));
  CHECK_THAT(refusal({{"TemplateBody", "a: [1"}}), Catch::Contains("Template format error"));
  CHECK_THAT(refusal(Json::object()), Catch::Contains("Either Template URL or Template Body"));
  CHECK_THAT(refusal({{"TemplateBody", kTemplate}, {"Parameters", Json::array({{{"ParameterKey", "Nope"}, {"ParameterValue", "x"}}})}}),
             Catch::Contains("Parameters: [Nope] do not exist in the template"));
  CHECK_THAT(refusal({{"TemplateBody", "Parameters: {A: {Type: String}}\nResources: {M: {Type: 'AWS::SageMaker::Model'}}"}}), Catch::Contains("Parameters: [A] must have values"));
  CHECK_THAT(refusal({{"TemplateBody", "Resources: {M: {Type: 'AWS::S3::Bucket'}}"}}), Catch::Contains("no such type"));
  CHECK_THAT(refusal({{"TemplateBody", "Resources: {M: {Type: 'AWS::SageMaker::Model', DeletionPolicy: Retain}}"}}), Catch::Contains("DeletionPolicy"));
  CHECK_THAT(refusal({{"TemplateBody", kTemplate}, {"NotificationARNs", {"arn:x"}}}), Catch::Contains("NotificationARNs cannot be used"));
  CHECK_THAT(refusal({{"TemplateURL", "s3://models/none.yaml"}}), Catch::Contains("S3 error"));
  CHECK_THAT(Refusal("DescribeStacks", {{"StackName", "../x"}}), Catch::Contains("does not exist"));
  CHECK_THAT(Refusal("DetectStackDrift"), Catch::StartsWith("UnsupportedOperationException"));
  const Json summary = Call("GetTemplateSummary", {{"TemplateBody", kTemplate}});
  CHECK(summary.at("Parameters").size() == 2);
  CHECK(summary.at("ResourceTypes") == Json({"AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Model"}));
  CHECK(StringOr(Call("ValidateTemplate", {{"TemplateBody", kTemplate}}), "Description") == "voices");
}

TEST_CASE_METHOD(Formation, "change sets create and update stacks, and say when there is nothing to change") {
  const Json first = {{"StackName", "voices"}, {"ChangeSetName", "one"}, {"ChangeSetType", "CREATE"}, {"TemplateBody", kTemplate}};
  const std::string set = StringOr(Call("CreateChangeSet", first), "Id");
  CHECK(Status() == "REVIEW_IN_PROGRESS");
  const Json shown = Call("DescribeChangeSet", {{"ChangeSetName", set}});
  CHECK(StringOr(shown, "Status") == "CREATE_COMPLETE");
  CHECK(shown.at("Changes").size() == 3);
  CHECK(StringOr(shown.at("Changes")[0].at("ResourceChange"), "Action") == "Add");
  CHECK_FALSE(store.Get(account, Kind::kEndpoint, "vad"));
  Call("ExecuteChangeSet", {{"ChangeSetName", "one"}, {"StackName", "voices"}});
  Say("InService");
  CHECK(Status() == "CREATE_COMPLETE");
  Json second = {{"StackName", "voices"}, {"ChangeSetName", "two"}, {"TemplateBody", kTemplate}};
  Call("CreateChangeSet", second);
  const Json nothing = Call("DescribeChangeSet", {{"ChangeSetName", "two"}, {"StackName", "voices"}});
  CHECK(StringOr(nothing, "Status") == "FAILED");
  CHECK_THAT(StringOr(nothing, "StatusReason"), Catch::StartsWith("The submitted information didn't contain changes."));
  CHECK_THAT(Refusal("ExecuteChangeSet", {{"ChangeSetName", "two"}, {"StackName", "voices"}}), Catch::StartsWith("InvalidChangeSetStatus"));
  second["Parameters"] = Bucket("other");
  Call("CreateChangeSet", second);  // a name is free again when its set can be executed no more
  CHECK_THAT(Refusal("CreateChangeSet", second), Catch::StartsWith("AlreadyExistsException"));
  Call("DeleteChangeSet", {{"ChangeSetName", "two"}, {"StackName", "voices"}});
  Call("CreateChangeSet", second);
  const Json change = Call("DescribeChangeSet", {{"ChangeSetName", "two"}, {"StackName", "voices"}}).at("Changes");
  REQUIRE(change.size() == 1);
  CHECK(StringOr(change[0].at("ResourceChange"), "Action") == "Modify");
  CHECK(StringOr(change[0].at("ResourceChange").at("Details")[0].at("Target"), "Name") == "PrimaryContainer");
  Call("ExecuteChangeSet", {{"ChangeSetName", "two"}, {"StackName", "voices"}});
  Say("InService");
  CHECK(Status() == "UPDATE_COMPLETE");
  CHECK(Call("ListChangeSets", {{"StackName", "voices"}}).at("Summaries").size() == 1);
  CHECK_THAT(Refusal("DescribeChangeSet", {{"ChangeSetName", "nope"}, {"StackName", "voices"}}), Catch::StartsWith("ChangeSetNotFound"));
}
