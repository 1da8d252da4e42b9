// One HTTP/1.1 request over a Unix socket, for the command line and the tools around it. Blocks the calling thread
// until the answer is whole or the deadline passes; keeps no connection. Never retries: whether a request may be sent
// again is the caller's knowledge.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace smhost {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpResponse {
  int status = 0;
  std::string reason;
  HttpHeaders headers;  // in the order in which they came, names as they were spelt
  std::string body;

  // The first header of that name, in any case; empty where there is none.
  std::string Header(std::string_view name) const;
};

// `target` begins with "/". Host, Content-Length and Connection are set here; a name or value that could end its line
// is refused (kInvalid). kUnavailable: nobody listens, or the connection broke before the answer was whole; kTimedOut;
// kTooLarge: an answer over limits::kFrameBodyBytes.
Result<HttpResponse> HttpOverUnix(const std::string& socket_path, const std::string& method, const std::string& target,
                                  const HttpHeaders& headers, std::string_view body, std::chrono::milliseconds timeout);

}  // namespace smhost
