// Writes small TorchScript models for tests and measurements, without Python.
//
//   make_models KIND FILE [NUMBER]
//
//   noop      forward(x) -> x
//   constant  forward(x) -> NUMBER, whatever x is
//   mlp       784-512-512-10
//   big45     four linear layers, 45 MB of weights
//   conv      a convolution with batch norm
//   two       forward(x, scale: float = 2.0, shift: Optional[int] = None) -> {"y": x * scale + shift}
//   methods   forward(x) and score(x: Tensor, name: str)
//   text      forward(words: List[str], weights: Dict[str, float]) -> List[Tuple[str, float]]
//   counting  keeps a count between calls
//   dropout   forward(x) -> random numbers
//   raising   forward(x) raises AssertionError
//   hungry    allocates NUMBER MB in each call
#include <ATen/ATen.h>
#include <torch/csrc/jit/api/module.h>

#include <iostream>
#include <map>
#include <string>

namespace {

using torch::jit::Module;

void AddLinear(Module& module, const std::string& name, int inputs, int outputs) {
  module.register_parameter(name + "_w", at::randn({outputs, inputs}) / std::sqrt(static_cast<double>(inputs)), false);
  module.register_parameter(name + "_b", at::zeros({outputs}), false);
}

void Layers(Module& module, const std::vector<int>& sizes) {
  std::string body = "def forward(self, x):\n";
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    std::string name = "l" + std::to_string(i);
    AddLinear(module, name, sizes[i], sizes[i + 1]);
    body += "    x = torch.matmul(x, self." + name + "_w.t()) + self." + name + "_b\n";
    if (i + 2 < sizes.size()) body += "    x = torch.relu(x)\n";
  }
  module.define(body + "    return x\n");
}

void Convolution(Module& module) {
  module.register_parameter("w", at::randn({8, 3, 3, 3}), false);
  module.register_buffer("mean", at::zeros({8}));
  module.register_buffer("var", at::ones({8}));
  module.define(R"(
def forward(self, x):
    x = torch.conv2d(x, self.w, None, [1, 1], [1, 1], [1, 1], 1)
    x = torch.batch_norm(x, None, None, self.mean, self.var, False, 0.1, 1e-5, False)
    return torch.relu(x).mean([2, 3])
)");
}

void Counting(Module& module) {
  module.register_attribute("count", c10::IntType::get(), c10::IValue(static_cast<int64_t>(0)));
  module.define(R"(
def forward(self, x):
    self.count = self.count + 1
    return self.count
)");
}

const std::map<std::string, std::string> kBodies = {
    {"noop", "def forward(self, x):\n    return x\n"},
    {"raising", "def forward(self, x):\n    assert x.dim() > 100, 'x is not to my taste'\n    return x\n"},
    {"two", R"(
def forward(self, x: Tensor, scale: float = 2.0, shift: Optional[int] = None):
    y = x * scale
    if shift is not None:
        y = y + shift
    return {"y": y}
)"},
    {"methods", R"(
def forward(self, x):
    return x
def score(self, x: Tensor, name: str):
    return (x.sum(), name, [1, 2], {"a": 1.5})
)"},
    {"text", R"(
def forward(self, words: List[str], weights: Dict[str, float]):
    out: List[Tuple[str, float]] = []
    for word in words:
        out.append((word, weights[word]))
    return out
)"},
    {"dropout", "def forward(self, x):\n    return torch.rand_like(x)\n"},
};

void Build(Module& module, const std::string& kind, const std::string& number) {
  if (kind == "mlp") return Layers(module, {784, 512, 512, 10});
  if (kind == "big45") return Layers(module, {1024, 3840, 1536, 1024, 256});
  if (kind == "conv") return Convolution(module);
  if (kind == "counting") return Counting(module);
  if (kind == "constant") return module.define("def forward(self, x):\n    return " + number + "\n");
  if (kind == "hungry")
    return module.define("def forward(self, x):\n    return (x.expand([" + number + ", 262144]) + 1).sum()\n");
  module.define(kBodies.at(kind));
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) throw std::invalid_argument("usage: make_models KIND FILE [NUMBER]");
  at::manual_seed(7);
  Module module("Model");
  module.register_attribute("training", c10::BoolType::get(), c10::IValue(true));
  Build(module, argv[1], argc > 3 ? argv[3] : "1");
  module.save(argv[2]);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "make_models: " << error.what() << "\n";
  return 1;
}
