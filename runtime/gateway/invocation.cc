#include "gateway/invocation.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/json.h"
#include "base/limits.h"
#include "base/limits_api.h"
#include "base/text.h"
#include "gateway/session.h"
#include "resources/name.h"

namespace smhost {
namespace {

constexpr std::string_view kErrorType = "x-amzn-ErrorType";
constexpr const char* kNamePattern = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}";
constexpr const char* kComponentPattern = "[a-zA-Z0-9]([\\-a-zA-Z0-9]*[a-zA-Z0-9])?";
constexpr const char* kSessionPattern = "(NEW_SESSION)|[a-zA-Z0-9](-*[a-zA-Z0-9])*";

HttpAnswer Invalid(const std::string& message, std::string_view code = {}) {
  return ErrorResponse(400, "ValidationError", message, code);
}

HttpAnswer NoSuchEndpoint(const Call& call) {
  return Invalid("Endpoint " + call.endpoint + " of account " + call.account + " not found.", "NO_SUCH_ENDPOINT");
}

std::string PatternMessage(std::string_view value, const char* member, const char* pattern = kNamePattern) {
  return "1 validation error detected: Value '" + std::string(value.substr(0, 128)) + "' at '" + member +
         "' failed to satisfy constraint: Member must satisfy regular expression pattern: " + pattern;
}
std::string LengthMessage(const char* member, std::size_t most) {
  return std::string("1 validation error detected: Value at '") + member +
         "' failed to satisfy constraint: Member must have length less than or equal to " + std::to_string(most);
}

// Headers of the operation that ask for something which no endpoint here has. Nothing is silently ignored.
std::optional<HttpAnswer> RefuseUnserved(const HttpRequest& request, const Call& call) {
  if (!request.target_model.empty())
    return Invalid("Endpoint " + call.endpoint + " is not a multi-model endpoint and does not support target model header.",
                   "TARGET_MODEL_HEADER_NOT_SUPPORTED");
  if (!request.inference_component.empty())
    return Invalid("Inference Component Name header is not allowed for endpoints to which you dont plan to deploy inference "
                   "components. Please remove the Inference Component Name header.");
  if (!request.target_container.empty())
    return Invalid("Endpoint " + call.endpoint +
                   " does not have direct invocation of containers and does not support target container hostname header.");
  if (!request.enable_explanations.empty())
    return Invalid("Endpoint " + call.endpoint + " has no explainer; leave the enable explanations header out.");
  return std::nullopt;
}

HttpAnswer NoSession(const Call& call, const char* why) {
  return Invalid("Session " + call.session + " of endpoint " + call.endpoint + " " + why +
                 "; begin another one with the session id " + std::string(kNewSession) + ".");
}

// Where the session lives, which its id says.
std::optional<HttpAnswer> ReadSession(const HttpRequest& request, std::time_t now, Call& call) {
  if (request.session_id.empty()) return std::nullopt;
  if (request.session_id.size() > limits::kSessionIdBytes) return Invalid(LengthMessage("sessionId", limits::kSessionIdBytes));
  if (!IsSessionText(request.session_id)) return Invalid(PatternMessage(request.session_id, "sessionId", kSessionPattern));
  call.session = request.session_id;
  if (call.session == kNewSession) return std::nullopt;
  auto session = ParseSessionId(call.session);
  if (!session) return NoSession(call, "does not exist");
  if (session->expires <= now) return NoSession(call, "has expired");
  call.wanted_instance = std::move(session->instance);
  return std::nullopt;
}

std::optional<HttpAnswer> CheckTexts(const HttpRequest& request) {
  if (request.content_type.size() > limits::kMediaTypeBytes) return Invalid(LengthMessage("contentType", limits::kMediaTypeBytes));
  if (request.accept.size() > limits::kMediaTypeBytes) return Invalid(LengthMessage("accept", limits::kMediaTypeBytes));
  if (request.custom_attributes.size() > limits::kCustomAttributesBytes)
    return Invalid(LengthMessage("customAttributes", limits::kCustomAttributesBytes));
  if (request.inference_id.size() > 64) return Invalid(LengthMessage("inferenceId", 64));
  if (request.enable_explanations.size() > 64) return Invalid(LengthMessage("enableExplanations", 64));
  if (request.target_model.size() > limits::kTargetModelBytes) return Invalid(LengthMessage("targetModel", limits::kTargetModelBytes));
  if (request.stream_accept.size() > limits::kMediaTypeBytes) return Invalid(LengthMessage("accept", limits::kMediaTypeBytes));
  if (!request.target_container.empty() && !IsName(request.target_container))
    return Invalid(PatternMessage(request.target_container, "targetContainerHostname"));
  if (!request.inference_component.empty() && !IsName(request.inference_component))
    return Invalid(PatternMessage(request.inference_component, "inferenceComponentName", kComponentPattern));
  if (!IsHeaderText(request.custom_attributes))
    return Invalid("1 validation error detected: Value at 'customAttributes' failed to satisfy constraint: Member must be "
                   "visible US-ASCII");
  return std::nullopt;
}

// UTF-8 at any length: CompactJson replaces what a cut or the model broke.
std::string Shortened(std::string_view text) {
  if (text.size() <= limits::kModelMessageBytes) return std::string(text);
  return std::string(text.substr(0, limits::kModelMessageBytes)) + "…";
}

HttpAnswer ModelError(const Call& call, int original_status, const std::string& original, const std::string& region) {
  bool client = original_status >= 400 && original_status < 500;
  std::string group = "/aws/sagemaker/Endpoints/" + call.endpoint;
  Json body = {
      {"ErrorCode", client ? "CLIENT_ERROR_FROM_MODEL" : "INTERNAL_FAILURE_FROM_MODEL"},
      {"LogStreamArn", "arn:aws:logs:" + region + ":" + call.account + ":log-group:" + group},
      {"Message", std::string("Received ") + (client ? "client" : "server") + " error (" + std::to_string(original_status) +
                      ") from primary with message \"" + original + "\". See https://" + region +
                      ".console.aws.amazon.com/cloudwatch/home?region=" + region + "#logEventViewer:group=" + group +
                      " in account " + call.account + " for more information."},
      {"OriginalMessage", original},
      {"OriginalStatusCode", original_status},
  };
  HttpAnswer response{424, "application/json", {}, CompactJson(body)};
  response.original_status = original_status;
  response.headers.emplace_back(kErrorType, "ModelError");
  return response;
}

std::string Minutes(Duration duration) { return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(duration).count()); }

void AppendMilliseconds(std::string& out, const char* name, Duration duration) {
  char text[64];
  double ms = std::chrono::duration<double, std::milli>(duration).count();
  out.append(text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%s;dur=%.3f", name, ms)));
}

void AddOrigin(const CallOutcome& outcome, HttpAnswer& response) {
  response.headers.emplace_back("x-Amzn-Invoked-Production-Variant", outcome.variant);
  std::string timing;
  AppendMilliseconds(timing, "queue", outcome.queued + InstanceTime(outcome.response, frame_key::kQueueUs));
  AppendMilliseconds(timing, ", batch", InstanceTime(outcome.response, frame_key::kBatchUs));
  AppendMilliseconds(timing, ", model", InstanceTime(outcome.response, frame_key::kModelUs));
  response.headers.emplace_back("Server-Timing", std::move(timing));
  if (!outcome.digest.empty() && IsHeaderText(outcome.digest)) response.headers.emplace_back("X-Smhost-Model-Digest", outcome.digest);
}

HttpAnswer RespondAnswered(const Call& call, CallOutcome& outcome, const std::string& region) {
  Frame& frame = outcome.response;
  std::string_view type = frame.Get(frame_key::kContentType), attributes = frame.Get(frame_key::kCustomAttributes);
  int status = ModelStatus(frame);
  HttpAnswer response;
  if (status < 200 || status >= 300) {
    // A model's error has a text; without one its status alone has to do.
    std::string message = frame.body.empty() ? Shortened(frame.Get(frame_key::kError)) : Shortened(frame.body);
    response = ModelError(call, status < 400 || status > 599 ? 500 : status, message, region);
  } else if (frame.body.size() > limits::kModelOutputBytes) {
    response = ModelError(call, 500, "The model's answer has " + std::to_string(frame.body.size()) + " bytes, more than the " +
                                         std::to_string(limits::kModelOutputBytes) + " allowed.", region);
  } else if (!IsHeaderText(type) || !IsHeaderText(attributes)) {
    response = ModelError(call, 500, "The model's answer has a content type or custom attributes that no header may hold.", region);
  } else {
    response.content_type = type;
    response.body = std::move(frame.body);
    if (!attributes.empty()) response.headers.emplace_back("X-Amzn-SageMaker-Custom-Attributes", attributes);
  }
  AddOrigin(outcome, response);
  return response;
}

}  // namespace

std::string_view PathOf(std::string_view target) {
  if (!target.empty() && target[0] != '/') {
    auto slash = target.find_first_of("/?", 7);  // behind "http://"
    if (slash == std::string_view::npos || target[slash] == '?') return "/";
    target.remove_prefix(slash);
  }
  return target.substr(0, target.find('?'));
}

std::optional<EndpointPath> MatchEndpointPath(std::string_view path) {
  constexpr std::string_view kPrefix = "/endpoints/";
  if (path.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  auto slash = path.find('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  return EndpointPath{path.substr(0, slash), path.substr(slash + 1)};
}

HttpAnswer RefuseAsync(const Call& call, bool exists) {
  return exists ? Invalid("Endpoint " + call.endpoint + " does not support this inference type.") : NoSuchEndpoint(call);
}

std::optional<HttpAnswer> ReadInvocation(HttpRequest& request, const EndpointPath& path, std::time_t now, Call& call) {
  auto name = PercentDecoded(path.name);
  if (!name || !IsName(*name)) return Invalid(PatternMessage(name ? *name : path.name, "endpointName"));
  call.endpoint = std::move(*name);
  if (auto refusal = CheckTexts(request)) return refusal;
  if (auto refusal = RefuseUnserved(request, call)) return refusal;
  if (auto refusal = ReadSession(request, now, call)) return refusal;
  if (!request.target_variant.empty() && !IsName(request.target_variant))
    return Invalid(PatternMessage(request.target_variant, "targetVariant"));
  call.wanted_variant = std::move(request.target_variant);
  call.content_type = std::move(request.content_type);
  call.accept = std::move(path.operation == kStreamOperation ? request.stream_accept : request.accept);
  call.custom_attributes = std::move(request.custom_attributes);
  call.body = std::move(request.body);
  return std::nullopt;
}

HttpAnswer Respond(const Call& call, CallOutcome& outcome, const std::string& region) {
  switch (outcome.kind) {
    case CallOutcome::Kind::kAnswered:
      return RespondAnswered(call, outcome, region);
    case CallOutcome::Kind::kLost:
      return ModelError(call, 0, "An error occurred while handling request as the model process exited.", region);
    case CallOutcome::Kind::kTimedOut:
      return ModelError(call, 0,
                        "Your invocation timed out while waiting for a response from container primary. Review the latency "
                        "metrics for each container in Amazon CloudWatch, resolve the issue, and try again.",
                        region);
    case CallOutcome::Kind::kNoEndpoint:
      return NoSuchEndpoint(call);
    case CallOutcome::Kind::kNoVariant:
      return Invalid("Variant " + call.wanted_variant + " of endpoint " + call.endpoint + " of account " + call.account + " not found.");
    case CallOutcome::Kind::kNoTraffic:
      return Invalid("Endpoint " + call.endpoint + " of account " + call.account +
                     " has no variant with a weight above zero; name one in the target variant header.");
    case CallOutcome::Kind::kNoSession:
      return NoSession(call, "does not exist: it never did, or the instance that had it was replaced");
    case CallOutcome::Kind::kQueueFull:
      return ErrorResponse(503, "ServiceUnavailable", "Too many requests wait for endpoint " + call.endpoint + "; try again later.");
    case CallOutcome::Kind::kPoison:
      return ErrorResponse(500, "InternalFailure", "Two instances of variant " + outcome.variant + " of endpoint " + call.endpoint +
                                                       " ended while they handled this request (digest " + outcome.request_digest +
                                                       "), which is not tried again; the variant's logs say how they ended.");
    case CallOutcome::Kind::kPoisonAgain:
      return ErrorResponse(500, "InternalFailure", "A request with the same content (digest " + outcome.request_digest +
                                                       ") took two instances of variant " + outcome.variant + " of endpoint " +
                                                       call.endpoint + " down; it is refused for " + Minutes(limits::kPoisonRemembered) +
                                                       " minutes, or until the endpoint is updated.");
    case CallOutcome::Kind::kStopping:
      return ErrorResponse(503, "ServiceUnavailable", "The gateway is stopping; try again.");
  }
  return ErrorResponse(500, "InternalFailure", "The call ended in a way that is not known.");
}

HttpAnswer ErrorResponse(int status, std::string_view type, const std::string& message, std::string_view error_code) {
  Json body = {{"Message", message}};
  if (!error_code.empty()) body["ErrorCode"] = std::string(error_code);
  // The services that are no runtime (JSON 1.1) read these two instead.
  if (type.find("Exception") != std::string_view::npos) body = {{"__type", std::string(type)}, {"message", message}};
  HttpAnswer response{status, "application/json", {}, CompactJson(body)};
  response.headers.emplace_back(kErrorType, std::string(type));
  return response;
}

HttpAnswer RefusalResponse(const Refusal& refusal) { return {refusal.status, "text/plain", {}, refusal.reason}; }

int ModelStatus(const Frame& response) {
  std::string_view text = response.Get(frame_key::kStatus);
  int status = 0;
  std::from_chars(text.data(), text.data() + text.size(), status);
  return status;
}

Duration InstanceTime(const Frame& response, std::string_view key) {
  std::string_view text = response.Get(key);
  std::int64_t us = 0;
  std::from_chars(text.data(), text.data() + text.size(), us);
  return std::chrono::microseconds(std::clamp<std::int64_t>(us, 0, 3'600'000'000));
}

}  // namespace smhost
