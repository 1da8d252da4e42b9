// Who may ask, and for what: the checks on a request's head before its body is taken, and the answers to requests that
// nothing here serves. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http_reader.h"
#include "gateway/http_response.h"

namespace smhost {

enum class Origin {
  kTcp,   // anybody on the machine: a token is needed
  kUnix,  // the socket is open to its owner alone: no token
};

enum class Service {
  kPing,
  kMetrics,
  kInvocation,  // the gateway's own: /endpoints/NAME/…
  kNone,        // the gateway's too, but not served: another method or operation of an endpoint
  kApi,         // the API process's
};
Service ServiceOf(const HttpRequest& request);

// Nothing: it may pass. `token_is_right` must take the same time for all tokens of one length.
std::optional<HttpAnswer> Admit(const HttpRequest& request, Origin origin,
                                  const std::function<bool(std::string_view)>& token_is_right);

// The account that an admitted request acts for.
std::string AccountOf(const HttpRequest& request);

// For a path of the gateway's own whose method or operation is not served.
HttpAnswer NotServed(const HttpRequest& request);

}  // namespace smhost
