// What a public route answers: who may pass, what the call to its endpoint is, and how the endpoint's answer looks from outside.
// Status codes and texts are those of API Gateway before a Lambda function. Pure but for the route's bucket; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/call.h"
#include "gateway/http_reader.h"
#include "gateway/http_response.h"
#include "gateway/public_routes.h"

namespace smhost {

// By the head alone; takes a token where a request with a key comes so far. Nothing: its body may be taken.
std::optional<HttpAnswer> AdmitPublic(const HttpRequest& request, const OpenPath& path, MonotonicTime now);

// Fills the call from the request, taking its body; or says what is wrong with it.
std::optional<HttpAnswer> ReadPublic(HttpRequest& request, const PublicRoute& route, Call& call);

// InvokeEndpoint's answer to the call, as the route's client gets it. `origin`: the request's header.
HttpAnswer AnswerPublic(const PublicRoute& route, std::string_view origin, CallOutcome::Kind kind, HttpAnswer answer);

// What the browser asks for: may the page of that origin read the answer? Of a route that names origins; to every answer.
void AddCors(const PublicRoute& route, std::string_view origin, HttpAnswer& answer);

}  // namespace smhost
