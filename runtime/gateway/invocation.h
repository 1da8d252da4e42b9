// What an invocation asks for, and what AWS's runtime would answer: requests into calls, outcomes into responses. Pure; any
// thread. Error codes, headers and texts are those of the service SageMaker Runtime.
#pragma once

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/call.h"
#include "gateway/http_reader.h"
#include "gateway/http_response.h"

namespace smhost {

// The path alone, of "/path?query" or "http://host/path".
std::string_view PathOf(std::string_view target);

// The name in "/endpoints/{name}/{operation}", as it stands there; nothing where the path has another form.
struct EndpointPath {
  std::string_view name, operation;
};
std::optional<EndpointPath> MatchEndpointPath(std::string_view path);

inline constexpr std::string_view kInvokeOperation = "invocations", kStreamOperation = "invocations-response-stream",
                                  kAsyncOperation = "async-invocations";

// Fills the call from the request, taking its body; or says what is wrong with the request.
// `now`: for sessions whose time is over.
std::optional<HttpAnswer> ReadInvocation(HttpRequest& request, const EndpointPath& path, std::time_t now, Call& call);
// No endpoint here takes asynchronous requests. `exists`: the endpoint that was named does.
HttpAnswer RefuseAsync(const Call& call, bool exists);

// The answer to the call's client.
HttpAnswer Respond(const Call& call, CallOutcome& outcome, const std::string& region);

// Errors of others than the model. `type` goes into x-amzn-ErrorType.
HttpAnswer ErrorResponse(int status, std::string_view type, const std::string& message, std::string_view error_code = {});
// Of the protocol, before anybody knows what the request is about: text.
HttpAnswer RefusalResponse(const Refusal& refusal);

// The HTTP status in an instance's answer; 0 where it says none.
int ModelStatus(const Frame& response);

// What the instance says about its own time; 0 where it says nothing.
Duration InstanceTime(const Frame& response, std::string_view key);

}  // namespace smhost
