// An operation's error in the words of each protocol: JSON and CBOR name the error's shape, forms have shorter words of their
// own for many. Pure; any thread.
#pragma once

#include <string>

#include "api/api_error.h"
#include "api/shapes.h"
#include "base/json.h"

namespace smhost {

struct ErrorWords {
  std::string shape;           // "ResourceNotFound", what __type says
  std::string query_code;      // "InvalidParameterValue"
  int status = 400;            // HTTP, in JSON and CBOR
  int query_status = 400;
  std::string message_member;  // "message", or as the error's shape spells it
  const Shape* error_shape = nullptr;  // null: the operation's model does not have it
  bool senders_fault() const { return status < 500; }
};

// The error's members beside its message.
Json OtherMembers(const ApiError& error);

// `operation`: null where none was found yet. The code may be the word of either protocol.
ErrorWords WordsFor(const ApiError& error, const ApiOperation* operation);

}  // namespace smhost
