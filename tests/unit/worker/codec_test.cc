#include "worker/codec.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {
using Catch::Matchers::Contains;
MethodSchema Schema(std::vector<std::pair<std::string, TypeSpec::Kind>> arguments) {
  MethodSchema schema;
  for (auto& [name, kind] : arguments) schema.arguments.push_back({name, {kind, false, {}, "a type"}, false});
  return schema;
}
}  // namespace

TEST_CASE("only the exact content types are known") {
  CHECK(*ParseContentType("application/json") == ContentType::kJson);
  CHECK(*ParseContentType("text/csv") == ContentType::kCsv);
  CHECK(*ParseContentType("application/x-npy") == ContentType::kNpy);
  CHECK_THAT(ParseContentType("application/json; charset=utf-8").error().message, Contains("without parameters"));
  CHECK_THAT(ParseContentType("text/plain").error().message,
             Contains("\"text/plain\" is not supported") && !Contains("parameters"));
  CHECK_THAT(ParseContentType("").error().message, Contains("no Content-Type"));
  CHECK(ParseContentType("application/x-npz").error().code == Code::kUnsupported);
}

TEST_CASE("the first known type of Accept is taken, whatever its q") {
  CHECK(*ChooseAnswerType("text/csv", "application/json") == ContentType::kCsv);
  CHECK(*ChooseAnswerType("text/html, application/x-npy, application/json", "application/json") == ContentType::kNpy);
  CHECK(*ChooseAnswerType("text/csv;q=0.1, application/json", "text/csv") == ContentType::kJson);
}

TEST_CASE("no Accept or any type means the default") {
  for (const char* accept : {"", "*/*", " */* ", "text/html, */*"})
    CHECK(*ChooseAnswerType(accept, "text/csv") == ContentType::kCsv);
}

TEST_CASE("an Accept of unknown types is refused") {
  auto type = ChooseAnswerType("text/html", "application/json");
  REQUIRE_FALSE(type);
  CHECK(type.error().code == Code::kUnsupported);
  CHECK_THAT(type.error().message, Contains("\"text/html\""));
}

TEST_CASE("CSV and npy fill the one argument there is, and say so where there are more") {
  auto one = DecodeRequest(ContentType::kCsv, "1,2", Schema({{"x", TypeSpec::Kind::kTensor}}), {});
  REQUIRE(one);
  CHECK(Describe(*(*one)[0]->As<Tensor>()) == "float32[2]");
  auto two = DecodeRequest(ContentType::kCsv, "1,2",
                           Schema({{"x", TypeSpec::Kind::kTensor}, {"sr", TypeSpec::Kind::kInt}}), {});
  CHECK_THAT(two.error().message, Contains("{\"inputs\": […]}"));
  auto text = DecodeRequest(ContentType::kCsv, "1,2", Schema({{"x", TypeSpec::Kind::kString}}), {});
  CHECK_THAT(text.error().message, Contains("no tensor"));
}

TEST_CASE("a wanted type also changes what npy holds") {
  auto bytes = EncodeAnswer({Tensor{DType::kF32, {1}, std::string(4, '\0')}}, ContentType::kNpy);
  REQUIRE(bytes);
  auto schema = Schema({{"x", TypeSpec::Kind::kTensor}});
  CHECK(Describe(*(*DecodeRequest(ContentType::kNpy, *bytes, schema, {}))[0]->As<Tensor>()) == "float64[1]");
  CHECK(Describe(*(*DecodeRequest(ContentType::kNpy, *bytes, schema, DType::kF32))[0]->As<Tensor>()) == "float32[1]");
}

TEST_CASE("a warm-up file's type follows from its ending") {
  CHECK(*ContentTypeOfFile("a/b.json") == ContentType::kJson);
  CHECK(*ContentTypeOfFile("b.csv") == ContentType::kCsv);
  CHECK_FALSE(ContentTypeOfFile("json"));
  CHECK_FALSE(ContentTypeOfFile("a.json/b"));
}

}  // namespace smhost
