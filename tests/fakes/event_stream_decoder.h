// Reads AWS's event stream as a client does, checksums and all. For tests.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smhost {

struct EventMessage {
  std::map<std::string, std::string> headers;
  std::string payload;
};

// The message at the front of `bytes`, which is taken off; nothing where it is incomplete or wrong.
inline std::optional<EventMessage> TakeEventMessage(std::string_view& bytes) {
  auto number = [](std::string_view text, std::size_t at, int size) {
    std::uint32_t value = 0;
    for (int i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(text[at + static_cast<std::size_t>(i)]);
    return value;
  };
  auto sum = [](std::string_view text) {
    return static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const unsigned char*>(text.data()), static_cast<uInt>(text.size())));
  };
  if (bytes.size() < 16) return std::nullopt;
  const std::size_t total = number(bytes, 0, 4), header_bytes = number(bytes, 4, 4);
  if (number(bytes, 8, 4) != sum(bytes.substr(0, 8))) return std::nullopt;
  if (total < 16 || total > bytes.size() || header_bytes > total - 16) return std::nullopt;
  if (number(bytes, total - 4, 4) != sum(bytes.substr(0, total - 4))) return std::nullopt;
  EventMessage message;
  std::string_view headers = bytes.substr(12, header_bytes);
  while (!headers.empty()) {
    const std::size_t name = static_cast<unsigned char>(headers[0]);
    if (headers.size() < 1 + name + 3 || headers[1 + name] != 7) return std::nullopt;
    const std::size_t value = number(headers, 2 + name, 2);
    if (headers.size() < 4 + name + value) return std::nullopt;
    message.headers[std::string(headers.substr(1, name))] = headers.substr(4 + name, value);
    headers.remove_prefix(4 + name + value);
  }
  message.payload = bytes.substr(12 + header_bytes, total - 16 - header_bytes);
  bytes.remove_prefix(total);
  return message;
}

// All of them; nothing where bytes are left that are no message.
inline std::optional<std::vector<EventMessage>> EventMessages(std::string_view bytes) {
  std::vector<EventMessage> messages;
  while (!bytes.empty()) {
    auto message = TakeEventMessage(bytes);
    if (!message) return std::nullopt;
    messages.push_back(std::move(*message));
  }
  return messages;
}

}  // namespace smhost
