// Between torch's values and ours, and from torch's exceptions to our errors. Only for torch_*.cc.
#pragma once

#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

#include <string>

#include "worker/value.h"

namespace smhost {

// The arguments of a method, its own object left out.
MethodSchema SchemaOf(const c10::FunctionSchema& schema);

at::Tensor ToTorch(const Tensor& tensor);
// As `type` wants it. kInvalid where the value does not fit; torch's own check of the whole call comes on top.
Result<c10::IValue> ToTorch(const Value& value, const c10::TypePtr& type, const at::Device& device);

// kUnsupported for what no answer can hold: complex numbers, objects.
Result<Tensor> FromTorch(const at::Tensor& tensor);
Result<Value> FromTorch(const c10::IValue& value);

// Call it in a catch block. What torch has to say, without its stack traces, and whose fault it is (Model::Run's
// codes).
Error ErrorFromTorch();

}  // namespace smhost
