// An answer and its text on the wire. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smhost {

struct HttpAnswer {
  int status = 200;
  std::string content_type;  // empty: none is sent
  std::vector<std::pair<std::string_view, std::string>> headers;  // names are constants
  std::string body;
  int original_status = 0;  // of a ModelError: what the model answered; 0: nothing

  // Under which status AWS's metrics count it: a ModelError under the model's own.
  int CountedStatus() const { return status != 424 ? status : original_status >= 400 && original_status < 500 ? original_status : 500; }
};

// What the connection adds.
struct ResponseFrame {
  bool http11 = true;
  bool close = false;
  std::string_view request_id;  // x-amzn-RequestId
  std::string_view date;        // RFC 9110's form
};

// Of an answer whose body comes in pieces.
struct StreamHead {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::uint64_t> length;  // absent: in chunks (HTTP/1.0: until the connection closes)
};

// The status line and the headers, the empty line included.
void AppendStreamHead(const StreamHead& head, const ResponseFrame& frame, std::string& out);

// The status line and the headers, the empty line included; the body is left to the caller.
void AppendResponseHead(const HttpAnswer& response, const ResponseFrame& frame, std::string& out);

std::string_view StatusText(int status);
bool MayHaveBody(int status);

// May this stand in a header as it is? Visible ASCII, blanks inside.
bool IsHeaderText(std::string_view text);

}  // namespace smhost
