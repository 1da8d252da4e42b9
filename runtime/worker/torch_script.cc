#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/passes/freeze_module.h>
#include <torch/csrc/jit/passes/frozen_graph_optimizations.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include <sstream>

#include "worker/note.h"
#include "worker/torch_backend.h"
#include "worker/torch_device.h"
#include "worker/torch_package.h"
#include "worker/torch_value.h"

namespace smhost {
namespace {

namespace jit = torch::jit;

bool WritesAttributes(const jit::Block* block) {
  for (const auto* node : block->nodes()) {
    if (node->kind() == c10::prim::SetAttr) return true;
    for (const auto* inner : node->blocks())
      if (WritesAttributes(inner)) return true;
  }
  return false;
}

// Does any of its methods keep something from one call to the next? Freezing would make a constant of it.
bool IsStateful(const jit::Module& module) {
  for (const auto& part : module.modules())
    for (const auto& method : part.get_methods())
      if (WritesAttributes(method.graph()->block())) return true;
  return false;
}

// Weights become constants, what follows from them is computed now. freeze() and optimize_for_inference() know only
// forward by themselves.
jit::Module Freeze(jit::Module& module, const std::string& method) {
  if (method == "forward") {
    jit::Module frozen = jit::freeze(module);
    return jit::optimize_for_inference(frozen);
  }
  jit::Module frozen = jit::freeze_module(module, {method});
  auto graph = frozen.get_method(method).graph();
  jit::OptimizeFrozenGraph(graph);
  return jit::optimize_for_inference(frozen, {method});
}

std::string MethodNames(const jit::Module& module) {
  std::string names;
  for (const auto& method : module.get_methods()) names += (names.empty() ? "" : ", ") + method.name();
  return names.empty() ? "none" : names;
}

// The executor's plan depends on the graph alone: made before the fork, each instance's first call finds it ready.
void Plan(jit::Module& module, const std::string& method) {
  auto& function = jit::toGraphFunction(module.get_method(method).function());
  function.ensure_defined();
  c10::Stack nothing;
  function.get_executor().getPlanFor(nothing);
}

// Compiling, loading and freezing the first module fills tables (operators, schemas, passes) that each template would
// otherwise fill anew. Runs no operator.
void WarmCompiler() {
  jit::Module module("Warm");
  module.register_attribute("training", c10::BoolType::get(), c10::IValue(true));
  module.define("def forward(self, x):\n    return torch.relu(torch.matmul(x, x)) + x\n");
  std::stringstream file;
  module.save(file);
  jit::Module loaded = jit::load(file, at::kCPU);
  loaded.eval();
  jit::Module frozen = Freeze(loaded, "forward");
  Plan(frozen, "forward");
}

class TorchScriptModel final : public Model {
 public:
  TorchScriptModel(std::string path, std::string file, const Settings& settings)
      : path_(std::move(path)), file_(std::move(file)), settings_(settings) {}

  // In the template, for the CPU; or, where a GPU is wanted, in the instance.
  Status Load(const at::Device& device) try {
    module_ = jit::load(path_, at::kCPU);
    if (!module_.find_method(settings_.method))
      return Fail(Code::kInvalid, file_ + " has no method \"" + settings_.method + "\" (SMHOST_METHOD); it has " +
                                      MethodNames(module_));
    module_.eval();
    if (!device.is_cpu()) module_.to(device);
    device_ = device;
    Optimize();
    Plan(module_, settings_.method);
    schema_ = SchemaOf(module_.get_method(settings_.method).function().getSchema());
    loaded_ = true;
    return {};
  } catch (...) {
    return LoadError();
  }

  const MethodSchema& Schema() const override { return schema_; }
  std::string Device() const override { return device_.str(); }

  Status PrepareInstance(int threads) override {
    UseThreads(threads);
    if (loaded_) return {};
    SMHOST_TRY(at::Device device, OpenDevice(settings_.device));
    return Load(device);
  }

  Result<Value> Run(Arguments arguments) override try {
    c10::AutoGradMode no_gradients(false);
    const auto& method = module_.get_method(settings_.method);
    const auto& declared = method.function().getSchema().arguments();
    std::vector<c10::IValue> inputs;
    for (std::size_t i = 1; i < declared.size(); ++i) {
      if (i - 1 < arguments.size() && arguments[i - 1]) {
        SMHOST_TRY(c10::IValue input, ToTorch(*arguments[i - 1], declared[i].type(), device_));
        inputs.push_back(std::move(input));
      } else if (declared[i].default_value()) {
        inputs.push_back(*declared[i].default_value());
      }
    }
    return FromTorch(method(std::move(inputs)));
  } catch (...) {
    return Fail(ErrorFromTorch());
  }

 private:
  void Optimize() try {
    if (IsStateful(module_)) return Note(file_ + ": keeps state between calls, so it is not frozen");
    module_ = Freeze(module_, settings_.method);
  } catch (...) {
    Note(file_ + ": cannot be frozen, it runs as it is: " + ErrorFromTorch().message);
  }

  tl::unexpected<Error> LoadError() const {
    std::string message = ErrorFromTorch().message;
    message = message.substr(0, message.find(". "));
    if (message.find("PytorchStreamReader") != std::string::npos)
      message =
          "it is not TorchScript, or damaged; save the model with torch.jit.script(model).save(\"model.pt\") or "
          "torch.jit.trace: what torch.save writes cannot be run (" +
          message + ")";
    return Fail(Code::kInvalid, file_ + " cannot be loaded: " + message);
  }

  const std::string path_, file_;
  const Settings settings_;
  jit::Module module_;
  MethodSchema schema_;
  at::Device device_{at::kCPU};
  bool loaded_ = false;
};

class TorchBackend final : public Backend {
 public:
  void Prepare() override try {
    // One thread until the fork: OpenMP's pool does not survive it.
    at::set_num_threads(1);
    // The profiling executor spends the first calls on profiling, and plans anew for each shape.
    jit::getProfilingMode() = false;
    WarmCompiler();
  } catch (...) {
    Note("the launcher could not warm torch's compiler up: " + ErrorFromTorch().message);
  }

  Result<std::unique_ptr<Model>> Load(const std::string& folder, const ModelFile& file,
                                      const Settings& settings) override {
    at::set_num_threads(1);  // each thread has a number of its own, and this one is not Prepare's
    if (file.format == ModelFormat::kAotInductor) return LoadPackage(folder, file, settings);
    auto model = std::make_unique<TorchScriptModel>(folder + "/" + file.name, file.name, settings);
    SMHOST_TRY(bool later, LoadsInInstance(settings.device));
    if (!later) SMHOST_TRY_STATUS(model->Load(at::Device(at::kCPU)));
    return std::unique_ptr<Model>(std::move(model));
  }
};

}  // namespace

std::unique_ptr<Backend> MakeTorchBackend() { return std::make_unique<TorchBackend>(); }

}  // namespace smhost
