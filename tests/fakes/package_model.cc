// The library inside an AOTInductor package, written by hand: answers {"sum": x + y, "first": [x]} for forward(x, *,
// y). torch_test.py packs it into a .pt2. Functions that the loader looks up and this model does not need report
// failure.
#include <torch/csrc/inductor/aoti_runtime/interface.h>
#include <torch/csrc/inductor/aoti_torch/c/shim.h>
#include <torch/csrc/inductor/aoti_torch/generated/c_shim_cpu.h>

namespace {

constexpr AOTIRuntimeError kDone = 0, kFailed = 1;

constexpr const char* kInputs =
    R"([1, {"type": "builtins.tuple", "context": "null", "children_spec": [
      {"type": "builtins.tuple", "context": "null", "children_spec": [{"type": null, "context": null, "children_spec": []}]},
      {"type": "builtins.dict", "context": "[\"y\"]", "children_spec": [{"type": null, "context": null, "children_spec": []}]}]}])";
constexpr const char* kOutputs =
    R"([1, {"type": "builtins.dict", "context": "[\"sum\", \"first\"]", "children_spec": [
      {"type": null, "context": null, "children_spec": []},
      {"type": "builtins.list", "context": "null", "children_spec": [{"type": null, "context": null, "children_spec": []}]}]}])";

// Two inputs, which become ours, and two outputs, which become the caller's.
AOTIRuntimeError Run(AtenTensorHandle* inputs, size_t input_count, AtenTensorHandle* outputs, size_t output_count) {
  if (input_count != 2 || output_count != 2) return kFailed;
  AOTITorchError failed = aoti_torch_cpu_add_Tensor(inputs[0], inputs[1], 1.0, &outputs[0]);
  if (failed == 0) failed = aoti_torch_clone(inputs[0], &outputs[1]);
  for (size_t i = 0; i < input_count; ++i) {
    aoti_torch_delete_tensor_object(inputs[i]);
    inputs[i] = nullptr;  // taken
  }
  return failed;
}

}  // namespace

extern "C" {

AOTIRuntimeError AOTInductorModelContainerCreateWithDevice(AOTInductorModelContainerHandle* handle, size_t, const char*,
                                                           const char*) {
  *handle = reinterpret_cast<AOTInductorModelContainerHandle>(new int(0));
  return kDone;
}
AOTIRuntimeError AOTInductorModelContainerDelete(AOTInductorModelContainerHandle handle) {
  delete reinterpret_cast<int*>(handle);
  return kDone;
}
AOTIRuntimeError AOTInductorModelContainerRun(AOTInductorModelContainerHandle, AtenTensorHandle* inputs,
                                              size_t input_count, AtenTensorHandle* outputs, size_t output_count,
                                              AOTInductorStreamHandle, AOTIProxyExecutorHandle) {
  return Run(inputs, input_count, outputs, output_count);
}
AOTIRuntimeError AOTInductorModelContainerRunSingleThreaded(AOTInductorModelContainerHandle, AtenTensorHandle* inputs,
                                                            size_t input_count, AtenTensorHandle* outputs,
                                                            size_t output_count, AOTInductorStreamHandle,
                                                            AOTIProxyExecutorHandle) {
  return Run(inputs, input_count, outputs, output_count);
}
AOTIRuntimeError AOTInductorModelContainerGetNumInputs(AOTInductorModelContainerHandle, size_t* count) {
  return *count = 2, kDone;
}
AOTIRuntimeError AOTInductorModelContainerGetNumOutputs(AOTInductorModelContainerHandle, size_t* count) {
  return *count = 2, kDone;
}
AOTIRuntimeError AOTInductorModelContainerGetNumConstants(AOTInductorModelContainerHandle, size_t* count) {
  return *count = 0, kDone;
}
AOTIRuntimeError AOTInductorModelContainerGetCallSpec(AOTInductorModelContainerHandle, const char** inputs,
                                                      const char** outputs) {
  *inputs = kInputs;
  *outputs = kOutputs;
  return kDone;
}
AOTIRuntimeError AOTInductorGetLastError(const char** message) {
  return *message = "the hand-written model failed", kDone;
}
AOTIRuntimeError AOTInductorModelContainerGetConstantName(AOTInductorModelContainerHandle, size_t, const char**) {
  return kFailed;
}
AOTIRuntimeError AOTInductorModelContainerGetConstantOriginalFQN(AOTInductorModelContainerHandle, size_t,
                                                                 const char**) {
  return kFailed;
}
AOTIRuntimeError AOTInductorModelContainerGetConstantDtype(AOTInductorModelContainerHandle, size_t, int32_t*) {
  return kFailed;
}
AOTIRuntimeError AOTInductorModelContainerExtractConstantsMap(AOTInductorModelContainerHandle,
                                                              AOTInductorConstantMapHandle, bool) {
  return kFailed;
}
AOTIRuntimeError AOTInductorModelContainerUpdateConstantBuffer(AOTInductorModelContainerHandle,
                                                               AOTInductorConstantMapHandle, bool, bool) {
  return kFailed;
}
AOTIRuntimeError AOTInductorModelContainerUpdateInactiveConstantBuffer(AOTInductorModelContainerHandle,
                                                                       AOTInductorConstantMapHandle) {
  return kFailed;
}
AOTIRuntimeError AOTInductorModelContainerUpdateUserManagedConstantBuffer(AOTInductorModelContainerHandle,
                                                                          AOTInductorConstantMapHandle, bool, bool) {
  return kFailed;
}
AOTIRuntimeError AOTInductorModelContainerFreeInactiveConstantBuffer(AOTInductorModelContainerHandle) {
  return kFailed;
}
AOTIRuntimeError AOTInductorModelContainerRunConstantFolding(AOTInductorModelContainerHandle, bool,
                                                             AOTInductorStreamHandle, AOTIProxyExecutorHandle) {
  return kFailed;
}
AOTIRuntimeError AOTInductorModelContainerSwapConstantBuffer(AOTInductorModelContainerHandle) { return kFailed; }

}  // extern "C"
