#include "wire/event_stream.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

constexpr std::size_t kPreludeBytes = 12, kChecksumBytes = 4, kMostMessageBytes = 16u << 20;
constexpr char kTextValue = 7;

void AppendU16(std::size_t value, std::string& out) {
  out += static_cast<char>(value >> 8 & 0xff);
  out += static_cast<char>(value & 0xff);
}

void AppendU32(std::size_t value, std::string& out) {
  AppendU16(value >> 16, out);
  AppendU16(value, out);
}

std::size_t Checksum(std::string_view bytes) {
  return ::crc32(0, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<uInt>(bytes.size()));
}

}  // namespace

void AppendEventMessage(const EventHeaders& headers, std::string_view payload, std::string& out) {
  std::size_t header_bytes = 0;
  for (const auto& [name, value] : headers) {
    SMHOST_CHECK(!name.empty() && name.size() <= 0xff && value.size() <= 0xffff);
    header_bytes += 1 + name.size() + 1 + 2 + value.size();
  }
  const std::size_t total = kPreludeBytes + header_bytes + payload.size() + kChecksumBytes, begin = out.size();
  SMHOST_CHECK(total <= kMostMessageBytes);
  out.reserve(begin + total);
  AppendU32(total, out);
  AppendU32(header_bytes, out);
  AppendU32(Checksum(std::string_view(out).substr(begin)), out);
  for (const auto& [name, value] : headers) {
    out += static_cast<char>(name.size());
    out.append(name);
    out += kTextValue;
    AppendU16(value.size(), out);
    out.append(value);
  }
  out.append(payload);
  AppendU32(Checksum(std::string_view(out).substr(begin)), out);
}

void AppendPayloadParts(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    auto part = bytes.substr(0, std::min(bytes.size(), limits::kStreamEventBytes));
    AppendEventMessage({{":event-type", "PayloadPart"}, {":content-type", "application/octet-stream"}, {":message-type", "event"}},
                       part, out);
    bytes.remove_prefix(part.size());
  }
}

void AppendStreamException(std::string_view type, std::string_view body, std::string& out) {
  AppendEventMessage({{":exception-type", type}, {":content-type", "application/json"}, {":message-type", "exception"}}, body, out);
}

}  // namespace smhost
