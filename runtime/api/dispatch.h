// A request that has been authenticated, to its service and back: reads and decodes it by the operation's shapes, checks the
// constraints, calls the service, encodes what it answers. Blocking; on the request's own thread.
#pragma once

#include <string>

#include "api/api_error.h"
#include "api/caller.h"
#include "api/exchange.h"
#include "api/route.h"
#include "api/service.h"

namespace smhost {

// Null: not served here, and the answer says so.
struct ApiServices {
  ApiService* sagemaker = nullptr;
  ApiService* sts = nullptr;
  ApiService* monitoring = nullptr;
  ApiService* cloudformation = nullptr;
};

// `route`: of the exchange's head, and not S3's. An error: the answer could not be written.
Status ServeApi(ApiExchange& exchange, const ApiRoute& route, const Caller& caller, const ApiServices& services);
// The same for who has read the body already, to check its signature; `body` as it came, so perhaps compressed.
Status ServeApiBody(ApiExchange& exchange, const ApiRoute& route, const Caller& caller, const ApiServices& services,
                    std::string body);

// An error before, or instead of, an operation's, in the protocol of the request; codes may be those of JSON everywhere
// ("AccessDeniedException"), each protocol has its own words for them. Not for S3.
Status SendApiError(ApiExchange& exchange, const ApiRoute& route, const ApiError& error);

}  // namespace smhost
