#include "worker/torch_device.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>
#include <malloc.h>
#include <sys/random.h>
#include <unistd.h>

#include "worker/note.h"
#include "worker/torch_value.h"

namespace smhost {
namespace {

bool MachineHasGpu() { return ::access("/dev/nvidiactl", F_OK) == 0 || ::access("/dev/nvidia0", F_OK) == 0; }

// Beside the libtorch_cpu.so that runs us.
std::string CudaLibrary() {
  Dl_info info{};
  auto* inside = reinterpret_cast<void*>(static_cast<int (*)()>(&at::get_num_threads));
  if (::dladdr(inside, &info) == 0 || info.dli_fname == nullptr) return {};
  std::string path = info.dli_fname;
  return path.substr(0, path.find_last_of('/') + 1) + "libtorch_cuda.so";
}

bool HaveCudaLibrary() {
  std::string path = CudaLibrary();
  return !path.empty() && ::access(path.c_str(), R_OK) == 0;
}

tl::unexpected<Error> NoGpu(const std::string& wanted, const std::string& why) {
  return Fail(Code::kUnavailable,
              "SMHOST_DEVICE=" + wanted + ": " + why + "; use cpu or auto, or a machine with a GPU");
}

Result<at::Device> OpenCuda(const std::string& wanted) try {
  std::string library = CudaLibrary();
  if (::dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr)
    return NoGpu(wanted, std::string("LibTorch's GPU part cannot be opened: ") + ::dlerror());
  if (!at::globalContext().hasCUDA()) return NoGpu(wanted, "CUDA finds no GPU that it can use");
  int count = at::detail::getCUDAHooks().deviceCount();
  at::Device device(wanted == "auto" ? std::string("cuda:0") : wanted == "cuda" ? std::string("cuda:0") : wanted);
  if (device.index() >= count)
    return NoGpu(wanted, "this machine has " + std::to_string(count) + " GPU(s), numbered from 0");
  at::globalContext().lazyInitDevice(at::kCUDA);
  return device;
} catch (...) {
  return NoGpu(wanted, ErrorFromTorch().message);
}

// Two instances of one template must not draw the same numbers.
void SeedAnew() {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != sizeof seed) seed = static_cast<std::uint64_t>(::getpid());
  auto generator = at::detail::getDefaultCPUGenerator();
  std::lock_guard lock(generator.mutex());
  generator.set_current_seed(seed);
}

// A template gives large blocks mappings of their own; calls that come again and again are better off with memory that
// stays.
void KeepFreedMemory() {
  constexpr int kOwnMappingBytes = 32 << 20, kKeptBytes = 64 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kOwnMappingBytes);
  ::mallopt(M_TRIM_THRESHOLD, kKeptBytes);
}

// The first operators of a process make its thread pool and touch code and memory that a fork does not bring along: some
// 5 ms, which a caller shall not pay. What they compute is nobody's; a model's own first call may still be slower.
void WarmKernels() try {
  const at::Tensor weights = at::ones({512, 512}), bias = at::ones({512});
  at::Tensor values = at::ones({1, 512});
  for (int i = 0; i < 3; ++i) values = at::softmax(at::relu(at::linear(values, weights, bias)), 1);
  (void)at::sum(at::add(weights, weights));  // large enough for the pool
} catch (...) {
  Note("torch's operators could not be warmed up: " + ErrorFromTorch().message);
}

}  // namespace

Result<bool> LoadsInInstance(const std::string& wanted) {
  if (wanted == "cpu") return false;
  bool usable = MachineHasGpu() && HaveCudaLibrary();
  if (wanted == "auto" || usable) return usable;
  if (!MachineHasGpu()) return NoGpu(wanted, "this machine has no NVIDIA GPU (no /dev/nvidiactl)");
  return Fail(Code::kUnavailable, "SMHOST_DEVICE=" + wanted + ": LibTorch's GPU part is not installed (" +
                                      CudaLibrary() + "); run scripts/setup with SMHOST_CUDA=1");
}

Result<at::Device> OpenDevice(const std::string& wanted) {
  if (wanted == "cpu") return at::Device(at::kCPU);
  auto device = OpenCuda(wanted);
  if (device || wanted != "auto") return device;
  Note("the GPU cannot be used, the CPU is: " + device.error().message);
  return at::Device(at::kCPU);
}

void UseThreads(int threads) {
  KeepFreedMemory();
  at::set_num_threads(threads);
  try {
    at::set_num_interop_threads(threads);
  } catch (...) {
    Note("threads between operators stay as they are: " + ErrorFromTorch().message);
  }
  SeedAnew();
  WarmKernels();
}

}  // namespace smhost
