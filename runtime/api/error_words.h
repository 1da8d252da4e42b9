// An operation's error in the words of each protocol: JSON and CBOR name the error's shape, forms have shorter words of their
// own for many. Pure; any thread.
#pragma once

#include <string>

#include "api/api_error.h"
#include "api/shapes.h"

namespace smhost {

struct ErrorWords {
  std::string shape;           // "ResourceNotFound", what __type says
  std::string query_code;      // "InvalidParameterValue"
  int status = 400;            // HTTP, in JSON and CBOR
  int query_status = 400;
  std::string message_member;  // "message", or as the error's shape spells it
  bool senders_fault() const { return status < 500; }
};

// `operation`: null where none was found yet. The code may be the word of either protocol.
ErrorWords WordsFor(const ApiError& error, const ApiOperation* operation);

}  // namespace smhost
