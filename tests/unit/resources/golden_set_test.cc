#include "resources/golden_set.h"

#include <catch2/catch.hpp>

#include "documents.h"
#include "resources/validate.h"

using namespace smhost;

namespace {
Result<GoldenSet> Parse(const char* text, bool files = false) { return ParseGoldenSet(Json::parse(text), files); }
std::string Why(const char* text, bool files = false) {
  const auto parsed = Parse(text, files);
  return parsed ? "" : parsed.error().message;
}
}  // namespace

TEST_CASE("a golden set's bodies and answers are texts, JSON values or base64") {
  const auto set = Parse(R"({"Tolerance": 0.5, "RelativeTolerance": 0.01, "LatencyBudgetInMilliseconds": 20, "Requests": [
      {"Name": "one", "Body": {"x": [1.5, null]}, "Expected": {"y": true}},
      {"Body": "1,2", "ContentType": "text/csv", "Accept": "text/csv", "Expected": "3", "ExpectedContentType": "text/csv"},
      {"BodyBase64": "AAH/", "ExpectedStatus": 400}]})");
  REQUIRE(set);
  CHECK(set->tolerance == 0.5);
  CHECK(set->relative_tolerance == 0.01);
  CHECK(set->latency_budget == std::chrono::milliseconds(20));
  REQUIRE(set->requests.size() == 3);
  CHECK(set->requests[0].body == R"({"x":[1.5,null]})");
  CHECK(set->requests[0].expected == R"({"y":true})");
  CHECK(set->requests[0].content_type == "application/json");
  CHECK(set->requests[1].body == "1,2");
  CHECK(set->requests[1].expected == "3");
  CHECK(set->requests[2].body == std::string("\x00\x01\xff", 3));
  CHECK(set->requests[2].expected_status == 400);
  CHECK_FALSE(set->requests[2].expected);
}

TEST_CASE("a malformed golden set is refused with the place") {
  CHECK_THAT(Why("[]"), Catch::Contains("must be an object"));
  CHECK_THAT(Why("{}"), Catch::Contains("Requests: is required") || Catch::Contains("Requests"));
  CHECK_THAT(Why(R"({"Requests": []})"), Catch::Contains("Requests"));
  CHECK_THAT(Why(R"({"Requests": [{"Expected": 1}]})"), Catch::Contains("Requests[0].Body"));
  CHECK_THAT(Why(R"({"Requests": [{"Body": 1, "BodyBase64": "AA=="}]})"), Catch::Contains("another body"));
  for (const char* bad : {"A", "AA=", "A===", "AAA\u0000", "AA=A", "é==="})
    CHECK_THAT(Why(("{\"Requests\": [{\"BodyBase64\": \"" + std::string(bad) + "\"}]}").c_str()), Catch::Contains("BodyBase64"));
  CHECK_THAT(Why(R"({"Requests": [{"Body": 1}], "Tolerance": -1})"), Catch::Contains("Tolerance"));
  CHECK_THAT(Why(R"({"Requests": [{"Body": 1, "Wrong": 1}]})"), Catch::Contains("Wrong"));
}

TEST_CASE("files stand in an artifact's golden set alone, and beside it") {
  const char* good = R"({"Requests": [{"BodyFile": "a.json", "ExpectedFile": "b.json"}]})";
  const auto set = Parse(good, true);
  REQUIRE(set);
  CHECK(set->requests[0].body_file == "a.json");
  CHECK(set->requests[0].expected_file == "b.json");
  CHECK_THAT(Why(good), Catch::Contains("BodyFile"));
  for (const char* bad : {"../a", "/etc/passwd", "a/b", ".", "..", ".hidden", ""})
    CHECK_THAT(Why(("{\"Requests\": [{\"BodyFile\": \"" + std::string(bad) + "\"}]}").c_str(), true), Catch::Contains("BodyFile"));
  CHECK_THAT(Why(R"({"Requests": [{"BodyFile": "a", "Body": 1}]})", true), Catch::Contains("another body"));
}

TEST_CASE("a golden set's document is checked as a whole") {
  CHECK(Validate(DocumentOf(Kind::kGoldenSet, GoldenSetProperties())).empty());
  Json properties = GoldenSetProperties();
  properties["Requests"][0].erase("Body");
  CHECK_THAT(RuleAt(Validate(DocumentOf(Kind::kGoldenSet, properties)), "Properties.Requests[0].Body"), Catch::Contains("is required"));
}
