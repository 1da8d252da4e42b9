// One request inside an instance, from the frame that brought it to the frame that answers it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "worker/codec.h"
#include "worker/value.h"

namespace smhost {

// Where the answer goes: a connection, as the inference thread sees it. Thread-safe.
class ReplyPort {
 public:
  virtual ~ReplyPort() = default;
  virtual void Send(std::string frames) = 0;
};

// The parts of an answer behind the first, to be encoded one by one.
struct AnswerParts {
  List list;
  ContentType type = ContentType::kJson;
};

struct Answer {
  int status = 200;  // what a container would have answered: 200, 400, 406, 415, 500, 503, 504
  std::string content_type = "text/plain";
  std::string body;
  std::shared_ptr<AnswerParts> more;  // null: `body` is all of it
};

struct Request {
  std::shared_ptr<ReplyPort> port;
  std::uint64_t id = 0;
  std::string content_type, accept, body;
  bool in_parts = false;  // a list is answered element by element
  MonotonicTime arrived;
  std::optional<MonotonicTime> deadline;
  Answer answer;  // filled by the inference thread
};

}  // namespace smhost
