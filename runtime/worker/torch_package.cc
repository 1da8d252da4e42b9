#include "worker/torch_package.h"

#include <c10/core/GradMode.h>
#include <stdlib.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include <filesystem>

#include "worker/package_spec.h"
#include "worker/torch_device.h"
#include "worker/torch_value.h"

namespace smhost {
namespace {

using torch::inductor::AOTIModelPackageLoader;

// The loader unpacks into TMPDIR and tidies up only when it is destroyed, which a forked process never does. What it
// has opened by then stays readable after its files are gone.
class PassingFolder {
 public:
  PassingFolder() {
    const char* tmp = ::getenv("TMPDIR");
    before_ = tmp == nullptr ? "" : tmp;
    path_ = (before_.empty() ? "/tmp" : before_) + "/smhost-package-XXXXXX";
    made_ = ::mkdtemp(path_.data()) != nullptr;
    if (made_) ::setenv("TMPDIR", path_.c_str(), 1);
  }
  ~PassingFolder() {
    if (!made_) return;
    if (before_.empty())
      ::unsetenv("TMPDIR");
    else
      ::setenv("TMPDIR", before_.c_str(), 1);
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

 private:
  std::string before_, path_;
  bool made_ = false;
};

class PackageModel final : public Model {
 public:
  PackageModel(std::string path, std::string file, const Settings& settings)
      : path_(std::move(path)), file_(std::move(file)), settings_(settings) {}

  // Which device it was compiled for, "cpu" or "cuda".
  Result<std::string> CompiledFor() const try {
    auto metadata = AOTIModelPackageLoader::load_metadata_from_package(path_, "model");
    auto it = metadata.find("AOTI_DEVICE_KEY");
    return it == metadata.end() ? std::string("cpu") : it->second;
  } catch (...) {
    return Fail(Code::kInvalid,
                file_ + " is no AOTInductor package with a model \"model\": " + ErrorFromTorch().message);
  }

  Status Load(const at::Device& device) try {
    device_ = device;
    loader_ = std::make_unique<AOTIModelPackageLoader>(path_, "model", false, 1, device.is_cpu() ? -1 : device.index());
    auto spec = loader_->get_call_spec();
    if (spec.size() != 2)
      return Fail(Code::kInvalid, file_ + ": the package has no call spec; export it with a newer torch");
    SMHOST_TRY(SpecNode inputs, ParseSpec(spec[0]));
    SMHOST_TRY(outputs_, ParseSpec(spec[1]));
    SMHOST_TRY(schema_, SchemaOfSpec(inputs));
    return {};
  } catch (...) {
    return Fail(Code::kInvalid, file_ + " cannot be loaded: " + ErrorFromTorch().message);
  }

  const MethodSchema& Schema() const override { return schema_; }
  std::string Device() const override { return device_.str(); }

  Status PrepareInstance(int threads) override {
    UseThreads(threads);
    if (loader_) return {};
    SMHOST_TRY(at::Device device, OpenDevice(settings_.device == "auto" ? "cuda" : settings_.device));
    return Load(device);
  }

  Result<Value> Run(Arguments arguments) override try {
    c10::AutoGradMode no_gradients(false);
    SMHOST_TRY(auto flat, Flatten(arguments));
    std::vector<at::Tensor> inputs;
    for (const Tensor* tensor : flat) inputs.push_back(ToTorch(*tensor).to(device_));
    std::vector<Tensor> outputs;
    for (const auto& output : loader_->run(inputs)) {
      SMHOST_TRY(Tensor tensor, FromTorch(output));
      outputs.push_back(std::move(tensor));
    }
    return Unflatten(outputs_, std::move(outputs));
  } catch (...) {
    return Fail(ErrorFromTorch());
  }

 private:
  const std::string path_, file_;
  const Settings settings_;
  std::unique_ptr<AOTIModelPackageLoader> loader_;
  MethodSchema schema_;
  SpecNode outputs_;
  at::Device device_{at::kCPU};
};

}  // namespace

Result<std::unique_ptr<Model>> LoadPackage(const std::string& folder, const ModelFile& file, const Settings& settings) {
  if (!settings.allow_native)
    return Fail(Code::kDenied, file.name +
                                   " is an AOTInductor package, which runs native code as you: allow it with "
                                   "SMHOST_ALLOW_NATIVE=true in the document's Environment, or pack TorchScript");
  if (settings.method != "forward")
    return Fail(Code::kInvalid, "SMHOST_METHOD=" + settings.method + ": an AOTInductor package has only forward");
  auto model = std::make_unique<PackageModel>(folder + "/" + file.name, file.name, settings);
  PassingFolder passing;
  SMHOST_TRY(std::string compiled_for, model->CompiledFor());
  if (compiled_for == "cpu") {
    if (settings.device != "auto" && settings.device != "cpu")
      return Fail(Code::kInvalid,
                  file.name + " is compiled for the CPU; SMHOST_DEVICE=" + settings.device + " does not fit");
    SMHOST_TRY_STATUS(model->Load(at::Device(at::kCPU)));
    return std::unique_ptr<Model>(std::move(model));
  }
  if (settings.device == "cpu")
    return Fail(Code::kInvalid, file.name + " is compiled for " + compiled_for + "; SMHOST_DEVICE=cpu does not fit");
  SMHOST_TRY(bool later, LoadsInInstance(settings.device == "auto" ? "cuda" : settings.device));
  (void)later;
  return std::unique_ptr<Model>(std::move(model));
}

}  // namespace smhost
