// One AWS service whose operations take and give JSON (whatever the wire has): its operations, on the values of its shapes.
// The protocol before it has checked the input against the operation's shape (required, types, limits, patterns, enums),
// dropped members it does not know, and turned times into numbers (seconds since 1970); it writes the output by the shape, so a
// time may be a number of seconds or ISO 8601 text. An object belongs to one thread.
#pragma once

#include <string>

#include "api/api_error.h"
#include "api/caller.h"
#include "base/clock.h"
#include "base/files.h"
#include "state/home.h"
#include "state/store.h"

namespace smhost {

// What services work on; one for each thread.
struct ApiContext {
  Files& files;
  const Clock& clock;
  Home home;
  std::string region;
  Store& store;
  std::string url;  // of the runtime, e.g. http://127.0.0.1:8790
};

class ApiService {
 public:
  virtual ~ApiService() = default;
  // `operation`: one that the service's shapes name. Null for an output without members. Must ask
  // Authorize (api/policy.h) for its action and resource before it reads or changes anything.
  virtual ApiResult<Json> Call(const std::string& operation, const Json& input, const Caller& caller,
                               const std::string& request_id) = 0;
};

}  // namespace smhost
