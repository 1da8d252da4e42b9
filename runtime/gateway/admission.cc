#include "gateway/admission.h"

#include <algorithm>

#include "gateway/invocation.h"
#include "state/home.h"

namespace smhost {
namespace {

bool IsAccount(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i)
    if ((authorization[i] | 32) != kScheme[i]) return {};
  authorization.remove_prefix(kScheme.size());
  while (!authorization.empty() && authorization.front() == ' ') authorization.remove_prefix(1);
  return authorization;
}

bool IsRuntimeOperation(std::string_view word) {
  return word == "invocations" || word == "async-invocations" || word == "invocations-response-stream";
}

HttpAnswer WrongMethod(const HttpRequest& request, const char* allowed) {
  HttpAnswer response = ErrorResponse(405, "MethodNotAllowedException",
                                        std::string(PathOf(request.target)) + " is asked for by " + allowed + ", not by " + request.method + ".");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

}  // namespace

Service ServiceOf(const HttpRequest& request) {
  auto path = PathOf(request.target);
  if (path == "/ping") return Service::kPing;
  if (path == "/metrics") return Service::kMetrics;
  auto endpoint = MatchEndpointPath(path);
  if (!endpoint || !IsRuntimeOperation(endpoint->operation)) return Service::kApi;
  return request.method == "POST" && endpoint->operation == "invocations" ? Service::kInvocation : Service::kNone;
}

std::optional<HttpAnswer> Admit(const HttpRequest& request, Origin origin,
                                  const std::function<bool(std::string_view)>& token_is_right) {
  Service service = ServiceOf(request);
  if (service == Service::kPing || service == Service::kMetrics) {
    if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
    return WrongMethod(request, "GET, HEAD");
  }
  if (service == Service::kApi) return std::nullopt;  // it asks for signatures itself
  if (origin == Origin::kTcp) {
    if (request.authorization.empty())
      return ErrorResponse(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    if (!token_is_right(BearerToken(request.authorization)))
      return ErrorResponse(403, "UnrecognizedClientException", "The security token included in the request is invalid.");
    if (!request.account.empty() && request.account != kLocalAccount)
      return ErrorResponse(403, "AccessDeniedException",
                           "The token is that of account " + std::string(kLocalAccount) + "; X-Smhost-Account cannot name another one.");
  }
  if (!request.account.empty() && !IsAccount(request.account))
    return ErrorResponse(400, "ValidationError", "X-Smhost-Account must have 12 digits.");
  return std::nullopt;
}

std::string AccountOf(const HttpRequest& request) { return request.account.empty() ? kLocalAccount : request.account; }

HttpAnswer NotServed(const HttpRequest& request) {
  auto path = PathOf(request.target);
  auto endpoint = MatchEndpointPath(path);
  if (endpoint && endpoint->operation != "invocations" && request.method == "POST")
    return ErrorResponse(404, "UnknownOperationException",
                         "This build of smhost serves no " + std::string(endpoint->operation) + "; use /endpoints/NAME/invocations.");
  return WrongMethod(request, "POST");
}

}  // namespace smhost
