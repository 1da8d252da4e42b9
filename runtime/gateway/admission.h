// Who may ask, and for what: the checks on a request before its body is taken and once it is there, and the answers to
// requests that nothing here serves. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "api/caller.h"
#include "api/key_ring.h"
#include "base/clock.h"
#include "gateway/http_reader.h"
#include "gateway/http_response.h"
#include "gateway/public_routes.h"

namespace smhost {

enum class Origin {
  kTcp,   // anybody on the machine: a signature is needed
  kUnix,  // the socket is open to its owner alone: none is
};

enum class Service {
  kPing,
  kMetrics,
  kInvocation,  // the gateway's own: /endpoints/NAME/…
  kNone,        // the gateway's too, but not served: another method
  kPublic,      // a public route's; whatever its method
  kApi,         // the API process's, which asks for signatures itself
};
// `routes`: null: there are none.
Service ServiceOf(const HttpRequest& request, const PublicRoutes* routes = nullptr);

// Who has which key, now.
struct KnownKeys {
  const KeyRing* ring = nullptr;  // null: nobody has
  WallTime now{};
};

// By the head alone, of a request that is not kPublic. Nothing: its body may be taken.
std::optional<HttpAnswer> Admit(const HttpRequest& request, Origin origin, const KnownKeys& keys);

// Whose request it is, once its body is there. Of a request that was admitted and is neither kApi nor kPublic.
tl::expected<Caller, HttpAnswer> Identify(const HttpRequest& request, Origin origin, const KnownKeys& keys);

// May that caller have that operation of the endpoint? Nothing: it may. `operation`: the path's last word.
std::optional<HttpAnswer> Permit(const Caller& caller, std::string_view operation, const std::string& region, const std::string& endpoint);

// For a path of the gateway's own whose method is not served.
HttpAnswer NotServed(const HttpRequest& request);

}  // namespace smhost
