// One request inside an instance, from the frame that brought it to the frame that answers it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"

namespace smhost {

// Where the answer goes: a connection, as the inference thread sees it. Thread-safe.
class ReplyPort {
 public:
  virtual ~ReplyPort() = default;
  virtual void Send(std::string frames) = 0;
};

struct Answer {
  int status = 200;  // what a container would have answered: 200, 400, 406, 415, 500, 503, 504
  std::string content_type = "text/plain";
  std::string body;
};

struct Request {
  std::shared_ptr<ReplyPort> port;
  std::uint64_t id = 0;
  std::string content_type, accept, body;
  MonotonicTime arrived;
  std::optional<MonotonicTime> deadline;
  Answer answer;  // filled by the inference thread
};

}  // namespace smhost
