#include "gateway/public_access.h"

#include <algorithm>
#include <cmath>

#include "api/mac.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

namespace smhost {
namespace {

HttpAnswer Say(int status, const char* message) { return {status, "application/json", {}, CompactJson({{"message", message}})}; }

bool Has(const std::vector<std::string>& texts, std::string_view wanted) {
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) { return text == wanted; });
}

// All keys are compared, each whole: how long it takes tells nothing.
bool HasKey(const PublicRoute& route, const HttpRequest& request) {
  const std::string* key = request.Find("x-api-key");
  if (key == nullptr) return false;
  const std::string digest = Sha256Hex(*key);
  bool known = false;
  for (const std::string& one : route.key_digests) known |= SameSecret(digest, one);
  return known;
}

// Without its parameters, in lower case.
std::string MediaType(std::string_view header) {
  std::string type(header.substr(0, header.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  return LowerCase(type);
}

HttpAnswer Preflight() {
  HttpAnswer answer{204, {}, {}, {}};
  answer.headers.emplace_back("Access-Control-Allow-Methods", "POST");
  answer.headers.emplace_back("Access-Control-Allow-Headers", "accept,content-type,x-api-key");
  answer.headers.emplace_back("Access-Control-Max-Age", "600");
  return answer;
}

HttpAnswer WrongMethod(const PublicRoute& route) {
  HttpAnswer answer = Say(405, "Method Not Allowed");
  answer.headers.emplace_back("Allow", route.origins.empty() ? "POST" : "POST, OPTIONS");
  return answer;
}

HttpAnswer TooMany(Duration wait) {
  HttpAnswer answer = Say(429, "Too Many Requests");
  const double seconds = std::ceil(std::chrono::duration<double>(wait).count());
  answer.headers.emplace_back("Retry-After", std::to_string(static_cast<std::int64_t>(std::max(1.0, seconds))));
  return answer;
}

std::optional<HttpAnswer> Decide(const HttpRequest& request, const OpenPath& path, MonotonicTime now) {
  const PublicRoute& route = path.route;
  if (request.method == "OPTIONS" && !route.origins.empty()) return Preflight();
  if (request.method != "POST") return WrongMethod(route);
  if (!route.open && !HasKey(route, request)) return Say(403, "Forbidden");
  if (auto wait = path.bucket->Take({route.per_second, route.burst}, now)) return TooMany(*wait);
  if (!route.content_types.empty() && !Has(route.content_types, MediaType(request.content_type))) return Say(415, "Unsupported Media Type");
  if (request.content_type.size() > limits::kMediaTypeBytes) return Say(415, "Unsupported Media Type");
  if (request.content_length.value_or(0) > route.most_body_bytes) return Say(413, "Request Too Long");
  return std::nullopt;
}

HttpAnswer Failure(CallOutcome::Kind kind) {
  switch (kind) {
    case CallOutcome::Kind::kTimedOut:
      return Say(504, "Endpoint request timed out");
    case CallOutcome::Kind::kNoEndpoint:
    case CallOutcome::Kind::kNoVariant:
    case CallOutcome::Kind::kNoTraffic:
    case CallOutcome::Kind::kQueueFull:
    case CallOutcome::Kind::kStopping:
      return Say(503, "Service Unavailable");
    default:
      return Say(502, "Internal server error");
  }
}

}  // namespace

std::optional<HttpAnswer> AdmitPublic(const HttpRequest& request, const OpenPath& path, MonotonicTime now) {
  auto refusal = Decide(request, path, now);
  if (refusal) AddCors(path.route, request.Get("origin"), *refusal);
  return refusal;
}

std::optional<HttpAnswer> ReadPublic(HttpRequest& request, const PublicRoute& route, Call& call) {
  std::optional<HttpAnswer> refusal;
  if (request.body.size() > route.most_body_bytes) refusal = Say(413, "Request Too Long");
  if (request.accept.size() > limits::kMediaTypeBytes) refusal = Say(400, "Bad Request");
  if (refusal) {
    AddCors(route, request.Get("origin"), *refusal);
    return refusal;
  }
  call.account = route.account;
  call.endpoint = route.endpoint;
  call.wanted_variant = route.variant;
  call.content_type = std::move(request.content_type);
  call.accept = std::move(request.accept);
  call.body = std::move(request.body);
  return std::nullopt;
}

HttpAnswer AnswerPublic(const PublicRoute& route, std::string_view origin, CallOutcome::Kind kind, HttpAnswer answer) {
  HttpAnswer made;
  if (answer.status == 200) {
    made.content_type = std::move(answer.content_type);
    made.body = std::move(answer.body);
  } else {
    made = Failure(kind);
  }
  for (auto& header : answer.headers)
    if (header.first == "Server-Timing") made.headers.push_back(std::move(header));
  AddCors(route, origin, made);
  return made;
}

void AddCors(const PublicRoute& route, std::string_view origin, HttpAnswer& answer) {
  if (route.origins.empty()) return;
  answer.headers.emplace_back("Vary", "Origin");
  const bool all = Has(route.origins, "*");
  if (origin.empty() || (!all && !Has(route.origins, origin))) return;
  answer.headers.emplace_back("Access-Control-Allow-Origin", all ? "*" : std::string(origin));
  answer.headers.emplace_back("Access-Control-Expose-Headers", "Retry-After,Server-Timing,x-amzn-RequestId");
}

}  // namespace smhost
