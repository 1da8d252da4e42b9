// For the fuzz tests of the protocols: every operation that is built, with its input as its output, so that what was decoded
// can be encoded and decoded again.
#pragma once

#include <cstdlib>
#include <string_view>
#include <vector>

#include "api/constraints.h"
#include "api/route.h"

namespace smhost {

inline const std::vector<ApiOperation>& EchoOperations() {
  static const std::vector<ApiOperation> kAll = [] {
    std::vector<ApiOperation> all;
    for (ServiceKind kind : {ServiceKind::kSageMaker, ServiceKind::kSts, ServiceKind::kMonitoring, ServiceKind::kCloudFormation})
      for (const auto& [name, operation] : ShapesOf(kind).operations()) {
        all.push_back(operation);
        all.back().output = operation.input;
        all.back().result_wrapper = name + "Result";
      }
    return all;
  }();
  return kAll;
}

// The first byte chooses one; the rest is the body.
inline const ApiOperation& TakeOperation(std::string_view& input) {
  const auto& all = EchoOperations();
  const std::size_t index = input.empty() ? 0 : static_cast<unsigned char>(input.front());
  input.remove_prefix(input.empty() ? 0 : 1);
  return all[index % all.size()];
}

// What is encoded and decoded twice does not change any more: nulls among elements are gone after the first time.
template <typename Again>
void MustSettle(const ApiOperation& operation, const Json& input, Again again) {
  if (operation.input != nullptr) CheckConstraints(*operation.input, input);
  const ApiResult<Json> once = again(input);
  if (!once) std::abort();
  const ApiResult<Json> twice = again(*once);
  if (!twice || CompactJson(*twice) != CompactJson(*once)) std::abort();
}

}  // namespace smhost
