// Events written by us, read as a client reads them: whatever the headers and the payload hold, both come back, and no byte
// sequence makes the reader see a message that its checksums do not cover.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fakes/event_stream_decoder.h"
#include "wire/event_stream.h"

namespace {

void Require(bool held) {
  if (!held) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace smhost;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::string_view raw = input;
  while (auto message = TakeEventMessage(raw)) Require(message->payload.size() < input.size());

  // The first byte cuts the input into a header's name, its value and a payload.
  std::size_t cut = input.empty() ? 0 : static_cast<unsigned char>(input[0]);
  std::string_view name = input.substr(0, cut), rest = input.substr(name.size());
  std::string_view value = rest.substr(0, rest.size() / 2), payload = rest.substr(rest.size() / 2);
  if (name.empty()) name = "n";
  if (value.size() > 0xffff) value = value.substr(0, 0xffff);
  std::string out;
  AppendEventMessage({{name, value}}, payload, out);
  auto messages = EventMessages(out);
  Require(messages && messages->size() == 1);
  Require(messages->at(0).payload == payload && messages->at(0).headers.at(std::string(name)) == value);

  std::string parts, together;
  AppendPayloadParts(input, parts);
  AppendStreamException("ModelStreamError", input.substr(0, 1000), parts);
  messages = EventMessages(parts);
  Require(messages && !messages->empty());
  for (std::size_t i = 0; i + 1 < messages->size(); ++i) together += messages->at(i).payload;
  Require(together == input);
  return 0;
}
