// Who asks, and which service answers: the first and last stop of every request in the API process. One object a thread.
#pragma once

#include <memory>

#include "api/exchange.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"
#include "state/home.h"

namespace smhost {

class FrontDoor {
 public:
  explicit FrontDoor(Home home);
  ~FrontDoor();

  // The request was answered, with an error or without. Failed: it could not be, since the client or the disk went away in the
  // middle; the answer is not whole.
  Status Serve(ApiExchange& exchange);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smhost
