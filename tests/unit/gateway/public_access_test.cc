#include "gateway/public_access.h"

#include <catch2/catch.hpp>

#include "base/digest.h"
#include "base/json.h"

namespace smhost {
namespace {

using namespace std::chrono_literals;
using Kind = CallOutcome::Kind;

const MonotonicTime kNow = MonotonicTime{} + 1000s;

PublicRoute Route() {
  PublicRoute route{"111111111111", "p", "/public/p", "e", "v"};
  route.key_digests = {Sha256Hex("old"), Sha256Hex("secret")};
  route.per_second = 1;
  route.burst = 2;
  route.most_body_bytes = 10;
  return route;
}

OpenPath Open(PublicRoute route) { return {std::move(route), std::make_shared<TokenBucket>()}; }

HttpRequest Request(const std::string& method = "POST", const std::string& key = "secret") {
  HttpRequest request;
  request.method = method;
  request.target = "/public/p";
  request.content_type = "text/csv; charset=utf-8";
  if (!key.empty()) request.headers.emplace_back("x-api-key", key);
  return request;
}

std::string HeaderOf(const HttpAnswer& answer, std::string_view wanted) {
  for (const auto& [name, value] : answer.headers)
    if (name == wanted) return value;
  return {};
}

std::string MessageOf(const HttpAnswer& answer) { return StringOr(*ParseJson(answer.body, "body", 10000), "message"); }

TEST_CASE("a key opens its route, no other does, and none is needed where the route is open") {
  OpenPath path = Open(Route());
  path.route.burst = 100;
  for (const char* good : {"secret", "old"}) CHECK_FALSE(AdmitPublic(Request("POST", good), path, kNow));
  for (const std::string& bad : {std::string(), std::string("Secret"), std::string("secret "), Sha256Hex("secret")}) {
    auto refusal = AdmitPublic(Request("POST", bad), path, kNow);
    REQUIRE(refusal);
    CHECK(refusal->status == 403);
    CHECK(refusal->body == R"({"message":"Forbidden"})");
    CHECK(refusal->content_type == "application/json");
  }
  path.route.open = true;
  path.route.key_digests.clear();
  CHECK_FALSE(AdmitPublic(Request("POST", ""), path, kNow));
}

TEST_CASE("beyond its rate a route says when to come back, and strangers use none of it up") {
  OpenPath path = Open(Route());
  for (int i = 0; i < 10; ++i) CHECK(AdmitPublic(Request("POST", "wrong"), path, kNow)->status == 403);
  CHECK_FALSE(AdmitPublic(Request(), path, kNow));
  CHECK_FALSE(AdmitPublic(Request(), path, kNow));
  auto refusal = AdmitPublic(Request(), path, kNow);
  REQUIRE(refusal);
  CHECK(refusal->status == 429);
  CHECK(MessageOf(*refusal) == "Too Many Requests");
  CHECK(HeaderOf(*refusal, "Retry-After") == "1");
  CHECK_FALSE(AdmitPublic(Request(), path, kNow + 1s));
}

TEST_CASE("what has passed on a route counts on when the routes come anew") {
  const PublicRoutes before({Route()}, nullptr);
  for (int i = 0; i < 2; ++i) CHECK_FALSE(AdmitPublic(Request(), *before.Find("/public/p"), kNow));
  PublicRoute moved = Route();
  moved.path = "/elsewhere";
  const PublicRoutes after({moved}, &before);
  CHECK(after.Find("/public/p") == nullptr);
  CHECK(AdmitPublic(Request(), *after.Find("/elsewhere"), kNow)->status == 429);
  const PublicRoutes anew({moved}, nullptr);
  CHECK_FALSE(AdmitPublic(Request(), *anew.Find("/elsewhere"), kNow));
}

TEST_CASE("methods, types and sizes that a route does not take are refused by the head") {
  OpenPath path = Open(Route());
  path.route.burst = 100;
  auto wrong_method = AdmitPublic(Request("GET"), path, kNow);
  CHECK(wrong_method->status == 405);
  CHECK(HeaderOf(*wrong_method, "Allow") == "POST");
  CHECK(AdmitPublic(Request("OPTIONS"), path, kNow)->status == 405);
  HttpRequest large = Request();
  large.content_length = 11;
  CHECK(AdmitPublic(large, path, kNow)->status == 413);
  large.content_length = 10;
  CHECK_FALSE(AdmitPublic(large, path, kNow));
  path.route.content_types = {"text/csv"};
  CHECK_FALSE(AdmitPublic(Request(), path, kNow));
  for (const char* type : {"", "text/csvs", "application/json", "text"}) {
    HttpRequest other = Request();
    other.content_type = type;
    CHECK(AdmitPublic(other, path, kNow)->status == 415);
  }
}

TEST_CASE("a preflight is answered without a key, and pages of other origins get no leave") {
  OpenPath path = Open(Route());
  path.route.origins = {"https://a.example", "https://b.example"};
  auto ask = [&](const char* origin) {
    HttpRequest request = Request("OPTIONS", "");
    request.headers.emplace_back("origin", origin);
    return AdmitPublic(request, path, kNow);
  };
  CHECK(ask("https://b.example")->status == 204);
  CHECK(HeaderOf(*ask("https://b.example"), "Access-Control-Allow-Origin") == "https://b.example");
  CHECK(HeaderOf(*ask("https://b.example"), "Access-Control-Allow-Methods") == "POST");
  CHECK(HeaderOf(*ask("https://b.example"), "Access-Control-Allow-Headers").find("x-api-key") != std::string::npos);
  CHECK(HeaderOf(*ask("https://b.example.evil"), "Access-Control-Allow-Origin").empty());
  CHECK(HeaderOf(*ask("https://c.example"), "Vary") == "Origin");
  CHECK(HeaderOf(*AdmitPublic(Request("POST", "wrong"), path, kNow), "Vary") == "Origin");
  path.route.origins = {"*"};
  CHECK(HeaderOf(*ask("https://c.example"), "Access-Control-Allow-Origin") == "*");
}

struct TestCall : Call {
  void Done(CallOutcome) override {}
};

TEST_CASE("the call is the route's, whatever else the request says") {
  HttpRequest request = Request();
  request.accept = "application/json";
  request.body = "1,2";
  request.account = "222222222222";
  request.target_variant = "other";
  request.custom_attributes = "x";
  request.session_id = "NEW_SESSION";
  TestCall call;
  REQUIRE_FALSE(ReadPublic(request, Route(), call));
  CHECK(call.account == "111111111111");
  CHECK(call.endpoint == "e");
  CHECK(call.wanted_variant == "v");
  CHECK(call.content_type == "text/csv; charset=utf-8");
  CHECK(call.accept == "application/json");
  CHECK(call.body == "1,2");
  CHECK((call.session.empty() && call.custom_attributes.empty()));
  HttpRequest chunked = Request();
  chunked.body = std::string(11, 'x');
  CHECK(ReadPublic(chunked, Route(), call)->status == 413);
}

TEST_CASE("the endpoint's answer goes out with its type and its times alone") {
  HttpAnswer inner{200, "text/csv", {{"x-Amzn-Invoked-Production-Variant", "v"}, {"Server-Timing", "queue;dur=1"}, {"X-Smhost-Model-Digest", "d"}}, "3"};
  PublicRoute route = Route();
  route.origins = {"*"};
  const HttpAnswer answer = AnswerPublic(route, "https://a", Kind::kAnswered, inner);
  CHECK(answer.status == 200);
  CHECK(answer.content_type == "text/csv");
  CHECK(answer.body == "3");
  CHECK(HeaderOf(answer, "Server-Timing") == "queue;dur=1");
  CHECK(HeaderOf(answer, "Access-Control-Allow-Origin") == "*");
  for (const auto& [name, value] : answer.headers) CHECK((name.find("mzn") == std::string_view::npos && name.find("Smhost") == std::string_view::npos));
}

TEST_CASE("failures behind a route look like those behind API Gateway and tell nothing of the model") {
  const HttpAnswer inner{424, "application/json", {{"x-amzn-ErrorType", "ModelError"}}, R"({"OriginalMessage":"private"})"};
  const std::vector<std::tuple<Kind, int, std::string>> cases = {
      {Kind::kAnswered, 502, "Internal server error"},     {Kind::kLost, 502, "Internal server error"},
      {Kind::kPoison, 502, "Internal server error"},       {Kind::kTimedOut, 504, "Endpoint request timed out"},
      {Kind::kNoEndpoint, 503, "Service Unavailable"},     {Kind::kNoVariant, 503, "Service Unavailable"},
      {Kind::kQueueFull, 503, "Service Unavailable"},      {Kind::kStopping, 503, "Service Unavailable"}};
  for (const auto& [kind, status, message] : cases) {
    const HttpAnswer answer = AnswerPublic(Route(), "", kind, inner);
    CHECK(answer.status == status);
    CHECK(MessageOf(answer) == message);
    CHECK(answer.headers.empty());
  }
}

}  // namespace
}  // namespace smhost
