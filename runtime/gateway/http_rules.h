// What a request's head must look like before any parser sees it: the rules that keep two parties from reading the same
// bytes as different requests (RFC 9112, made stricter where it allows a choice), and the bounds on size and count.
// Pure functions over the raw text; any thread. Says nothing about paths, bodies or permission.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace smhost {

// Why a request is not served. The connection it came on is closed after the answer.
struct Refusal {
  int status = 400;
  std::string reason;  // one line for the caller
};

// Looks at a head while it comes: lines must end in CR LF, and stay within the limits.
struct HeadScan {
  std::size_t line_start = 0;  // where the line that is not complete yet begins
  std::size_t lines = 0;       // complete ones
  std::size_t head_bytes = 0;  // not 0: the head is complete and this long, the empty line included

  // `bytes`: all that came of this request so far, the same as before and more. Continues where it stopped.
  std::optional<Refusal> Look(std::string_view bytes);
};

// The whole head, from the method to the empty line. Nothing: it may be parsed.
std::optional<Refusal> CheckHead(std::string_view head);

// The chunk extensions of one chunk, as they stand behind its size.
bool AllowedChunkExtensions(std::string_view text);

}  // namespace smhost
