#include "gateway/http_rules.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/limits.h"

namespace smhost {
namespace {

Refusal Bad(std::string reason) { return {400, std::move(reason)}; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

constexpr std::array<bool, 256> kTokenChars = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) table[static_cast<int>(c)] = true;
  return table;
}();
bool IsTokenChar(char c) { return kTokenChars[static_cast<unsigned char>(c)]; }
bool IsToken(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar); }

// HTAB, SP, VCHAR, obs-text: no NUL, CR, LF or other control character.
bool IsFieldText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? x + 32 : x) == (y >= 'A' && y <= 'Z' ? y + 32 : y);
  });
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// uri-host [ ":" port ] of RFC 3986, without user information.
bool IsHost(std::string_view text) {
  if (text.empty()) return false;
  std::size_t end = 0;
  if (text[0] == '[') {
    end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    auto inside = text.substr(1, end - 1);
    if (!std::all_of(inside.begin(), inside.end(), [](char c) { return IsHex(c) || c == ':' || c == '.'; })) return false;
    ++end;
  } else {
    while (end < text.size() && text[end] != ':') {
      char c = text[end];
      if (!IsAlpha(c) && !IsDigit(c) && std::strchr("-._~!$&'()*+,;=%", c) == nullptr) return false;
      ++end;
    }
    if (end == 0) return false;
  }
  if (end == text.size()) return true;
  auto port = text.substr(end + 1);
  return text[end] == ':' && port.size() <= 5 && std::all_of(port.begin(), port.end(), IsDigit);
}

std::optional<Refusal> CheckVersion(std::string_view version, bool& http11) {
  http11 = version == "HTTP/1.1";
  if (http11 || version == "HTTP/1.0") return std::nullopt;
  bool well_formed = version.size() == 8 && version.substr(0, 5) == "HTTP/" && IsDigit(version[5]) && version[6] == '.' &&
                     IsDigit(version[7]);
  if (well_formed) return Refusal{505, "Only HTTP/1.1 and HTTP/1.0 are served."};
  return Bad("The request line does not end in HTTP/1.1.");
}

std::optional<Refusal> CheckMethod(std::string_view method) {
  for (std::string_view known : {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
    if (method == known) return std::nullopt;
  if (method == "CONNECT" || method == "TRACE") return Refusal{405, "This method is not allowed here."};
  if (!IsToken(method)) return Bad("The request's method is not a method name.");
  return Refusal{501, "This method is not known."};
}

std::optional<Refusal> CheckTarget(std::string_view target) {
  if (target.size() > limits::kRequestTargetBytes)
    return Refusal{414, "The request's target has more than " + std::to_string(limits::kRequestTargetBytes) + " bytes."};
  for (char c : target)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '#')
      return Bad("The request's target holds a character that is not allowed there.");
  if (!target.empty() && target[0] == '/') return std::nullopt;
  if (target.size() > 7 && EqualsIgnoringCase(target.substr(0, 7), "http://")) {
    auto authority = target.substr(7, target.find_first_of("/?", 7) - 7);
    if (IsHost(authority)) return std::nullopt;
  }
  return Bad("The request's target is not a path.");
}

std::optional<Refusal> CheckRequestLine(std::string_view line, bool& http11) {
  if (line.substr(0, 6) == "PRI * ") return Bad("HTTP/2 is not served here; use HTTP/1.1.");
  auto first = line.find(' ');
  auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return Bad("The request line is not METHOD TARGET HTTP/1.1.");
  auto target = line.substr(first + 1, last - first - 1);
  if (auto refusal = CheckTarget(target)) return refusal;
  if (auto refusal = CheckVersion(line.substr(last + 1), http11)) return refusal;
  return CheckMethod(line.substr(0, first));
}

// What must be counted over all headers.
struct Seen {
  int host = 0, content_length = 0, transfer_encoding = 0;
  int authorization = 0, content_type = 0, account = 0;
};

std::optional<Refusal> CheckField(std::string_view name, std::string_view value, bool http11, Seen& seen) {
  auto is = [name](std::string_view other) { return EqualsIgnoringCase(name, other); };
  auto once = [name](int& count) -> std::optional<Refusal> {
    if (++count == 1) return std::nullopt;
    return Bad("The header " + std::string(name) + " stands more than once.");
  };
  switch (name.size()) {  // few names have the length of one that matters
    case 4:
      if (!is("Host")) break;
      if (!IsHost(value)) return Bad("The header Host is not HOST or HOST:PORT.");
      return once(seen.host);
    case 6:
      if (is("Expect") && !EqualsIgnoringCase(value, "100-continue")) return Refusal{417, "Only Expect: 100-continue is known."};
      break;
    case 12:
      if (is("Content-Type")) return once(seen.content_type);
      break;
    case 13:
      if (is("Authorization")) return once(seen.authorization);
      break;
    case 14:
      if (!is("Content-Length")) break;
      if (value.empty() || value.size() > 18 || !std::all_of(value.begin(), value.end(), IsDigit))
        return Bad("The header Content-Length is not one decimal number.");
      return once(seen.content_length);
    case 16:
      if (is("X-Smhost-Account")) return once(seen.account);
      break;
    case 17:
      if (!is("Transfer-Encoding")) break;
      if (!http11) return Bad("HTTP/1.0 has no Transfer-Encoding.");
      if (!EqualsIgnoringCase(value, "chunked")) return Bad("The only Transfer-Encoding served is chunked, alone.");
      return once(seen.transfer_encoding);
    default:
      break;
  }
  return std::nullopt;
}

std::optional<Refusal> CheckFieldLine(std::string_view line, bool http11, Seen& seen) {
  if (line[0] == ' ' || line[0] == '\t') return Bad("A header goes on over a second line, which HTTP/1.1 forbids.");
  auto colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon)))
    return Bad("A header's name holds a character that is not allowed there, or no colon follows it at once.");
  if (!IsFieldText(line.substr(colon + 1))) return Bad("A header's value holds a control character.");
  return CheckField(line.substr(0, colon), Trimmed(line.substr(colon + 1)), http11, seen);
}

}  // namespace

std::optional<Refusal> HeadScan::Look(std::string_view bytes) {
  if (!bytes.empty() && lines == 0 && line_start == 0) {
    if (bytes[0] == 0x16) return Bad("HTTPS is not enabled");  // the first byte of a TLS handshake
    if (!IsTokenChar(bytes[0])) return Bad("This is not an HTTP request.");
  }
  while (true) {
    const void* found = line_start < bytes.size() ? std::memchr(bytes.data() + line_start, '\n', bytes.size() - line_start) : nullptr;
    if (found == nullptr) break;
    auto end = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    if (end == 0 || bytes[end - 1] != '\r') return Bad("A line of the request's head does not end in CR LF.");
    if (end + 1 > limits::kRequestHeaderBytes) break;
    bool empty = end - 1 == line_start;
    line_start = end + 1;
    ++lines;
    if (empty) {
      head_bytes = line_start;
      return std::nullopt;
    }
    if (lines - 1 > limits::kRequestHeaderCount)
      return Refusal{431, "The request has more than " + std::to_string(limits::kRequestHeaderCount) + " headers."};
  }
  constexpr std::size_t kRestOfRequestLine = 64;
  if (lines == 0 && bytes.size() > limits::kRequestTargetBytes + kRestOfRequestLine)
    return Refusal{414, "The request's target has more than " + std::to_string(limits::kRequestTargetBytes) + " bytes."};
  if (bytes.size() > limits::kRequestHeaderBytes)
    return Refusal{431, "The request's headers have more than " + std::to_string(limits::kRequestHeaderBytes) + " bytes."};
  return std::nullopt;
}

std::optional<Refusal> CheckHead(std::string_view head) {
  if (head.size() > limits::kRequestHeaderBytes)
    return Refusal{431, "The request's headers have more than " + std::to_string(limits::kRequestHeaderBytes) + " bytes."};
  bool http11 = true;
  Seen seen;
  std::size_t count = 0;
  for (std::size_t start = 0; start < head.size();) {
    auto end = head.find('\n', start);
    if (end == std::string_view::npos || end == start || head[end - 1] != '\r')
      return Bad("A line of the request's head does not end in CR LF.");
    auto line = head.substr(start, end - 1 - start);
    bool last = end + 1 == head.size();
    if (line.empty() != last || (line.empty() && start == 0)) return Bad("The request's head does not end in one empty line.");
    if (last) break;
    if (start == 0) {
      if (auto refusal = CheckRequestLine(line, http11)) return refusal;
    } else {
      if (++count > limits::kRequestHeaderCount)
        return Refusal{431, "The request has more than " + std::to_string(limits::kRequestHeaderCount) + " headers."};
      if (auto refusal = CheckFieldLine(line, http11, seen)) return refusal;
    }
    start = end + 1;
  }
  if (head.empty()) return Bad("The request's head does not end in one empty line.");
  if (http11 && seen.host == 0) return Bad("An HTTP/1.1 request needs the header Host.");
  if (seen.transfer_encoding != 0 && seen.content_length != 0)
    return Bad("Content-Length and Transfer-Encoding stand side by side.");
  return std::nullopt;
}

bool AllowedChunkExtensions(std::string_view text) {
  return text.empty() || (text[0] == ';' && IsFieldText(text));
}

}  // namespace smhost
