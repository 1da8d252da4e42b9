#include "resources/schema_check.h"

#include <catch2/catch.hpp>
#include <random>
#include <regex>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "base/limits.h"
#include "documents.h"
#include "resources/schema.h"

using namespace smhost;

namespace {

std::vector<Fault> Check(Kind kind, const Json& properties) {
  std::vector<Fault> faults;
  SchemaCheck(SchemaOf(kind), InfoOf(kind).word, faults).Check(properties, "Properties");
  return faults;
}

// The verdict of a validator that others wrote.
class Library {
 public:
  explicit Library(Kind kind) {
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(SchemaOf(kind)), schema_);
  }
  bool Accepts(const Json& value) {
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    return validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(value), nullptr);
  }

 private:
  valijson::Schema schema_;
};

Json RandomScalar(std::mt19937& random) {
  static const std::vector<Json> kScalars = {"",
                                             "a",
                                             "ml.m5.large",
                                             "s3://bucket/key",
                                             "-bad-",
                                             std::string(64, 'x'),
                                             std::string(2050, 'y'),
                                             "arn:aws:iam::123456789012:role/r",
                                             "ALL_AT_ONCE",
                                             "CANARY",
                                             "äöü",
                                             0,
                                             1,
                                             -1,
                                             60,
                                             599,
                                             600,
                                             4096,
                                             1025,
                                             7000,
                                             1.5,
                                             true,
                                             false,
                                             nullptr,
                                             1e300,
                                             2147483648u};
  return kScalars[random() % kScalars.size()];
}

// A text that the node takes.
Json FittingText(const Json& node) {
  static const std::vector<std::string> kTexts = {"abc",
                                                  "s3://bucket/key",
                                                  "arn:aws:iam::123456789012:role/r",
                                                  "text/csv",
                                                  "/metrics",
                                                  "https://example.com",
                                                  "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
                                                  "mig-1g.10gb",
                                                  "arn:aws:sns:us-east-1:123456789012:t",
                                                  "arn:aws:sagemaker:us-east-1:123456789012:x/y"};
  for (const std::string& text : kTexts)
    if (std::regex_match(text, std::regex(StringOr(node, "pattern", ".*"))) &&
        static_cast<std::int64_t>(text.size()) >= IntOr(node, "minLength"))
      return text;
  return "none fits";
}

// A value that mostly follows the schema, wrong now and then at some place.
Json RandomValue(const Json& root, const Json& unresolved, std::mt19937& random, int depth) {
  const Json& node = Resolve(root, unresolved);
  if (random() % 100 == 0 || depth > 8) return RandomScalar(random);
  if (node.contains("enum")) return node["enum"][random() % node["enum"].size()];
  const std::string type = StringOr(node, "type");
  if (type == "object") {
    Json object = Json::object();
    for (const auto& [name, member] : MemberOr(node, "properties").items()) {
      const Json& required = MemberOr(node, "required");
      const bool needed = std::find(required.begin(), required.end(), Json(name)) != required.end();
      if (needed ? random() % 100 != 0 : random() % 3 == 0) object[name] = RandomValue(root, member, random, depth + 1);
    }
    if (random() % 100 == 0) object["Extra"] = RandomScalar(random);
    if (!node.contains("properties"))
      object[random() % 10 == 0 ? "9-" : "KEY"] = random() % 10 == 0 ? RandomScalar(random) : Json("text");
    return object;
  }
  if (type == "array") {
    Json array = Json::array();
    for (std::size_t i = random() % 3 + 1; i > 0; --i)
      array.push_back(RandomValue(root, node["items"], random, depth + 1));
    return array;
  }
  if (type == "integer")
    return IntOr(node, "minimum", 1) + (node.contains("multipleOf") ? 0 : static_cast<int>(random() % 2));
  if (type == "number") return 0.5;
  if (type == "boolean") return random() % 2 == 0;
  return FittingText(node);
}

}  // namespace

TEST_CASE("valid documents have no fault") {
  CHECK(Check(Kind::kModel, ModelProperties()).empty());
  CHECK(Check(Kind::kEndpointConfig, ConfigProperties()).empty());
  CHECK(Check(Kind::kEndpoint, EndpointProperties()).empty());
}

TEST_CASE("our verdict on random documents is that of a library") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (const KindInfo& info : Kinds()) {
    Library library(info.kind);
    int accepted = 0;
    for (int i = 0; i < 400; ++i) {
      const Json value = RandomValue(SchemaOf(info.kind), SchemaOf(info.kind), random, 0);
      INFO(info.word << " " << value.dump());
      const bool valid = Check(info.kind, value).empty();
      CHECK(valid == library.Accepts(value));
      accepted += valid;
    }
    CHECK(accepted > 20);  // else only refusals were compared
    CHECK(accepted < 380);
  }
  CHECK(Library(Kind::kModel).Accepts(ModelProperties()));
  CHECK(Library(Kind::kEndpointConfig).Accepts(ConfigProperties()));
  CHECK(Library(Kind::kEndpoint).Accepts(EndpointProperties()));
}

TEST_CASE("an unknown property is named with the one that was meant") {
  Json properties = ConfigProperties();
  properties["ProductionVariants"][0]["InitialInstancesCount"] = 2;
  CHECK(RuleAt(Check(Kind::kEndpointConfig, properties), "Properties.ProductionVariants[0].InitialInstancesCount") ==
        "no such property; did you mean InitialInstanceCount?");
  properties["Zebra"] = 1;
  CHECK(RuleAt(Check(Kind::kEndpointConfig, properties), "Properties.Zebra") == "no such property");
}

TEST_CASE("a wrong value of a long list names the nearest and how to see all") {
  Json properties = ConfigProperties();
  properties["ProductionVariants"][0]["InstanceType"] = "ml.m5.lagre";
  const auto faults = Check(Kind::kEndpointConfig, properties);
  const std::string path = "Properties.ProductionVariants[0].InstanceType";
  CHECK(RuleAt(faults, path) ==
        "must be one of 277 values (`smhost explain endpoint-config.ProductionVariants.InstanceType` lists them; "
        "nearest: ml.m5.large)");
  CHECK(ValueAt(faults, path) == "\"ml.m5.lagre\"");
}

TEST_CASE("all faults of a document are found at once") {
  const Json properties = Json::parse(R"({"EndpointConfigName": "c_", "KmsKeyId": "!", "ProductionVariants": [
      {"InstanceType": 5, "InitialInstanceCount": 0, "VolumeSizeInGB": 513, "InitialVariantWeight": -1,
       "RoutingConfig": {"RoutingStrategy": "FASTEST"}}]})");
  const auto faults = Check(Kind::kEndpointConfig, properties);
  CHECK(PathsOf(faults).size() == 8);
  CHECK_THAT(RuleAt(faults, "Properties.EndpointConfigName"), Catch::StartsWith("must match [a-zA-Z0-9]"));
  CHECK(RuleAt(faults, "Properties.KmsKeyId") == "must match [a-zA-Z0-9:/_-]*");
  CHECK(RuleAt(faults, "Properties.ProductionVariants[0].VariantName") == "is required");
  CHECK(RuleAt(faults, "Properties.ProductionVariants[0].InstanceType") == "must be a string");
  CHECK(RuleAt(faults, "Properties.ProductionVariants[0].InitialInstanceCount") == "must be between 1 and 2147483647");
  CHECK(RuleAt(faults, "Properties.ProductionVariants[0].VolumeSizeInGB") == "must be between 1 and 512");
  CHECK(RuleAt(faults, "Properties.ProductionVariants[0].InitialVariantWeight") == "must be at least 0");
  CHECK(RuleAt(faults, "Properties.ProductionVariants[0].RoutingConfig.RoutingStrategy") ==
        "must be one of LEAST_OUTSTANDING_REQUESTS, RANDOM, PREFIX_AWARE, KV_AWARE");
}

TEST_CASE("lengths count characters, not bytes") {
  Json properties = ModelProperties();
  std::string umlauts;
  for (int i = 0; i < 1024; ++i) umlauts += "ä";
  properties["PrimaryContainer"]["Environment"] = {{"A", umlauts}};
  CHECK(Check(Kind::kModel, properties).empty());
  properties["PrimaryContainer"]["Environment"]["A"] = umlauts + "ä";
  CHECK(RuleAt(Check(Kind::kModel, properties), "Properties.PrimaryContainer.Environment.A") ==
        "must have at most 1024 characters");
}

TEST_CASE("values are shortened between two characters") {
  CHECK(ShortValue(std::string(99, 'a')).size() == 100 + 3);
  std::string umlauts = "a";
  for (int i = 0; i < 1000; ++i) umlauts += "ä";
  const std::string text = ShortValue(umlauts);
  CHECK(text.size() <= 103);
  CHECK(CompactJson(text).find("\xEF\xBF\xBD") == std::string::npos);
}

// A text of megabytes must end in a fault, not in a stack overflow of std::regex.
TEST_CASE("a hostile document of any size ends in a bounded number of faults") {
  Json properties = ModelProperties();
  properties["PrimaryContainer"]["ModelDataUrl"] = "s3://" + std::string(2 << 20, 'a');
  CHECK(RuleAt(Check(Kind::kModel, properties), "Properties.PrimaryContainer.ModelDataUrl") ==
        "must have at most 1024 characters");
  properties = Json::object();
  for (int i = 0; i < 20'000; ++i) properties["Key" + std::to_string(i)] = i;
  CHECK(Check(Kind::kModel, properties).size() == limits::kFaultsPerDocument);
}

TEST_CASE("a NUL character hidden in an escape is refused") {
  Json properties = ModelProperties();
  properties["PrimaryContainer"]["Environment"] = {{"A", std::string("a\0b", 3)}};
  CHECK(RuleAt(Check(Kind::kModel, properties), "Properties.PrimaryContainer.Environment.A") ==
        "must not hold a NUL character");
}

TEST_CASE("numbers outside every integer are refused, not wrapped around") {
  Json properties = ConfigProperties();
  Json& count = properties["ProductionVariants"][0]["InitialInstanceCount"];
  for (const char* text :
       {"18446744073709551615", "9223372036854775807", "-9223372036854775808", "1e300", "1.0", "0"}) {
    count = Json::parse(text);
    INFO(text);
    CHECK_FALSE(
        RuleAt(Check(Kind::kEndpointConfig, properties), "Properties.ProductionVariants[0].InitialInstanceCount")
            .empty());
  }
}

TEST_CASE("an ARN where a name belongs comes with the way out") {
  Json properties = EndpointProperties();
  properties["EndpointConfigName"] = "arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/c";
  CHECK_THAT(RuleAt(Check(Kind::kEndpoint, properties), "Properties.EndpointConfigName"),
             Catch::Contains("Fn::GetAtt the name"));
}
