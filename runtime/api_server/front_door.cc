#include "api_server/front_door.h"

#include "base/json.h"

namespace smhost {

struct FrontDoor::Impl {
  Home home;
};

FrontDoor::FrontDoor(Home home) : impl_(std::make_unique<Impl>(Impl{std::move(home)})) {}
FrontDoor::~FrontDoor() = default;

Status FrontDoor::Serve(ApiExchange& exchange) {
  Json body{{"__type", "UnknownOperationException"}, {"message", "This build of smhost serves no API but invocations."}};
  return Send(exchange.responder, {404, "application/json", {{"x-amzn-ErrorType", "UnknownOperationException"}}, CompactJson(body)},
              exchange.head.method == "HEAD");
}

}  // namespace smhost
