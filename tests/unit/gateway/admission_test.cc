#include "gateway/admission.h"

#include <catch2/catch.hpp>

#include <ctime>

#include "api/policy.h"
#include "base/json.h"
#include "fakes/aws_signer.h"

namespace smhost {
namespace {

const WallTime kNow{std::chrono::seconds(1769860800)};  // 2026-01-31T12:00:00Z, when AwsSigner signs

// Two keys: the root's of 111111111111 and a user's that may invoke the endpoint "e".
class FakeKeys final : public KeyRing {
 public:
  std::optional<SigningKey> Find(std::string_view id, std::string_view token, WallTime) const override {
    if (!token.empty() || (id != "AKIDEXAMPLE" && id != "AKIDUSER")) return std::nullopt;
    SigningKey key;
    key.secret = AwsSigner().secret;
    key.caller = OwnerOf("111111111111");
    if (id == "AKIDUSER") {
      Json statement{{"Effect", "Allow"}, {"Action", "sagemaker:InvokeEndpoint"}, {"Resource", "arn:aws:sagemaker:us-east-1:111111111111:endpoint/e"}};
      key.caller.arn = "arn:aws:iam::111111111111:user/ann";
      key.caller.policy = *Policy::Parse({{"Version", "2012-10-17"}, {"Statement", statement}});
    }
    return key;
  }
  bool HasAccount(std::string_view account) const override { return account == "111111111111"; }
};

const FakeKeys kRing;
const KnownKeys kKeys{&kRing, kNow};

HttpRequest Request(const std::string& method, const std::string& target) {
  HttpRequest request;
  request.method = method;
  request.target = target;
  request.headers.emplace_back("host", "localhost");
  return request;
}

HttpRequest Signed(HttpRequest request, const AwsSigner& signer = {}) {
  static_cast<HttpHead&>(request) = signer.Signed(request, request.body);
  return request;
}

int Admitted(const HttpRequest& request, Origin origin, const KnownKeys& keys = kKeys) {
  auto refusal = Admit(request, origin, keys);
  return refusal ? refusal->status : 0;
}

std::string TypeOf(const HttpAnswer& response) {
  for (const auto& [name, value] : response.headers)
    if (name == "x-amzn-ErrorType") return value;
  return {};
}

std::string MessageOf(const HttpAnswer& response) { return StringOr(*ParseJson(response.body, "body", 10000), "message"); }

HttpRequest Invocation() {
  HttpRequest request = Request("POST", "/endpoints/e/invocations");
  request.body = "[1]";
  return request;
}

TEST_CASE("over TCP an invocation needs a signature") {
  auto none = Admit(Invocation(), Origin::kTcp, kKeys);
  REQUIRE(none);
  CHECK(none->status == 403);
  CHECK(TypeOf(*none) == "MissingAuthenticationTokenException");
  CHECK(MessageOf(*none) == "Missing Authentication Token");
  HttpRequest good = Signed(Invocation());
  CHECK(Admitted(good, Origin::kTcp) == 0);
  auto caller = Identify(good, Origin::kTcp, kKeys);
  REQUIRE(caller);
  CHECK(caller->account == "111111111111");
}

TEST_CASE("what the head shows to be wrong is refused without the body") {
  AwsSigner unknown;
  unknown.key_id = "AKIDOTHER";
  CHECK(TypeOf(*Admit(Signed(Invocation(), unknown), Origin::kTcp, kKeys)) == "UnrecognizedClientException");
  AwsSigner other;
  other.service = "s3";
  auto refusal = Admit(Signed(Invocation(), other), Origin::kTcp, kKeys);
  REQUIRE(refusal);
  CHECK(TypeOf(*refusal) == "InvalidSignatureException");
  CHECK(MessageOf(*refusal) == "Credential should be scoped to correct service: 'sagemaker'. ");
  CHECK(TypeOf(*Admit(Signed(Invocation()), Origin::kTcp, {&kRing, kNow + std::chrono::hours(1)})) == "InvalidSignatureException");
  HttpRequest bearer = Invocation();
  bearer.headers.emplace_back("authorization", "Bearer x");
  CHECK(TypeOf(*Admit(bearer, Origin::kTcp, kKeys)) == "IncompleteSignatureException");
  CHECK(Admitted(Signed(Invocation()), Origin::kTcp, {nullptr, kNow}) == 403);
}

TEST_CASE("with the body a signature matches or it does not") {
  HttpRequest changed = Signed(Invocation());
  changed.body = "[2]";
  CHECK(Admitted(changed, Origin::kTcp) == 0);
  auto caller = Identify(changed, Origin::kTcp, kKeys);
  REQUIRE_FALSE(caller);
  CHECK(caller.error().status == 403);
  CHECK(TypeOf(caller.error()) == "InvalidSignatureException");

  HttpRequest open = Invocation();
  open.headers.emplace_back("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
  static_cast<HttpHead&>(open) = AwsSigner().Signed(open, "", "UNSIGNED-PAYLOAD");
  open.body = "anything";
  CHECK(Identify(open, Origin::kTcp, kKeys));

  HttpRequest chunks = Invocation();
  chunks.headers.emplace_back("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
  static_cast<HttpHead&>(chunks) = AwsSigner().Signed(chunks, "", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
  CHECK_FALSE(Identify(chunks, Origin::kTcp, kKeys));
}

TEST_CASE("over the owner's socket no signature is needed and another account may be named") {
  HttpRequest request = Invocation();
  CHECK(Admitted(request, Origin::kUnix) == 0);
  CHECK(Identify(request, Origin::kUnix, kKeys)->account == "000000000000");
  request.account = "123456789012";
  CHECK(Admitted(request, Origin::kUnix) == 0);
  CHECK(Identify(request, Origin::kUnix, kKeys)->account == "123456789012");
  for (const char* bad : {"12345678901", "1234567890123", "12345678901a", "../../../../"}) {
    request.account = bad;
    CHECK(Admitted(request, Origin::kUnix) == 400);
  }
}

TEST_CASE("a key cannot act for another account") {
  HttpRequest request = Signed(Invocation());
  request.account = "111111111111";
  CHECK(Identify(request, Origin::kTcp, kKeys));
  request.account = "123456789012";
  auto caller = Identify(request, Origin::kTcp, kKeys);
  REQUIRE_FALSE(caller);
  CHECK(TypeOf(caller.error()) == "AccessDeniedException");
}

TEST_CASE("a user has what its policy allows") {
  AwsSigner user;
  user.key_id = "AKIDUSER";
  auto caller = Identify(Signed(Invocation(), user), Origin::kTcp, kKeys);
  REQUIRE(caller);
  CHECK_FALSE(Permit(*caller, "invocations", "us-east-1", "e"));
  for (auto [operation, endpoint] : {std::pair("invocations", "f"), std::pair("async-invocations", "e"), std::pair("invocations-response-stream", "e")}) {
    auto denied = Permit(*caller, operation, "us-east-1", endpoint);
    REQUIRE(denied);
    CHECK(denied->status == 403);
    CHECK(TypeOf(*denied) == "AccessDeniedException");
  }
  CHECK(MessageOf(*Permit(*caller, "async-invocations", "us-east-1", "e")).find("sagemaker:InvokeEndpointAsync") != std::string::npos);
  CHECK_FALSE(Permit(OwnerOf("111111111111"), "async-invocations", "us-east-1", "e"));
}

TEST_CASE("health and counters need no signature and are only read") {
  for (const char* path : {"/ping", "/metrics", "/ping?x=y"}) {
    CHECK(Admitted(Request("GET", path), Origin::kTcp) == 0);
    CHECK(Admitted(Request("HEAD", path), Origin::kTcp) == 0);
    CHECK(Admitted(Request("POST", path), Origin::kTcp) == 405);
  }
}

TEST_CASE("paths lead to their service") {
  CHECK(ServiceOf(Request("GET", "/ping")) == Service::kPing);
  CHECK(ServiceOf(Request("GET", "/metrics")) == Service::kMetrics);
  CHECK(ServiceOf(Invocation()) == Service::kInvocation);
  CHECK(ServiceOf(Request("GET", "/endpoints/e/invocations")) == Service::kNone);
  CHECK(ServiceOf(Request("POST", "/endpoints/e/async-invocations")) == Service::kInvocation);
  CHECK(ServiceOf(Request("POST", "/endpoints/e/invocations-response-stream")) == Service::kInvocation);
  CHECK(ServiceOf(Request("POST", "/pings")) == Service::kApi);
  CHECK(ServiceOf(Request("POST", "/")) == Service::kApi);
  CHECK(ServiceOf(Request("PUT", "/endpoints/e")) == Service::kApi);
  CHECK(ServiceOf(Request("PUT", "/bucket/endpoints/e/invocations")) == Service::kApi);
}

TEST_CASE("a public route's path leads to it, by any method, and to nothing else of the gateway's") {
  const PublicRoutes routes({{"111111111111", "p", "/public/p", "e"}, {"111111111111", "q", "/endpoints/e/invocations", "e"}}, nullptr);
  for (const char* method : {"POST", "GET", "OPTIONS"}) CHECK(ServiceOf(Request(method, "/public/p?x=/y"), &routes) == Service::kPublic);
  CHECK(ServiceOf(Request("POST", "http://host/public/p"), &routes) == Service::kPublic);
  for (const char* other : {"/public/p/", "/public", "/public/P", "/public/%70", "/", "//public/p"})
    CHECK(ServiceOf(Request("POST", other), &routes) == Service::kApi);
  CHECK(ServiceOf(Invocation(), &routes) == Service::kInvocation);
  CHECK(ServiceOf(Request("POST", "/public/p")) == Service::kApi);
}

TEST_CASE("what is not served says what is") {
  CHECK(NotServed(Request("GET", "/endpoints/e/invocations")).status == 405);
  CHECK(NotServed(Request("GET", "/endpoints/e/invocations-response-stream")).status == 405);
}

}  // namespace
}  // namespace smhost
