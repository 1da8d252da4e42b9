// The schemas of the documents, as they were built in. Parsed on first use, not when a program starts; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "resources/kind.h"

namespace smhost {

// The JSON Schema (draft 7) of a kind, as text and parsed.
std::string_view SchemaText(Kind kind);
const Json& SchemaOf(Kind kind);

// The node itself, or what its "$ref" points to within `root`.
const Json& Resolve(const Json& root, const Json& node);

// The names of the properties that an object of this (resolved) node may have.
std::vector<std::string> PropertyNames(const Json& node);

// What a node asks for, in words: "must be between 1 and 512", … One entry a rule; the type first.
std::vector<std::string> RulesOf(const Json& node);
// The type in words: "a string", "a list".
std::string TypeInWords(const Json& node);

// The phrases that faults and explanations share.
std::string LengthRule(const Json& node);
std::string ItemsRule(const Json& node);
std::string RangeRule(const Json& node);
std::string PatternRule(const Json& node);

}  // namespace smhost
