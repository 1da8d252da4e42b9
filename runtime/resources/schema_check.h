// Checks a value against a schema of ours and collects every fault, each with its path and the rule in words.
//
// The schemas use a part of JSON Schema draft 7: type, enum, properties, required, additionalProperties, propertyNames,
// maxProperties, items, min/maxItems, min/maxLength, pattern, minimum, maximum, multipleOf and $ref to #/definitions.
// A library's answer names neither the rule nor the nearest right value, and matches patterns on texts of any length,
// where std::regex runs out of stack; so this is our own, and the tests compare its verdicts with a library's.
// Any thread; pure.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "resources/fault.h"

namespace smhost {

class SchemaCheck {
 public:
  // `word` is how `smhost explain` names the root, e.g. "endpoint-config". Both references outlive the check; `root`
  // lives as long as the program (compiled patterns are kept by address).
  SchemaCheck(const Json& root, std::string word, std::vector<Fault>& faults)
      : root_(root), word_(std::move(word)), faults_(faults) {}

  // `path` stands before the paths of the faults, e.g. "Properties". At most limits::kFaultsPerDocument are added.
  void Check(const Json& value, const std::string& path) { CheckNode(root_, value, path, word_); }

 private:
  void CheckNode(const Json& node, const Json& value, const std::string& path, const std::string& explain);
  void CheckString(const Json& node, const std::string& value, const std::string& path);
  void CheckNumber(const Json& node, const Json& value, const std::string& path);
  void CheckArray(const Json& node, const Json& value, const std::string& path, const std::string& explain);
  void CheckObject(const Json& node, const Json& value, const std::string& path, const std::string& explain);
  void CheckKey(const Json& node, const std::string& key, const std::string& path);
  void CheckEnum(const Json& node, const Json& value, const std::string& path, const std::string& explain);
  bool Full() const;
  void Add(const std::string& path, const Json* value, std::string rule);

  const Json& root_;
  const std::string word_;
  std::vector<Fault>& faults_;
};

}  // namespace smhost
