// How the flat tensors of an AOTInductor package lie in its arguments and its answer: the JSON that torch.export writes
// of both ("call spec"). Pure.
#pragma once

#include <string>
#include <vector>

#include "worker/value.h"

namespace smhost {

// One node of such a tree: a leaf (one tensor), or a container of nodes.
struct SpecNode {
  enum class Kind { kLeaf, kList, kDictionary };
  Kind kind = Kind::kLeaf;
  std::vector<std::string> keys;  // of a dictionary
  std::vector<SpecNode> children;
};

// kInvalid where it is none, or holds containers that we do not know.
Result<SpecNode> ParseSpec(const std::string& text);

// The method that an input spec describes: positional arguments without names, then keyword arguments with theirs.
Result<MethodSchema> SchemaOfSpec(const SpecNode& inputs);

// Puts the flat outputs, in order, into the shape of the output spec. kInternal where their number differs.
Result<Value> Unflatten(const SpecNode& outputs, std::vector<Tensor> flat);

// The tensors of arguments that SchemaOfSpec's schema describes, in order.
Result<std::vector<const Tensor*>> Flatten(const Arguments& arguments);

}  // namespace smhost
