#include "gateway/admission.h"

#include <catch2/catch.hpp>

#include "base/json.h"

namespace smhost {
namespace {

HttpRequest Request(const std::string& method, const std::string& target) {
  HttpRequest request;
  request.method = method;
  request.target = target;
  return request;
}

int Admitted(const HttpRequest& request, Origin origin) {
  auto refusal = Admit(request, origin, [](std::string_view token) { return token == "secret"; });
  return refusal ? refusal->status : 0;
}

std::string TypeOf(const HttpAnswer& response) {
  for (const auto& [name, value] : response.headers)
    if (name == "x-amzn-ErrorType") return value;
  return {};
}

const HttpRequest kInvoke = Request("POST", "/endpoints/e/invocations");

TEST_CASE("over TCP an invocation needs the account's token") {
  HttpRequest request = kInvoke;
  auto none = Admit(request, Origin::kTcp, [](std::string_view) { return true; });
  REQUIRE(none);
  CHECK(none->status == 403);
  CHECK(TypeOf(*none) == "MissingAuthenticationTokenException");
  CHECK(StringOr(*ParseJson(none->body, "body", 1000), "message") == "Missing Authentication Token");
  request.authorization = "Bearer wrong";
  auto wrong = Admit(request, Origin::kTcp, [](std::string_view token) { return token == "secret"; });
  REQUIRE(wrong);
  CHECK(TypeOf(*wrong) == "UnrecognizedClientException");
  for (const char* good : {"Bearer secret", "bearer secret", "BEARER  secret"}) {
    request.authorization = good;
    CHECK(Admitted(request, Origin::kTcp) == 0);
  }
  for (const char* bad : {"secret", "Basic secret", "Bearer", "Bearer ", "Bearersecret", "AWS4-HMAC-SHA256 Credential=x"}) {
    request.authorization = bad;
    CHECK(Admitted(request, Origin::kTcp) == 403);
  }
}

TEST_CASE("over the owner's socket no token is needed and another account may be named") {
  HttpRequest request = kInvoke;
  CHECK(Admitted(request, Origin::kUnix) == 0);
  CHECK(AccountOf(request) == "000000000000");
  request.account = "123456789012";
  CHECK(Admitted(request, Origin::kUnix) == 0);
  CHECK(AccountOf(request) == "123456789012");
  for (const char* bad : {"12345678901", "1234567890123", "12345678901a", "../../../../"}) {
    request.account = bad;
    CHECK(Admitted(request, Origin::kUnix) == 400);
  }
}

TEST_CASE("a token cannot act for another account") {
  HttpRequest request = kInvoke;
  request.authorization = "Bearer secret";
  request.account = "000000000000";
  CHECK(Admitted(request, Origin::kTcp) == 0);
  request.account = "123456789012";
  CHECK(Admitted(request, Origin::kTcp) == 403);
}

TEST_CASE("health and counters need no token and are only read") {
  for (const char* path : {"/ping", "/metrics", "/ping?x=y"}) {
    CHECK(Admitted(Request("GET", path), Origin::kTcp) == 0);
    CHECK(Admitted(Request("HEAD", path), Origin::kTcp) == 0);
    CHECK(Admitted(Request("POST", path), Origin::kTcp) == 405);
  }
}

TEST_CASE("paths lead to their service") {
  CHECK(ServiceOf(Request("GET", "/ping")) == Service::kPing);
  CHECK(ServiceOf(Request("GET", "/metrics")) == Service::kMetrics);
  CHECK(ServiceOf(kInvoke) == Service::kInvocation);
  CHECK(ServiceOf(Request("GET", "/endpoints/e/invocations")) == Service::kNone);
  CHECK(ServiceOf(Request("POST", "/endpoints/e/async-invocations")) == Service::kNone);
  CHECK(ServiceOf(Request("POST", "/pings")) == Service::kApi);
  CHECK(ServiceOf(Request("POST", "/")) == Service::kApi);
  CHECK(ServiceOf(Request("PUT", "/endpoints/e")) == Service::kApi);
  CHECK(ServiceOf(Request("PUT", "/bucket/endpoints/e/invocations")) == Service::kApi);
}

TEST_CASE("what is not served says what is") {
  CHECK(NotServed(Request("GET", "/endpoints/e/invocations")).status == 405);
  CHECK(NotServed(Request("POST", "/endpoints/e/invocations-response-stream")).body.find("serves no invocations-response-stream") != std::string::npos);
}

}  // namespace
}  // namespace smhost
