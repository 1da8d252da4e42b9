// botocore's vectors of the wire protocols, seen from the server: what its clients send must decode to the parameters they were
// given, and the results they read must encode to the answers they were read from.
// In the folder that $SMHOST_PROTOCOL_VECTORS names. Hidden: process/protocol_vectors fetches it and runs this.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <pugixml.hpp>
#include <set>
#include <string>
#include <vector>

#include "api/base64.h"
#include "api/protocol_cbor.h"
#include "api/protocol_json.h"
#include "api/protocol_query.h"
#include "base/files.h"

namespace smhost {
namespace {

constexpr std::size_t kVectorFileBytes = 16u << 20;

enum class Wire { kJson, kQuery, kCbor };
struct Suite {
  const char* file;
  Wire wire;
};
constexpr Suite kSuites[] = {
    {"json", Wire::kJson},
    {"json_1_0", Wire::kJson},
    {"json_1_0-query-compatible", Wire::kJson},
    {"query", Wire::kQuery},
    {"smithy-rpc-v2-cbor", Wire::kCbor},
    {"smithy-rpc-v2-cbor-query-compatible", Wire::kCbor},
    {"smithy-rpc-v2-cbor-non-query-compatible", Wire::kCbor},
};

// Vectors that say nothing of a server like this: by reason. One that would pass here is a fault of this list.
struct LeftOut {
  const char* reason;
  std::vector<const char*> ids;
};
const LeftOut kLeftOut[] = {
    {"written with an offset from UTC, which a client must read and a server need not write",
     {"output/json/AwsJson11DateTimeWithNegativeOffset",
      "output/json/AwsJson11DateTimeWithPositiveOffset",
      "output/query/AwsQueryDateTimeWithNegativeOffset",
      "output/query/AwsQueryDateTimeWithPositiveOffset"}},
    {"holds nulls or members beyond the shape, which a client must bear and a server does not send",
     {"output/json/handles_unexpected_json_output",
      "output/json/AwsJson11DeserializeIgnoreType",
      "output/json/AwsJson11StructuresDontDeserializeNullValues",
      "output/json_1_0/AwsJson10DeserializeIgnoreType",
      "output/json_1_0/AwsJson10DeserializeAllowNulls",
      "output/json_1_0/AwsJson10HandlesUnexpectedJsonOutput",
      "output/smithy-rpc-v2-cbor/empty_output_no_body",
      "output/smithy-rpc-v2-cbor/NoOutputClientAllowsEmptyCbor",
      "output/smithy-rpc-v2-cbor/RpcV2CborDeserializesDenseSetMapAndSkipsNull",
      "output/smithy-rpc-v2-cbor/RpcV2CborClientDoesntDeserializeNullStructureValues",
      "output/smithy-rpc-v2-cbor/RpcV2CborExtraFieldsInTheBodyShouldBeSkippedByClients",
      "output/smithy-rpc-v2-cbor/RpcV2CborPayloadWithUnsetUnion"}},
    {"names its error in \"code\", which a client must read too; this server says __type",
     {"output/json/AwsJson11FooErrorUsingCode",
      "output/json/AwsJson11FooErrorUsingCodeAndNamespace",
      "output/json/AwsJson11FooErrorUsingCodeUriAndNamespace",
      "output/json_1_0/AwsJson10FooErrorUsingCode",
      "output/json_1_0/AwsJson10FooErrorUsingCodeAndNamespace",
      "output/json_1_0/AwsJson10FooErrorUsingCodeUriAndNamespace"}},
    {"tells no body, only the header of the compression",
     {"input/json/SDKAppliedContentEncoding_awsJson1_1",
      "input/json/SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1",
      "input/json_1_0/SDKAppliedContentEncoding_awsJson1_0",
      "input/json_1_0/SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0",
      "input/query/SDKAppliedContentEncoding_awsQuery",
      "input/query/SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery"}},
    {"answers 400 where its model says 402",
     {"output/json_1_0-query-compatible/QueryCompatibleAwsJson10CustomCodeError",
      "output/smithy-rpc-v2-cbor-query-compatible/QueryCompatibleRpcV2CborCustomCodeError"}},
    {"has parameters that the form does not carry, or carries one that the client makes up",
     {"input/query/QueryProtocolIdempotencyTokenAutoFill",
      "input/query/QueryEmptyQueryMaps"}},
};

bool IsLeftOut(const std::string& id) {
  for (const LeftOut& one : kLeftOut)
    if (std::find(one.ids.begin(), one.ids.end(), id) != one.ids.end()) return true;
  return false;
}

// Values as the vectors write them: NaN and Infinity are words there.
bool Same(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    const double x = a.get<double>(), y = b.get<double>();
    return x == y || (std::isnan(x) && std::isnan(y)) || std::abs(x - y) < 1e-6 * std::abs(x);
  }
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_array()) return std::equal(a.begin(), a.end(), b.begin(), Same);
  if (!a.is_object()) return a == b;
  for (const auto& [key, value] : a.items())
    if (!b.contains(key) || !Same(value, b[key])) return false;
  return true;
}

// The vector's value as a service has it: blobs, which vectors write as they are, in base64; without nulls.
Json Expected(const ShapeUse& use, const Json& value) {
  const Shape& shape = *use.shape;
  if (shape.type == ShapeType::kStructure && value.is_object()) {
    Json all = Json::object();
    for (const ShapeMember& member : shape.members)
      if (value.contains(member.name) && !value[member.name].is_null()) all[member.name] = Expected(member, value[member.name]);
    return all;
  }
  Json all = value;
  if (shape.type == ShapeType::kList)
    for (Json& one : all) one = Expected(shape.element, one);
  if (shape.type == ShapeType::kMap)
    for (auto& [key, one] : all.items()) one = Expected(shape.value, one);
  if (shape.type == ShapeType::kBlob && value.is_string()) all = EncodeBase64(value.get<std::string>());
  if ((shape.type == ShapeType::kFloat || shape.type == ShapeType::kDouble) && value.is_string())
    all = value == "NaN" ? std::nan("") : value == "Infinity" ? HUGE_VAL : -HUGE_VAL;
  return all;
}
Json Expected(const Shape* shape, const Json& value) {
  if (shape == nullptr) return Json::object();
  ShapeUse use;
  use.shape = shape;
  return Expected(use, value.is_null() ? Json::object() : value);
}

// Elements by name, in any order among different names; text without the blanks around it.
Json XmlAsJson(const pugi::xml_node& node) {
  Json all = {{"text", ""}, {"children", Json::object()}, {"attributes", Json::object()}};
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() == pugi::node_element) {
      all["children"][child.name()].push_back(XmlAsJson(child));
    } else {
      all["text"] = all["text"].get<std::string>() + child.value();
    }
  }
  // A map's entries have no order.
  for (auto& [name, same] : all["children"].items())
    if (std::all_of(same.begin(), same.end(), [](const Json& one) { return one["children"].size() == 2; }))
      std::sort(same.begin(), same.end());
  if (!all["children"].empty() || all["text"].get<std::string>().find_first_not_of(" \r\n\t") == std::string::npos) all["text"] = "";
  for (const pugi::xml_attribute& one : node.attributes()) all["attributes"][one.name()] = one.value();
  return all;
}

// The root's namespace is not in the vectors' models; what real services add to an answer is not in their bodies.
Json XmlBody(const std::string& body) {
  pugi::xml_document document;
  if (!body.empty() && !document.load_string(body.c_str(), pugi::parse_default | pugi::parse_ws_pcdata)) return "no XML";
  Json all = XmlAsJson(document);
  for (auto& [name, roots] : all["children"].items()) {
    for (Json& root : roots) {
      root["attributes"].erase("xmlns");
      root["children"].erase("ResponseMetadata");
    }
  }
  return all;
}

Json Body(Wire wire, const std::string& body) {
  if (wire == Wire::kQuery) return XmlBody(body);
  if (wire == Wire::kCbor) return body.empty() ? Json() : ReadCbor(body).value_or(Json("no CBOR"));
  return body.empty() ? Json::object() : Json::parse(body, nullptr, false);
}

// Clients read "a.b.c#Name:http://…" as "Name".
Json WithPlainType(Json body) {
  if (!body.is_object() || !body.contains("__type")) return body;
  std::string type = body["__type"].get<std::string>();
  type = type.substr(0, type.find(':'));
  body["__type"] = type.substr(type.find('#') + 1);
  return body;
}

class Runner {
 public:
  explicit Runner(std::string folder) : folder_(std::move(folder)) {}

  void Run() {
    for (const Suite& suite : kSuites) {
      RunFile(suite, "input");
      RunFile(suite, "output");
    }
    for (const LeftOut& group : kLeftOut)
      for (const char* id : group.ids)
        if (!left_out_.contains(id)) Fault(id, "is in the list of those that are left out, but there is none");
    std::cout << total_ << " vectors: " << held_ << " hold, " << left_out_.size() << " are left out\n";
    CHECK(held_ > 200);
  }

 private:
  void RunFile(const Suite& suite, const std::string& direction) {
    auto text = MakeSystemFiles()->Read(folder_ + "/" + direction + "/" + suite.file + ".json", kVectorFileBytes);
    auto groups = text ? ParseJson(*text, suite.file, kVectorFileBytes) : Result<Json>(Fail(text.error()));
    if (!groups) return Fault(suite.file, groups.error().message);
    for (const Json& group : *groups)
      for (const Json& one : group["cases"]) RunCase(suite, group, one, direction);
  }

  void RunCase(const Suite& suite, const Json& group, const Json& one, const std::string& direction) {
    ++total_;
    const std::string id = direction + "/" + suite.file + "/" + StringOr(one, "id", StringOr(group, "description"));
    const std::string name = StringOr(one["given"], "name");
    Json model = {{"metadata", group["metadata"]}, {"shapes", MemberOr(group, "shapes").is_object() ? group["shapes"] : Json::object()},
                        {"operations", {{name, one["given"]}}}};
    // The vectors' models leave out what the models of real services have.
    if (suite.wire == Wire::kQuery && one["given"].contains("output"))
      model["operations"][name]["output"]["resultWrapper"] = name + "Result";
    auto shapes = ServiceShapes::Read(model);
    std::string fault = shapes ? "" : shapes.error().message;
    if (fault.empty()) {
      const ApiOperation& operation = *(*shapes)->FindOperation(name);
      fault = direction == "input" ? InputFault(suite.wire, operation, one) : OutputFault(suite.wire, **shapes, operation, one);
    }
    if (IsLeftOut(id)) {
      left_out_.insert(id);
      if (fault.empty()) Fault(id, "is in the list of those that are left out, but holds");
    } else if (!fault.empty()) {
      Fault(id, fault);
    } else {
      ++held_;
    }
  }

  static std::string InputFault(Wire wire, const ApiOperation& operation, const Json& one) {
    const Json& sent = one["serialized"];
    std::string body = StringOr(sent, "body");
    HttpHead head{StringOr(sent, "method"), StringOr(sent, "uri", "/"), {}};
    for (const auto& [name, value] : MemberOr(sent, "headers").items()) {
      std::string lower = name;
      std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
      head.headers.emplace_back(lower, value.get<std::string>());
    }
    const ApiRoute route = RouteOf(head, "");
    ApiResult<Json> input;
    if (wire == Wire::kQuery) {
      auto form = ParseForm(body);
      if (!form) return form.error().message;
      if (std::find(form->begin(), form->end(), std::pair<std::string, std::string>("Action", operation.name)) == form->end())
        return "no Action";
      input = DecodeQueryInput(operation, *form);
    } else if (sent.contains("headers") && route.operation != operation.name) {
      return "the head was read as the operation \"" + route.operation + "\"";
    } else if (wire == Wire::kCbor) {
      input = DecodeCborInput(operation, DecodeBase64(body).value_or("no base64"));
    } else {
      input = DecodeJsonInput(operation, body);
    }
    if (!input) return input.error().code + ": " + input.error().message;
    const Json expected = Expected(operation.input, one["params"]);
    return Same(*input, expected) ? "" : "decodes to " + CompactJson(*input) + ", not " + CompactJson(expected);
  }

  static std::string OutputFault(Wire wire, const ServiceShapes& shapes, const ApiOperation& operation, const Json& one) {
    const Json& response = one["response"];
    std::string body = StringOr(response, "body");
    if (wire == Wire::kCbor) body = DecodeBase64(body).value_or("no base64");
    const ApiAnswer answer = one.contains("error") ? ErrorAnswer(wire, shapes, operation, one) : Answer(wire, shapes, operation, one);
    if (answer.status != IntOr(response, "status_code", 200)) return "status " + std::to_string(answer.status);
    const std::string told = StringOr(MemberOr(response, "headers"), "x-amzn-query-error");
    if (!told.empty() && std::find(answer.headers.begin(), answer.headers.end(),
                                   std::pair<std::string, std::string>("x-amzn-query-error", told)) == answer.headers.end())
      return "no x-amzn-query-error " + told;
    if (!response.contains("body")) return "";
    const Json ours = Body(wire, answer.body), theirs = WithPlainType(Body(wire, body));
    return Same(ours, theirs) ? "" : "encodes to " + CompactJson(ours) + ", not " + CompactJson(theirs);
  }

  static ApiAnswer Answer(Wire wire, const ServiceShapes& shapes, const ApiOperation& operation, const Json& one) {
    const Json result = Expected(operation.output, MemberOr(one, "result"));
    if (wire == Wire::kQuery) return EncodeQueryOutput(shapes, operation, result, "foo-id");
    if (wire == Wire::kCbor) return EncodeCborOutput(operation, result);
    return EncodeJsonOutput(operation, result, WireProtocol::kJson11);
  }

  static ApiAnswer ErrorAnswer(Wire wire, const ServiceShapes& shapes, const ApiOperation& operation, const Json& one) {
    ApiError error{StringOr(one, "errorCode"), StringOr(one, "errorMessage"),
                   static_cast<int>(IntOr(one["response"], "status_code", 400)), one["error"]};
    if (wire == Wire::kQuery) return EncodeQueryError(&shapes, &operation, error, "foo-id");
    if (wire == Wire::kCbor) return EncodeCborError(error, &operation, shapes.query_compatible());
    return EncodeJsonError(error, &operation, shapes.query_compatible(), WireProtocol::kJson11);
  }

  static void Fault(const std::string& id, const std::string& what) {
    std::cout << id << ": " << what << "\n";  // in one line, where Catch would break it
    FAIL_CHECK(id);
  }

  const std::string folder_;
  std::set<std::string> left_out_;
  int total_ = 0, held_ = 0;
};

TEST_CASE("botocore's protocol vectors", "[.protocol_vectors]") {
  const char* folder = std::getenv("SMHOST_PROTOCOL_VECTORS");
  REQUIRE(folder != nullptr);
  Runner(folder).Run();
}

}  // namespace
}  // namespace smhost
