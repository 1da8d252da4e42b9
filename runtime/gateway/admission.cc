#include "gateway/admission.h"

#include <algorithm>

#include "api/auth_error.h"
#include "api/policy.h"
#include "api/sigv4.h"
#include "base/digest.h"
#include "gateway/invocation.h"
#include "resources/arn.h"
#include "state/home.h"

namespace smhost {
namespace {

bool IsAccount(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsRuntimeOperation(std::string_view word) {
  return word == kInvokeOperation || word == kStreamOperation || word == kAsyncOperation;
}

HttpAnswer WrongMethod(const HttpRequest& request, const char* allowed) {
  HttpAnswer response = ErrorResponse(405, "MethodNotAllowedException",
                                        std::string(PathOf(request.target)) + " is asked for by " + allowed + ", not by " + request.method + ".");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

constexpr const char* kSigningName = "sagemaker";

FindSigningKey FindIn(const KnownKeys& keys) {
  return [keys](std::string_view id, std::string_view token) -> std::optional<SigningKey> {
    return keys.ring == nullptr ? std::nullopt : keys.ring->Find(id, token, keys.now);
  };
}

HttpAnswer Answer(const ApiError& error) { return ErrorResponse(error.status, error.code, error.message); }

HttpAnswer Refused(const SignatureFailure& failure) { return Answer(AuthErrorOf(failure, ServiceForm::kRuntime)); }

std::string_view ActionOf(std::string_view operation) {
  if (operation == "async-invocations") return "sagemaker:InvokeEndpointAsync";
  if (operation == "invocations-response-stream") return "sagemaker:InvokeEndpointWithResponseStream";
  return "sagemaker:InvokeEndpoint";
}

}  // namespace

Service ServiceOf(const HttpRequest& request, const PublicRoutes* routes) {
  auto path = PathOf(request.target);
  if (path == "/ping") return Service::kPing;
  if (path == "/metrics") return Service::kMetrics;
  auto endpoint = MatchEndpointPath(path);
  if (!endpoint || !IsRuntimeOperation(endpoint->operation))
    return routes != nullptr && !routes->empty() && routes->Find(path) ? Service::kPublic : Service::kApi;
  return request.method == "POST" ? Service::kInvocation : Service::kNone;
}

std::optional<HttpAnswer> Admit(const HttpRequest& request, Origin origin, const KnownKeys& keys) {
  Service service = ServiceOf(request);
  if (service == Service::kPing || service == Service::kMetrics) {
    if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
    return WrongMethod(request, "GET, HEAD");
  }
  if (service == Service::kApi) return std::nullopt;
  if (origin == Origin::kTcp)
    if (auto failure = CheckSignatureHead(request, keys.now, FindIn(keys), kSigningName)) return Refused(*failure);
  if (!request.account.empty() && !IsAccount(request.account))
    return ErrorResponse(400, "ValidationError", "X-Smhost-Account must have 12 digits.");
  return std::nullopt;
}

tl::expected<Caller, HttpAnswer> Identify(const HttpRequest& request, Origin origin, const KnownKeys& keys) {
  if (origin == Origin::kUnix) return OwnerOf(request.account.empty() ? kLocalAccount : request.account);
  // Hashing is the dear part: it is left out where the signature does not say what the body is.
  const bool hashed = request.Get("x-amz-content-sha256") != "UNSIGNED-PAYLOAD";
  auto verdict = CheckSignature({request, hashed ? Sha256Hex(request.body) : std::string(), keys.now, kSigningName}, FindIn(keys));
  if (!verdict.accepted) return tl::unexpected(Refused(verdict.failure));
  if (verdict.accepted->payload != PayloadForm::kHashed && verdict.accepted->payload != PayloadForm::kUnsigned)
    return tl::unexpected(Refused({SignatureFault::kMalformed, "An invocation's body has no signatures inside; x-amz-content-sha256 must be "
                                                               "its SHA-256 or UNSIGNED-PAYLOAD."}));
  const Caller& caller = verdict.accepted->caller;
  if (!request.account.empty() && request.account != caller.account)
    return tl::unexpected(ErrorResponse(403, "AccessDeniedException", "The key is one of account " + caller.account +
                                                                          "; X-Smhost-Account cannot name another one."));
  return caller;
}

std::optional<HttpAnswer> Permit(const Caller& caller, std::string_view operation, const std::string& region, const std::string& endpoint) {
  auto denied = Authorize(caller, ActionOf(operation), MakeArn(Kind::kEndpoint, region, caller.account, endpoint));
  if (!denied) return std::nullopt;
  return Answer(DeniedAt(std::move(*denied), ServiceForm::kRuntime));
}

HttpAnswer NotServed(const HttpRequest& request) {
  return WrongMethod(request, "POST");
}

}  // namespace smhost
