// The seam between the worker's processes and whatever runs a model: LibTorch (torch_backend.cc) or a script
// (tests/fakes/scripted_worker.cc). A backend's functions never throw.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "worker/settings.h"
#include "worker/value.h"

namespace smhost {

// Made in the template, while nothing else runs there; everything but Schema() is called in an instance, from its inference
// thread.
class Model {
 public:
  virtual ~Model() = default;

  virtual const MethodSchema& Schema() const = 0;
  // Once, first, in an instance: the number of threads it may use, and the device it is to run on.
  virtual Status PrepareInstance(int threads) = 0;
  // "cpu" or "cuda:0"; known once the instance is prepared.
  virtual std::string Device() const = 0;
  // kInvalid: these arguments do not fit the model (the caller's fault); kTooLarge: out of memory; kInternal: the model
  // raised; kCorrupt: it can never run again in this process.
  virtual Result<Value> Run(Arguments arguments) = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;

  // In the launcher, before anything is forked. Starts no thread.
  virtual void Prepare() = 0;
  // In a template, on a thread that ends with the call. Leaves no other thread and runs nothing in parallel: instances
  // are forked from what this leaves behind.
  virtual Result<std::unique_ptr<Model>> Load(const std::string& folder, const ModelFile& file,
                                              const Settings& settings) = 0;
};

}  // namespace smhost
