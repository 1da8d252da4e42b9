// What the container's Environment and the artifact's smhost.json say about how to serve a model, and which file in the
// artifact's folder the model is. Read by the template, once; pure but for reading those files.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "worker/value.h"

namespace smhost {

struct Settings {
  std::string method = "forward";  // SMHOST_METHOD
  std::optional<DType> dtype;      // SMHOST_DTYPE: of every tensor in a request; absent: float32, npy keeps its own
  std::string device = "auto";     // SMHOST_DEVICE: auto, cpu, cuda, cuda:N
  int threads = 0;                 // SMHOST_THREADS; 0: what the instance's order says
  int max_batch_size = 1;          // SMHOST_MAX_BATCH_SIZE: requests joined into one call
  std::chrono::microseconds max_batch_delay{0};  // SMHOST_MAX_BATCH_DELAY_US: how long the first one waits for others
  std::string warmup;                            // SMHOST_WARMUP: a request file in the artifact, or empty
  bool allow_native = false;                     // SMHOST_ALLOW_NATIVE: .pt2 may run; from the Environment only
  std::string default_accept = "application/json";  // SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT
  std::vector<std::string> unknown;                 // SMHOST_ keys that mean nothing to a worker, for a line in the log
};

// The Environment wins over smhost.json. kInvalid names the key, the value and what is allowed.
Result<Settings> ReadSettings(Files& files, const std::map<std::string, std::string>& environment,
                              const std::string& model_folder);

enum class ModelFormat { kTorchScript, kAotInductor };
struct ModelFile {
  std::string name;  // relative to the folder
  ModelFormat format = ModelFormat::kTorchScript;
};
// model.pt, else the only *.pt, *.pth, *.jit or *.pt2 in the folder's root. An error lists what is there.
Result<ModelFile> FindModelFile(Files& files, const std::string& model_folder);

}  // namespace smhost
