#include "wire/answer_difference.h"

#include <catch2/catch.hpp>
#include <limits>

using namespace smhost;

namespace {

const std::string kJson = "application/json";

AnswerDifference CompareJson(const std::string& a, const std::string& b, AnswerTolerance tolerance = {}) {
  return CompareAnswers(kJson, a, kJson, b, tolerance);
}

std::string Npy(const std::string& descr, const std::string& shape, std::vector<float> values) {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.resize(117, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size());
  bytes += '\0';
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return bytes;
}

}  // namespace

TEST_CASE("equal answers have no difference, however they are spelled") {
  const auto found = CompareJson(R"({"a": [1.0, 2], "b": "caf\u00e9"})", R"({"b":"café","a":[1,2e0]})");
  CHECK(found.within);
  CHECK(found.same_shape);
  CHECK(found.numbers == 2);
  CHECK(found.largest == 0);
  CHECK(found.text.empty());
}

TEST_CASE("the largest and the mean difference of numbers are told, and where the largest lies") {
  const auto found = CompareJson(R"({"p":[[0.5,1.0],[2.0,4.0]]})", R"({"p":[[0.5,1.5],[2.0,3.0]]})", {10, 0});
  CHECK(found.same_shape);
  CHECK(found.within);
  CHECK(found.numbers == 4);
  CHECK(found.largest == 1.0);
  CHECK(found.mean == Approx(0.375));
  CHECK(found.where == "$.p[1][1]");
  CHECK(found.text.empty());
}

TEST_CASE("the first number outside the tolerance is named with both values") {
  const auto found = CompareJson(R"({"predictions":[0.5,1]})", R"({"predictions":[0.7,9]})", {0.01, 0});
  CHECK(found.same_shape);
  CHECK(!found.within);
  CHECK(found.where == "$.predictions[0]");
  CHECK(found.text.find("at $.predictions[0] expected 0.5, got 0.7") == 0);
  CHECK(found.text.find("more than 0.01") != std::string::npos);
  CHECK(found.largest == 8);
}

TEST_CASE("a tolerance is absolute, relative to the expected value, or both") {
  CHECK(CompareJson("[100]", "[101]", {0, 0.01}).within);
  CHECK(!CompareJson("[100]", "[101.1]", {0, 0.01}).within);
  CHECK(CompareJson("[100]", "[101.1]", {0.5, 0.01}).within);
  CHECK(CompareJson("[0]", "[0.5]", {0.5, 0}).within);
  CHECK(!CompareJson("[-100]", "[-102]", {0, 0.01}).within);
}

TEST_CASE("another structure, text, word or type is a mismatch that names its place") {
  struct Row {
    std::string expected, given, where;
  };
  for (const Row& row : {Row{R"([1,2])", R"([1,2,3])", "$"}, Row{R"({"a":{"b":1}})", R"({"a":{"c":1}})", "$.a"},
                         Row{R"({"a":1})", R"({"a":1,"b":2})", "$"}, Row{R"(["x"])", R"(["y"])", "$[0]"},
                         Row{R"([true])", R"([false])", "$[0]"}, Row{R"([null])", R"([0])", "$[0]"},
                         Row{R"(["1"])", R"([1])", "$[0]"}, Row{R"([[]])", R"([{}])", "$[0]"}}) {
    const auto found = CompareJson(row.expected, row.given, {1e9, 0});
    INFO(row.expected << " " << row.given);
    CHECK(!found.same_shape);
    CHECK(!found.within);
    CHECK(found.where == row.where);
    CHECK(found.text.find("at " + row.where + " expected ") == 0);
  }
}

TEST_CASE("NaN equals NaN alone, an infinity itself alone") {
  CHECK(CompareJson("[NaN, Infinity, -Infinity]", "[NaN, Infinity, -Infinity]").within);
  for (const char* other : {"[1]", "[Infinity]"}) CHECK(!CompareJson("[NaN]", other, {1e308, 1}).same_shape);
  CHECK(!CompareJson("[Infinity]", "[-Infinity]", {1e308, 1}).same_shape);
  CHECK(!CompareJson("[1e999]", "[1]", {1e308, 1}).same_shape);
  CHECK(CompareJson("[1e-999]", "[0]").within);
}

TEST_CASE("whole numbers that doubles cannot tell apart differ nevertheless") {
  const auto found = CompareJson("[9007199254740993]", "[9007199254740992]");
  CHECK(!found.within);
  CHECK(found.largest == 1);
}

TEST_CASE("differences that pass every double stay finite") {
  const auto found = CompareJson("[1e308,1e308]", "[-1e308,-1e308]");
  CHECK(found.largest == std::numeric_limits<double>::max());
  CHECK(found.mean <= std::numeric_limits<double>::max());
}

TEST_CASE("what is no JSON is compared as bytes, and differs from what is") {
  CHECK(CompareJson("oops", "oops").within);
  CHECK(!CompareJson("oops", "oopt").same_shape);
  CHECK(!CompareJson("[1]", "[1").same_shape);
  CHECK(!CompareJson("", "[1]").same_shape);
  for (const char* broken : {"[1,]", "{\"a\"}", "{a:1}", "\"\\", "[1]]", "-", "+-1", "[01x]", "\""})
    CHECK(!CompareJson("[1]", broken).same_shape);
}

TEST_CASE("answers too deep or too large are equal only byte by byte") {
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  CHECK(CompareJson(deep, deep).within);
  CHECK(!CompareJson(deep, " " + deep).within);
  CHECK(CompareAnswers(kJson, "[1.0]", kJson, "[1.0]", {}, 3).within);
  CHECK(!CompareAnswers(kJson, "[1.0]", kJson, "[1.00]", {}, 3).within);
}

TEST_CASE("lines of JSON are compared one by one") {
  const std::string type = "application/jsonlines";
  const auto found = CompareAnswers(type, "{\"a\":1}\n{\"a\":2}\n", type, "{\"a\":1}\n{\"a\":3}\n");
  CHECK(found.same_shape);
  CHECK(found.where == "$[1].a");
  CHECK(!CompareAnswers(type, "1\n2\n", type, "1\n").same_shape);
}

TEST_CASE("CSV is compared field by field, whatever ends its lines") {
  const auto found = CompareAnswers("text/csv", "1,2.5,x\n3,nan,\n", "text/csv; charset=utf-8", "1.0, 2.75,x\r\n3,NaN,\r\n", {0.5, 0});
  CHECK(found.same_shape);
  CHECK(found.within);
  CHECK(found.where == "$[0][1]");
  CHECK(found.largest == 0.25);
  CHECK(!CompareAnswers("text/csv", "1,x", "text/csv", "1,y").same_shape);
  CHECK(!CompareAnswers("text/csv", "1,2", "text/csv", "1").same_shape);
  CHECK(!CompareAnswers("text/csv", "1\n2", "text/csv", "1").same_shape);
}

TEST_CASE("arrays of numpy are compared element by element, other element types byte by byte") {
  const std::string npy = "application/x-npy";
  const auto found = CompareAnswers(npy, Npy("<f4", "2, 2", {1, 2, 3, 4}), npy, Npy("<f4", "2, 2", {1, 2, 3.5, 4}), {1, 0});
  CHECK(found.within);
  CHECK(found.numbers == 4);
  CHECK(found.where == "$[2]");
  CHECK(found.largest == 0.5);
  CHECK(!CompareAnswers(npy, Npy("<f4", "4,", {1, 2, 3, 4}), npy, Npy("<f4", "2, 2", {1, 2, 3, 4})).same_shape);
  CHECK(CompareAnswers(npy, Npy("<c8", "1,", {1, 2}), npy, Npy("<c8", "1,", {1, 2})).within);
  CHECK(!CompareAnswers(npy, Npy("<c8", "1,", {1, 2}), npy, Npy("<c8", "1,", {1, 3}), {9, 9}).within);
  const std::string whole = Npy("<f4", "4,", {1, 2, 3, 4});
  for (std::size_t cut = 0; cut < whole.size(); ++cut) CHECK(!CompareAnswers(npy, whole, npy, whole.substr(0, cut), {9, 9}).same_shape);
}

TEST_CASE("other types are equal where their bytes are, and two types never") {
  CHECK(CompareAnswers("application/octet-stream", "abc", "application/octet-stream", "abc").within);
  const auto found = CompareAnswers("application/octet-stream", "abc", "application/octet-stream", "abd");
  CHECK(found.text.find("byte 2") != std::string::npos);
  CHECK(!CompareAnswers("text/csv", "1", kJson, "1").same_shape);
  CHECK(MediaTypeOf("Application/JSON ; charset=utf-8") == kJson);
}
