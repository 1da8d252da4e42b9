// CPU or GPU. libtorch_cuda is opened at run time, only where there is a GPU, and only after the last fork: CUDA does
// not survive one. Only for torch_*.cc.
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "base/result.h"

namespace smhost {

// For SMHOST_DEVICE's word, before the fork: is the model to be loaded by each instance, onto a GPU, instead of once by
// the template? An error where a GPU is wanted and there is none.
Result<bool> LoadsInInstance(const std::string& wanted);

// In an instance: the device, its library opened. "auto" falls back to the CPU where the GPU cannot be used.
Result<at::Device> OpenDevice(const std::string& wanted);

// In an instance, once: torch's threads, memory and random numbers, which were set for a template that never runs
// anything.
void UseThreads(int threads);

}  // namespace smhost
