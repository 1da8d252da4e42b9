// One request to the API process, as its services see it: the head at once, the body as it is read, the answer as it is
// written. Blocking calls, on the request's own thread; nothing of it is shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/caller.h"
#include "base/result.h"
#include "wire/http_head.h"

namespace smhost {

class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // Up to `room` bytes; 0: the body has ended. An error: the client went away or sent what is no body.
  virtual Result<std::size_t> Read(char* to, std::size_t room) = 0;
};

// All of it; kTooLarge past `most_bytes`.
Result<std::string> ReadAll(BodyReader& body, std::size_t most_bytes);

struct ApiAnswerHead {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // without Content-Length, Date, Connection and request ids
  std::optional<std::uint64_t> length;                       // absent: chunked
};

class Responder {
 public:
  virtual ~Responder() = default;
  // Once. Then exactly `length` bytes by Write, where it is given (none for HEAD, whose length is told all the same).
  virtual Status Begin(const ApiAnswerHead& head) = 0;
  virtual Status Write(std::string_view bytes) = 0;
  bool begun() const { return begun_; }

 protected:
  bool begun_ = false;
};

// A whole answer in one call.
struct ApiAnswer {
  int status = 200;
  std::string content_type;  // empty: none
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};
Status Send(Responder& responder, const ApiAnswer& answer, bool head_only = false);

struct ApiExchange {
  HttpHead head;
  std::optional<std::uint64_t> content_length;  // absent: none was told (no body, or chunks)
  bool owner = false;   // by the owner's socket: no signature needed
  bool tls = false;
  std::string request_id;
  BodyReader& body;
  Responder& responder;
};

}  // namespace smhost
