// AWS's event stream ("application/vnd.amazon.eventstream"): how an answer in parts stands in an HTTP body. Writes only; who
// reads is the client. Pure; any thread.
//
//   u32 total | u32 bytes of headers | u32 crc32 of those two | headers | payload | u32 crc32 of all before      (big endian)
//   header: u8 length + name | u8 7 (text) | u16 length + value
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smhost {

using EventHeaders = std::vector<std::pair<std::string_view, std::string_view>>;

// Names have 1 to 255 bytes, values 65,535 at most; headers and payload together stay below 16 MiB, which clients refuse.
void AppendEventMessage(const EventHeaders& headers, std::string_view payload, std::string& out);

// InvokeEndpointWithResponseStream's events: bytes of the model's answer, cut into several events where they are more than
// limits::kStreamEventBytes, none where there are none.
void AppendPayloadParts(std::string_view bytes, std::string& out);
// What ends a stream before its time. `body` is a JSON object.
void AppendStreamException(std::string_view type, std::string_view body, std::string& out);

}  // namespace smhost
