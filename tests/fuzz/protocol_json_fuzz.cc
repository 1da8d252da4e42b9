// Bodies of JSON requests from strangers: whatever is taken has the shape of its operation, and comes back from its own answer.
#include <cstddef>
#include <cstdint>

#include "api/protocol_json.h"
#include "fuzz/echo_operations.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace smhost;
  std::string_view body(reinterpret_cast<const char*>(data), size);
  const ApiOperation& operation = TakeOperation(body);
  const ApiResult<Json> input = DecodeJsonInput(operation, body);
  if (!input) return 0;
  MustSettle(operation, *input, [&](const Json& value) {
    return DecodeJsonInput(operation, EncodeJsonOutput(operation, value, WireProtocol::kJson11).body);
  });
  return 0;
}
