// One connection from the gateway as an ApiExchange (wire/api_channel.h on a blocking socket). On the request's own thread.
#pragma once

#include "api_server/front_door.h"
#include "base/descriptor.h"

namespace smhost {

// Reads the request's head, has it answered, and sees that the answer is whole: one that stops half-way is cut, so that the
// gateway tells the client.
void ServeConnection(const Descriptor& connection, FrontDoor& door);

}  // namespace smhost
