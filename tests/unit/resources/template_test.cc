#include "resources/template.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "documents.h"

using namespace smhost;

namespace {

tl::expected<LoadedDocuments, LoadFailure> Load(const std::string& text, const LoadOptions& options = {}) {
  return LoadDocuments(text, "file.json", "/base", options);
}

std::vector<Fault> FaultsOf(const std::string& text, const LoadOptions& options = {}) {
  auto loaded = Load(text, options);
  REQUIRE_FALSE(loaded);
  REQUIRE_FALSE(loaded.error().faults.empty());
  return loaded.error().faults;
}

Json Template() {
  return Json::parse(R"({"Resources": {
    "Model": {"Type": "AWS::SageMaker::Model", "Properties": {"PrimaryContainer": {"Image": "smhost/torch", "ModelDataUrl": "s3://b/k"}}},
    "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [
      {"VariantName": "v", "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]}, "InstanceType": "ml.m5.large"}]}},
    "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}}}}})");
}

// The value that an expression has as a variable of the container of one more model.
std::string Value(const std::string& expression, const std::string& sections = "{}", const LoadOptions& options = {}) {
  Json document = Template();
  document.update(Json::parse(sections));
  document["Resources"]["Other"] = document["Resources"]["Model"];
  document["Resources"]["Other"]["Properties"]["PrimaryContainer"]["Environment"]["X"] = Json::parse(expression);
  auto loaded = Load(document.dump(), options);
  if (!loaded) {
    std::string text = "FAULTS";
    for (const Fault& fault : loaded.error().faults) text += "\n" + Describe(fault);
    return text;
  }
  for (const Document& loaded_document : loaded->documents)
    if (loaded_document.name == "Other")
      return StringOr(loaded_document.properties["PrimaryContainer"]["Environment"], "X", "ABSENT");
  return "NO MODEL";
}

const std::string kVariable = "Resources.Other.Properties.PrimaryContainer.Environment.X";

}  // namespace

TEST_CASE("resources come in the order of dependence, named by their logical ids") {
  const auto loaded = Load(Template().dump());
  REQUIRE(loaded);
  REQUIRE(loaded->documents.size() == 3);
  CHECK(loaded->documents[0].name == "Model");
  CHECK(loaded->documents[0].properties["ModelName"] == "Model");
  CHECK(loaded->documents[1].properties["ProductionVariants"][0]["ModelName"] == "Model");
  CHECK(loaded->documents[2].properties["EndpointConfigName"] == "Config");
  CHECK(loaded->notes.empty());
}

TEST_CASE("Ref of a resource is its ARN, GetAtt its name") {
  LoadOptions options{.account = "123456789012", .region = "eu-west-1"};
  CHECK(Value(R"({"Ref": "Endpoint"})", "{}", options) == "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/endpoint");
  CHECK(Value(R"({"Fn::GetAtt": "Config.EndpointConfigName"})") == "Config");
}

TEST_CASE("Ref knows the pseudo parameters") {
  LoadOptions options{.account = "123456789012", .region = "eu-west-1", .stack_name = "s"};
  CHECK(
      Value(R"({"Fn::Sub": "${AWS::Region} ${AWS::AccountId} ${AWS::Partition} ${AWS::StackName} ${AWS::URLSuffix}"})",
            "{}", options) == "eu-west-1 123456789012 aws s amazonaws.com");
  CHECK(Value(R"({"Ref": "AWS::Region"})") == "us-east-1");
  CHECK(Value(R"({"Ref": "AWS::NoValue"})") == "ABSENT");
}

TEST_CASE("each function gives what CloudFormation gives") {
  const std::string sections =
      R"({"Parameters": {"P": {"Type": "String", "Default": "p"}, "L": {"Type": "CommaDelimitedList", "Default": "a, b,c"}},
      "Mappings": {"M": {"one": {"two": "deep"}}}})";
  CHECK(Value(R"({"Ref": "P"})", sections) == "p");
  CHECK(Value(R"({"Fn::Sub": "<${P}> ${!P} $P $$ ${Model.ModelName}"})", sections) == "<p> ${P} $P $$ Model");
  CHECK(Value(R"({"Fn::Sub": ["${P}-${Q}", {"Q": {"Fn::Join": ["", ["x", {"Ref": "P"}]]}}]})", sections) == "p-xp");
  CHECK(Value(R"({"Fn::Join": ["/", ["a", {"Ref": "P"}, 5, true]]})", sections) == "a/p/5/true");
  CHECK(Value(R"({"Fn::Join": ["+", {"Ref": "L"}]})", sections) == "a+b+c");
  CHECK(Value(R"({"Fn::Join": [",", []]})") == "");
  CHECK(Value(R"({"Fn::Select": [1, {"Ref": "L"}]})", sections) == "b");
  CHECK(Value(R"({"Fn::Select": ["2", ["x", "y", "z"]]})") == "z");
  CHECK(Value(R"({"Fn::Select": [1, {"Fn::Split": ["::", "a::b::c"]}]})") == "b");
  CHECK(Value(R"({"Fn::Join": ["|", {"Fn::Split": [",", "a,,"]}]})") == "a||");
  CHECK(Value(R"({"Fn::FindInMap": ["M", "one", {"Fn::Sub": "two"}]})", sections) == "deep");
  CHECK(Value(R"({"Fn::Join": ["", ["a", {"Ref": "AWS::NoValue"}, "b"]]})") == "ab");
}

TEST_CASE("conditions decide values, and resources are there or not") {
  const std::string sections = R"({"Parameters": {"Stage": {"Type": "String", "Default": "prod"}}, "Conditions": {
      "Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
      "NotProd": {"Fn::Not": [{"Condition": "Prod"}]},
      "Both": {"Fn::And": [{"Condition": "Prod"}, {"Condition": "NotProd"}]},
      "Either": {"Fn::Or": [{"Condition": "Prod"}, {"Condition": "NotProd"}]}}})";
  CHECK(Value(R"({"Fn::If": ["Prod", "yes", "no"]})", sections) == "yes");
  CHECK(Value(R"({"Fn::If": ["NotProd", "yes", "no"]})", sections) == "no");
  CHECK(Value(R"({"Fn::If": ["Both", "yes", "no"]})", sections) == "no");
  CHECK(Value(R"({"Fn::If": ["Either", {"Fn::If": ["Prod", "a", "b"]}, "no"]})", sections) == "a");
  CHECK(Value(R"({"Fn::If": ["NotProd", "x", {"Ref": "AWS::NoValue"}]})", sections) == "ABSENT");
  CHECK(Value(R"({"Fn::If": ["Prod", "yes", "no"]})", sections, {.parameters = {{"Stage", "test"}}}) == "no");

  Json document = Template();
  document.update(Json::parse(sections));
  document["Resources"]["Endpoint"]["Condition"] = "NotProd";
  const auto loaded = Load(document.dump());
  REQUIRE(loaded);
  CHECK(loaded->documents.size() == 2);
  document["Outputs"] = {{"Arn", {{"Value", {{"Ref", "Endpoint"}}}}},
                         {"Left", {{"Condition", "NotProd"}, {"Value", {{"Ref", "Endpoint"}}}}}};
  const auto faults = FaultsOf(document.dump());
  CHECK(RuleAt(faults, "Outputs.Arn.Value") == "names a resource whose condition does not hold");
  CHECK(RuleAt(faults, "Outputs.Left.Value").empty());
}

TEST_CASE("what a function gives takes the type that its place wants, a literal does not") {
  Json document = Template();
  document["Parameters"] =
      Json::parse(R"({"Count": {"Type": "Number", "Default": "2"}, "Text": {"Type": "String", "Default": "3"},
      "Yes": {"Type": "String", "Default": "true"}, "Weight": {"Type": "Number", "Default": 0.50}})");
  document["Mappings"] = Json::parse(R"({"M": {"a": {"gb": "7", "n": 4}}})");
  Json& variant = document["Resources"]["Config"]["Properties"]["ProductionVariants"][0];
  variant["InitialInstanceCount"] = {{"Ref", "Count"}};
  variant["ContainerStartupHealthCheckTimeoutInSeconds"] = {{"Fn::Join", {"", {{{"Ref", "Text"}}, "00"}}}};
  variant["InitialVariantWeight"] = {{"Ref", "Weight"}};
  variant["VolumeSizeInGB"] = {{"Fn::FindInMap", {"M", "a", "gb"}}};
  variant["EnableSSMAccess"] = {{"Ref", "Yes"}};
  document["Resources"]["Model"]["Properties"]["PrimaryContainer"]["Environment"] = {
      {"SMHOST_THREADS", {{"Ref", "Count"}}}, {"N", {{"Fn::FindInMap", {"M", "a", "n"}}}}};
  const auto loaded = Load(document.dump());
  REQUIRE(loaded);
  const Json& expanded = loaded->documents[1].properties["ProductionVariants"][0];
  CHECK(expanded["InitialInstanceCount"] == 2);
  CHECK(expanded["InitialInstanceCount"].is_number_integer());
  CHECK(expanded["ContainerStartupHealthCheckTimeoutInSeconds"] == 300);
  CHECK(expanded["InitialVariantWeight"] == 0.5);
  CHECK(expanded["VolumeSizeInGB"] == 7);
  CHECK(expanded["EnableSSMAccess"] == true);
  CHECK(loaded->documents[0].properties["PrimaryContainer"]["Environment"] ==
        Json({{"SMHOST_THREADS", "2"}, {"N", "4"}}));

  variant["InitialInstanceCount"] = "2";
  CHECK(RuleAt(FaultsOf(document.dump()), "Resources.Config.Properties.ProductionVariants[0].InitialInstanceCount") ==
        "must be an integer");
  variant["InitialInstanceCount"] = {{"Ref", "Yes"}};
  CHECK(RuleAt(FaultsOf(document.dump()), "Resources.Config.Properties.ProductionVariants[0].InitialInstanceCount") ==
        "must be an integer");
}

TEST_CASE("parameters are checked by their declaration") {
  const auto rule = [](const std::string& declaration, const std::map<std::string, std::string>& given = {}) {
    Json document = Template();
    document["Parameters"]["P"] = Json::parse(declaration);
    auto loaded = Load(document.dump(), {.parameters = given});
    return loaded ? std::string() : Describe(loaded.error().faults.front());
  };
  CHECK(rule(R"({"Type": "String"})", {{"P", "x"}}).empty());
  CHECK_THAT(rule(R"({"Type": "String"})"), Catch::Contains("give --param P=VALUE"));
  CHECK_THAT(rule(R"({"Type": "Text", "Default": "x"})"), Catch::Contains("must be String, Number"));
  CHECK_THAT(rule(R"({"Default": "x"})"), Catch::Contains("must be String, Number"));
  CHECK_THAT(rule(R"({"Type": "AWS::SSM::Parameter::Value<String>", "Default": "x"})"),
             Catch::Contains("no parameter store"));
  CHECK(rule(R"({"Type": "AWS::EC2::Subnet::Id", "Default": "x"})").empty());
  CHECK_THAT(rule(R"({"Type": "Number"})", {{"P", "x"}}), Catch::Contains("must be a number"));
  CHECK_THAT(rule(R"({"Type": "Number", "MinValue": 2, "Default": 1})"), Catch::Contains("must be at least 2"));
  CHECK_THAT(rule(R"({"Type": "Number", "MaxValue": 2, "Default": 3})"), Catch::Contains("must be at most 2"));
  CHECK_THAT(rule(R"({"Type": "List<Number>", "Default": "1,x"})"), Catch::Contains("\"x\" must be a number"));
  CHECK_THAT(rule(R"({"Type": "String", "MinLength": 2, "Default": "a"})"), Catch::Contains("at least 2 characters"));
  CHECK_THAT(rule(R"({"Type": "String", "MaxLength": "2", "Default": "abc"})"),
             Catch::Contains("at most 2 characters"));
  CHECK_THAT(rule(R"({"Type": "String", "AllowedValues": ["a", "b"], "Default": "c"})"),
             Catch::Contains("must be one of [\"a\",\"b\"]"));
  CHECK_THAT(
      rule(
          R"({"Type": "String", "AllowedPattern": "[a-z]+", "Default": "A", "ConstraintDescription": "small letters"})"),
      Catch::Contains("must match [a-z]+: small letters"));
  CHECK_THAT(rule(R"({"Type": "String", "AllowedPattern": "[", "Default": "A"})"),
             Catch::Contains("is not a regular expression"));
  CHECK_THAT(rule(R"({"Type": "String", "NoEcho": true, "MaxLength": 2, "Default": "secret"})"),
             !Catch::Contains("secret"));
  CHECK_THAT(rule(R"({"Type": "String", "Defualt": "x", "Default": "x"})"), Catch::Contains("no such attribute"));
  CHECK_THAT(rule(R"({"Type": "String", "Default": "x"})", {{"P", std::string(5000, 'x')}}),
             Catch::Contains("at most 4096 bytes"));
  CHECK_THAT(rule(R"("x")"), Catch::Contains("must be an object"));
}

TEST_CASE("a parameter that no template declares is refused with the nearest") {
  Json document = Template();
  document["Parameters"]["Stage"] = {{"Type", "String"}, {"Default", "x"}};
  const auto faults = FaultsOf(document.dump(), {.parameters = {{"Stgae", "y"}}});
  CHECK(RuleAt(faults, "--param Stgae") == "no template declares this parameter; did you mean Stage?");
}

TEST_CASE("wrong uses of functions are named at their place") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"Ref": "Modle"})", "neither a parameter nor a resource; did you mean Model?"},
      {R"({"Ref": 5})", "must be given a name"},
      {R"({"Fn::GetAtt": ["Model", "Arn"]})", "no such attribute; AWS::SageMaker::Model has ModelName"},
      {R"({"Fn::GetAtt": ["Zebra", "Arn"]})", "is no resource"},
      {R"({"Fn::GetAtt": "Model"})", "no such attribute"},
      {R"({"Fn::GetAtt": ["Model"]})", "must be [\"LogicalId\", \"Attribute\"]"},
      {R"({"Fn::ImportValue": "x"})", "the function Fn::ImportValue is unknown here"},
      {R"({"Fn::Jion": ["", []]})", "did you mean Fn::Join?"},
      {R"({"Ref": "Model", "Other": 1})", "must be the only member"},
      {R"({"Fn::Sub": "${Nope}"})", "names neither a parameter nor a resource"},
      {R"({"Fn::Sub": "${Nope"})", "without its }"},
      {R"({"Fn::Sub": "${}"})", "names neither"},
      {R"({"Fn::Sub": ["a"]})", "must be a text, or [text, {name: value}]"},
      {R"({"Fn::Join": "a"})", "must be [delimiter, [texts]]"},
      {R"({"Fn::Join": ["", [["x"]]]})", "joins texts only"},
      {R"({"Fn::Select": [3, ["a"]]})", "the index 3 is not between 0 and 0"},
      {R"({"Fn::Select": [-1, ["a"]]})", "the index -1"},
      {R"({"Fn::Select": ["x", ["a"]]})", "the index x"},
      {R"({"Fn::Split": ["", "a"]})", "the delimiter not empty"},
      {R"({"Fn::If": ["Nope", 1, 2]})", "is no condition of this template"},
      {R"({"Fn::If": ["Nope"]})", "must be [condition, value if it holds, value if not]"},
      {R"({"Fn::FindInMap": ["M", "a", "b"]})", "Mappings has no \"M\""}};
  for (const auto& [expression, words] : cases) {
    INFO(expression);
    const std::string said = Value(expression);
    CHECK_THAT(said, Catch::Contains("file.json: " + kVariable + ": ") && Catch::Contains(words));
    CHECK(std::count(said.begin(), said.end(), '\n') == 1);
  }
}

TEST_CASE("conditions that are wrong or go in circles are named") {
  const auto rule = [](const std::string& conditions, const std::string& path) {
    Json document = Template();
    document["Conditions"] = Json::parse(conditions);
    document["Resources"]["Endpoint"]["Condition"] = "A";
    return RuleAt(FaultsOf(document.dump()), path);
  };
  CHECK(rule(R"({"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}})", "Conditions.A") ==
        "depends on itself");
  CHECK_THAT(rule(R"({"A": {"Fn::Equals": [1]}})", "Conditions.A"), Catch::Contains("must be [value, value]"));
  CHECK_THAT(rule(R"({"A": {"Fn::And": []}})", "Conditions.A"), Catch::Contains("2 to 10 conditions"));
  CHECK_THAT(rule(R"({"A": true})", "Conditions.A"), Catch::Contains("must be Fn::Equals"));
  CHECK_THAT(rule(R"({"A": {"Fn::Equals": [{"Ref": "Model"}, 1]}})", "Conditions.A"),
             Catch::Contains("parameters only"));
  Json chain;
  for (int i = 0; i < 5000; ++i) chain["C" + std::to_string(i)] = {{"Condition", "C" + std::to_string(i + 1)}};
  chain["A"] = {{"Condition", "C0"}};
  CHECK_THAT(rule(chain.dump(), "Conditions.C63"), Catch::Contains("conditions deep"));
}

TEST_CASE("resources that depend on each other in a circle are named") {
  Json document = Template();
  document["Resources"]["Model"]["DependsOn"] = "Endpoint";
  CHECK(RuleAt(FaultsOf(document.dump()), "Resources") == "circular dependency between Config, Endpoint, Model");
  document = Template();
  document["Resources"]["Model"]["Properties"]["ModelName"] = {{"Fn::Sub", "${Config.EndpointConfigName}-m"}};
  document["Resources"]["Config"]["Properties"]["EndpointConfigName"] = {{"Fn::Sub", "${Model.ModelName}-c"}};
  const auto faults = FaultsOf(document.dump());
  CHECK(std::any_of(faults.begin(), faults.end(), [](const Fault& f) { return f.rule == "depends on itself"; }));
}

TEST_CASE("DependsOn decides the order and must name resources") {
  Json document = Template();
  document["Resources"]["AModel"] = document["Resources"]["Model"];
  document["Resources"]["AModel"]["DependsOn"] = Json::array({"Model"});
  const auto loaded = Load(document.dump());
  REQUIRE(loaded);
  CHECK(loaded->documents[0].name == "Model");
  CHECK(loaded->documents[1].name == "AModel");
  document["Resources"]["AModel"]["DependsOn"] = "Modell";
  CHECK_THAT(RuleAt(FaultsOf(document.dump()), "Resources.AModel.DependsOn"), Catch::Contains("did you mean Model?"));
}

TEST_CASE("a name may come from another resource's name") {
  Json document = Template();
  document["Resources"]["Config"]["Properties"]["EndpointConfigName"] = {{"Fn::Sub", "${Model.ModelName}-config"}};
  const auto loaded = Load(document.dump());
  REQUIRE(loaded);
  CHECK(loaded->documents[1].name == "Model-config");
  CHECK(loaded->documents[2].properties["EndpointConfigName"] == "Model-config");
}

TEST_CASE("faults of all resources come together, each with its logical id") {
  Json document = Template();
  document["Resources"]["Model"]["Type"] = "AWS::SageMaker::Modell";
  document["Resources"]["Config"]["Properties"]["ProductionVariants"][0]["InstanceType"] = "ml.x";
  document["Resources"]["Endpoint"]["Properties"]["Colour"] = "red";
  document["Resources"]["Endpoint"]["Delete"] = true;
  document["Resources"]["bad-id"] = document["Resources"]["Endpoint"];
  document["Extra"] = 1;
  const auto faults = FaultsOf(document.dump());
  CHECK_THAT(RuleAt(faults, "Resources.Model.Type"), Catch::Contains("did you mean AWS::SageMaker::Model?"));
  CHECK_THAT(RuleAt(faults, "Resources.Config.Properties.ProductionVariants[0].InstanceType"),
             Catch::Contains("277 values"));
  CHECK(RuleAt(faults, "Resources.Endpoint.Properties.Colour") == "no such property");
  CHECK(RuleAt(faults, "Resources.Endpoint.Delete") == "no such attribute of a resource");
  CHECK_THAT(RuleAt(faults, "Resources.bad-id"), Catch::Contains("letters and digits"));
  CHECK(RuleAt(faults, "Extra") == "no such section of a template");
  CHECK(faults.size() == 6);
}

TEST_CASE("what this build cannot do is refused with the rest") {
  Json document = Template();
  document["Resources"]["Model"]["Properties"]["PrimaryContainer"]["Image"] = "nginx";
  document["Transform"] = "AWS::Serverless-2016-10-31";
  const auto faults = FaultsOf(document.dump());
  CHECK_THAT(RuleAt(faults, "Resources.Model.Properties.PrimaryContainer.Image"), Catch::Contains("cannot be run"));
  CHECK_THAT(RuleAt(faults, "Transform"), Catch::Contains("cannot be used by this build"));
}

TEST_CASE("what has no effect is noted with its logical id") {
  Json document = Template();
  document["Resources"]["Endpoint"]["DeletionPolicy"] = "Retain";
  document["Resources"]["Config"]["Properties"]["KmsKeyId"] = "k";
  const auto loaded = Load(document.dump());
  REQUIRE(loaded);
  REQUIRE(loaded->notes.size() == 2);
  CHECK(loaded->notes[0] ==
        Note{"Resources.Config.Properties.KmsKeyId", "has no effect: nothing is encrypted", "file.json"});
  CHECK(loaded->notes[1].path == "Resources.Endpoint.DeletionPolicy");
}

TEST_CASE("one resource and an array of resources are loaded") {
  const Json resource = {{"Type", "AWS::SageMaker::Model"}, {"Properties", ModelProperties()}};
  auto one = Load(resource.dump());
  REQUIRE(one);
  CHECK(one->documents.at(0).name == "m");
  const Json config = {
      {"Type", "AWS::SageMaker::EndpointConfig"}, {"Properties", ConfigProperties()}, {"Metadata", {{"Arn", "x"}}}};
  auto two = Load(Json::array({config, resource}).dump());
  REQUIRE(two);
  CHECK(two->documents.at(0).kind == Kind::kModel);
  CHECK(two->documents.at(1).kind == Kind::kEndpointConfig);
}

TEST_CASE("an array keeps the order of its resources within a kind") {
  Json list = Json::array();
  for (int i = 12; i > 0; --i) {
    Json properties = ModelProperties();
    properties["ModelName"] = "m" + std::to_string(i);
    list.push_back({{"Type", "AWS::SageMaker::Model"}, {"Properties", properties}});
  }
  const auto loaded = Load(list.dump());
  REQUIRE(loaded);
  for (int i = 0; i < 12; ++i) CHECK(loaded->documents[i].name == "m" + std::to_string(12 - i));
}

TEST_CASE("a resource without a logical id says its name") {
  const Json resource = {{"Type", "AWS::SageMaker::Endpoint"}, {"Properties", {{"EndpointConfigName", "c"}}}};
  CHECK_THAT(RuleAt(FaultsOf(resource.dump()), "Properties.EndpointName"), Catch::StartsWith("is required"));
  CHECK_THAT(RuleAt(FaultsOf(Json::array({resource}).dump()), "[0].Properties.EndpointName"),
             Catch::StartsWith("is required"));
  CHECK_THAT(RuleAt(FaultsOf(R"([{"Type": "AWS::SageMaker::Endpoint", "DependsOn": "x"}, 5])"), "[1]"),
             Catch::Contains("must be a resource"));
}

TEST_CASE("two resources of a kind cannot share a name, over files too") {
  Json document = Template();
  document["Resources"]["Other"] = document["Resources"]["Model"];
  document["Resources"]["Other"]["Properties"]["ModelName"] = "Model";
  CHECK_THAT(RuleAt(FaultsOf(document.dump()), "Resources.Other.Properties.ModelName"),
             Catch::Contains("is the name of another model, in file.json: Resources.Model"));
  const std::string text = Json{{"Type", "AWS::SageMaker::Model"}, {"Properties", ModelProperties()}}.dump();
  const auto loaded = LoadDocuments({{text, "a.json", "/"}, {text, "b.json", "/"}}, {});
  REQUIRE_FALSE(loaded);
  CHECK(Describe(loaded.error().faults.at(0)) ==
        "b.json: Properties.ModelName: \"m\" is the name of another model, in a.json");
}

TEST_CASE("faults of all files come together") {
  const auto loaded = LoadDocuments({{"{", "a.json", "/"}, {"[1]", "b.json", "/"}, {"{}", "c.json", "/"}}, {});
  REQUIRE_FALSE(loaded);
  const auto& faults = loaded.error().faults;
  REQUIRE(faults.size() == 3);
  CHECK(faults[0].source == "a.json");
  CHECK_THAT(faults[0].rule, Catch::Contains("line 1, column"));
  CHECK(faults[1].path == "[0]");
  CHECK_THAT(faults[2].rule, Catch::Contains("is no template"));
}

TEST_CASE("a syntax error tells line and column, once the file") {
  const auto faults = FaultsOf("{\n  \"Resources\": {,}\n}");
  REQUIRE(faults.size() == 1);
  CHECK_THAT(Describe(faults[0]),
             Catch::StartsWith("file.json: not valid JSON") && Catch::Contains("line 2, column 17"));
}

TEST_CASE("a template may be YAML, its short tags too") {
  const auto loaded = LoadDocuments(R"(# an alarm
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Limit: {Type: Number, Default: 5}
Resources:
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: !Sub "${AWS::StackName}-errors"
      Namespace: AWS/SageMaker
      MetricName: Invocation5XXErrors
      Dimensions: [{Name: EndpointName, Value: vad}, {Name: VariantName, Value: main}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: !Ref Limit
      ComparisonOperator: GreaterThanThreshold
Outputs:
  Arn: {Value: !GetAtt Errors.Arn}
)", "vad.yaml", "/", {});
  REQUIRE(loaded);
  REQUIRE(loaded->documents.size() == 1);
  CHECK(loaded->documents[0].name == "smhost-errors");
  CHECK(loaded->documents[0].properties.at("Threshold") == 5);
  CHECK(loaded->logical_ids == std::vector<std::string>{"Errors"});
  CHECK(loaded->outputs.at("Arn") == "arn:aws:cloudwatch:us-east-1:000000000000:alarm:smhost-errors");
}

TEST_CASE("resources that say no name get the one that the caller makes, wherever they are named") {
  LoadOptions options;
  options.stack_id = "arn:stack";
  options.name_of = [](const std::string& logical_id) { return "made-" + logical_id; };
  const auto loaded = LoadDocuments(R"({"Resources": {
      "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [
          {"VariantName": "main", "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]}, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}]}},
      "Model": {"Type": "AWS::SageMaker::Model", "Properties": {"PrimaryContainer": {"Image": "smhost/torch", "ModelDataUrl": "s3://bucket/key"}}},
      "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointName": "vad", "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}}}},
      "Outputs": {"Stack": {"Value": {"Ref": "AWS::StackId"}}}})", "t.json", "/", options);
  REQUIRE(loaded);
  CHECK(loaded->logical_ids == std::vector<std::string>{"Model", "Config", "Endpoint"});
  CHECK(loaded->documents[0].name == "made-Model");
  CHECK(loaded->documents[1].properties.at("ProductionVariants")[0].at("ModelName") == "made-Model");
  CHECK(loaded->documents[2].name == "vad");
  CHECK(loaded->documents[2].properties.at("EndpointConfigName") == "made-Config");
  CHECK(loaded->outputs.at("Stack") == "arn:stack");
}

TEST_CASE("what is no YAML is refused as such") {
  CHECK_THAT(FaultsOf("Resources: [1,\n")[0].rule, Catch::Contains("YAML"));
  for (const char* text : {"", "nonsense", "{\"a\": 1,}", "\x1f\x8b binary"})
    CHECK_THAT(FaultsOf(text)[0].rule, !Catch::Contains("YAML"));
}

TEST_CASE("documents and templates beyond their limits are refused") {
  CHECK_THAT(FaultsOf(std::string(limits::kDocumentBytes + 1, ' '))[0].rule, Catch::Contains("larger than"));
  Json many = Json::array();
  for (std::size_t i = 0; i <= limits::kResourcesPerApply; ++i) many.push_back(Json::object());
  CHECK_THAT(FaultsOf(many.dump())[0].rule, Catch::Contains("more than 500 resources"));
  // Nine lists of ten, each of ten times the one before.
  Json document = Template();
  document["Parameters"]["P"] = {{"Type", "String"}, {"Default", std::string(4000, 'x')}};
  std::string references;
  for (int i = 0; i < 2000; ++i) references += "${P}";
  Json list = Json::array();
  for (int i = 0; i < 20; ++i) list.push_back({{"Fn::Sub", references}});
  document["Resources"]["Model"]["Properties"]["PrimaryContainer"]["Environment"]["X"] = {{"Fn::Join", {"", list}}};
  const auto faults = FaultsOf(document.dump());
  CHECK(std::any_of(faults.begin(), faults.end(),
                    [](const Fault& f) { return f.rule.find("make more than") != std::string::npos; }));
}

TEST_CASE("deleting needs names alone") {
  Json document = Template();
  document["Resources"]["Model"]["Properties"] = {{"Colour", "red"}};
  const auto loaded = Load(document.dump(), {.validate = false});
  REQUIRE(loaded);
  CHECK(loaded->documents[0].name == "Model");
  document["Resources"]["Model"]["Properties"]["ModelName"] = "../../x";
  auto refused = Load(document.dump(), {.validate = false});
  REQUIRE_FALSE(refused);
  CHECK(RuleAt(refused.error().faults, "Resources.Model.Properties.ModelName").find("1 to 63") != std::string::npos);
}

TEST_CASE("a wrong output is named") {
  Json document = Template();
  document["Outputs"] = {{"A", 5}, {"B", {{"Value", Json::array()}}}, {"C", {{"Value", {{"Ref", "Nope"}}}}}};
  const auto faults = FaultsOf(document.dump());
  CHECK(RuleAt(faults, "Outputs.A.Value") == "is required");
  CHECK_THAT(RuleAt(faults, "Outputs.B.Value"), Catch::Contains("must be a text"));
  CHECK_THAT(RuleAt(faults, "Outputs.C.Value"), Catch::Contains("neither a parameter"));
}

TEST_CASE("templates of any wrong shape end in faults") {
  for (
      const char* text :
      {R"({"Resources": 5})", R"({"Resources": {}})", R"({"Resources": []})", R"({"Resources": {"A": null}})",
       R"({"Resources": {"A": {"Type": 5}}})",
       R"({"Resources": {"A": {"Type": "AWS::SageMaker::Model", "Properties": 5}}})",
       R"({"Resources": {"A": {"Type": "AWS::SageMaker::Model", "Properties": {"Ref": "AWS::NoValue"}}}})",
       R"({"Resources": {"A": {"Type": "AWS::SageMaker::Model", "DependsOn": 5, "Condition": {}}}})",
       R"({"Resources": {"A": {"Type": "AWS::SageMaker::Model"}}, "Parameters": [], "Mappings": 1, "Conditions": "x", "Outputs": 5})",
       R"({"Resources": {"A": {"Type": "AWS::SageMaker::Model", "Properties": {"ModelName": {"Ref": "A"}}}}})",
       R"({"Resources": {"A": {"Type": "AWS::SageMaker::Model", "Properties": {"ModelName": ["x"]}}}})", "null", "5",
       "\"x\"", "[[]]", "[null]", R"({"Type": null})", R"({"Type": "AWS::SageMaker::Model", "Properties": []})"}) {
    INFO(text);
    CHECK_FALSE(Load(text));
  }
}
