// Who answers one request of a connection in pieces, and takes its body in pieces. Made at the request's head, owned by the
// request's slot, told when the connection goes. All on one loop's thread.
#pragma once

#include <string>

#include "base/clock.h"

namespace smhost {

class StreamSource {
 public:
  virtual ~StreamSource() = default;
  virtual void Body(std::string bytes) = 0;  // the next bytes of the request's body
  virtual void BodyEnd() = 0;
  virtual bool BodyFull() const = 0;         // takes no more now; Connection::BodyRoom tells when it does
  virtual void Resume() = 0;                 // what was given to the connection is written
  virtual void CheckTime(MonotonicTime now) = 0;
  virtual void Close() = 0;                  // nobody wants the answer any more; the connection must not be called again
};

}  // namespace smhost
