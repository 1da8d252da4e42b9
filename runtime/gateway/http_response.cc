#include "gateway/http_response.h"

#include <algorithm>
#include <charconv>

namespace smhost {
namespace {

void AppendNumber(std::uint64_t value, std::string& out) {
  char text[24];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, end);
}

void AppendHeader(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void AppendLength(std::uint64_t length, std::string& out) {
  out.append("Content-Length: ");
  AppendNumber(length, out);
  out.append("\r\n");
}

void AppendStart(int status, const ResponseFrame& frame, std::string& out) {
  out.append("HTTP/1.1 ");
  AppendNumber(static_cast<std::size_t>(status), out);
  out.append(" ").append(StatusText(status)).append("\r\n");
  AppendHeader("Date", frame.date, out);
  AppendHeader("x-amzn-RequestId", frame.request_id, out);
}

void AppendConnection(const ResponseFrame& frame, std::string& out) {
  if (frame.close)
    AppendHeader("Connection", "close", out);
  else if (!frame.http11)
    AppendHeader("Connection", "keep-alive", out);
}

}  // namespace

bool MayHaveBody(int status) { return status != 204 && status != 304; }

std::string_view StatusText(int status) {
  switch (status) {
    case 200: return "OK";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 424: return "Failed Dependency";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
  }
}

bool IsHeaderText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

void AppendResponseHead(const HttpAnswer& response, const ResponseFrame& frame, std::string& out) {
  AppendStart(response.status, frame, out);
  if (!response.content_type.empty()) AppendHeader("Content-Type", response.content_type, out);
  for (const auto& [name, value] : response.headers) AppendHeader(name, value, out);
  AppendConnection(frame, out);
  AppendLength(response.body.size(), out);
  out.append("\r\n");
}

void AppendStreamHead(const StreamHead& head, const ResponseFrame& frame, std::string& out) {
  AppendStart(head.status, frame, out);
  for (const auto& [name, value] : head.headers) AppendHeader(name, value, out);
  AppendConnection(frame, out);
  if (head.length)
    AppendLength(*head.length, out);
  else if (frame.http11 && MayHaveBody(head.status))
    AppendHeader("Transfer-Encoding", "chunked", out);
  out.append("\r\n");
}

}  // namespace smhost
