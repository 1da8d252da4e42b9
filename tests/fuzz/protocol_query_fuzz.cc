// Forms from strangers: whatever is taken has the shape of its operation, and what is answered to it is XML, whatever it holds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <pugixml.hpp>

#include "api/protocol_query.h"
#include "fuzz/echo_operations.h"

namespace {

void MustBeXml(const std::string& text) {
  pugi::xml_document document;
  if (!document.load_buffer(text.data(), text.size())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace smhost;
  std::string_view body(reinterpret_cast<const char*>(data), size);
  const ApiOperation& operation = TakeOperation(body);
  const ServiceShapes& service = ShapesOf(ServiceKind::kMonitoring);
  MustBeXml(EncodeQueryError(&service, &operation, {"ValidationException", std::string(body)}, "id").body);
  RouteOf({"GET", "/?" + std::string(body), {}}, "");
  const auto form = ParseForm(body);
  if (!form) return 0;
  const ApiResult<Json> input = DecodeQueryInput(operation, *form);
  if (!input) return 0;
  if (operation.input != nullptr) CheckConstraints(*operation.input, *input);
  MustBeXml(EncodeQueryOutput(service, operation, *input, "id").body);
  return 0;
}
