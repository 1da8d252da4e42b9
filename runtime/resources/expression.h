// The functions of CloudFormation templates: Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Select, Fn::Split, Fn::If,
// Fn::FindInMap, and the conditions Fn::Equals, Fn::And, Fn::Or, Fn::Not. One object expands one file, on one thread.
// What names mean (parameters, resources) is asked of a Names; wrong functions become faults and a null in their place.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "resources/fault.h"

namespace smhost {

class Names {
 public:
  virtual ~Names() = default;
  // What Ref gives, or nothing where the name is unknown. A name that is known and wrong adds its own fault and is "".
  virtual std::optional<Json> Ref(const std::string& name, const std::string& path) = 0;
  // What Fn::GetAtt gives; adds the fault itself.
  virtual std::optional<Json> Attribute(const std::string& resource, const std::string& attribute,
                                        const std::string& path) = 0;
  // Every name that Ref would know, for "did you mean".
  virtual std::vector<std::string> Known() const = 0;
};

class Expressions {
 public:
  // `mappings` and `conditions` are the sections of the template (null where there is none). All outlive this object.
  Expressions(const Json& mappings, const Json& conditions, Names& names, std::vector<Fault>& faults)
      : mappings_(mappings), conditions_(conditions), names_(names), faults_(faults) {}

  // The value with all functions done; nothing where it is AWS::NoValue.
  std::optional<Json> Expand(const Json& value, const std::string& path);
  // Whether a named condition holds; false, with a fault at `path`, where it does not exist or goes in a circle.
  bool Holds(const std::string& condition, const std::string& path);
  // Paths of the values that functions made, for Coerce().
  const std::set<std::string>& produced() const { return produced_; }

 private:
  std::optional<Json> ExpandObject(const Json& value, const std::string& path);
  std::optional<Json> Call(const std::string& function, const Json& argument, const std::string& path);
  std::optional<Json> Ref(const Json& argument, const std::string& path);
  std::optional<Json> GetAtt(const Json& argument, const std::string& path);
  std::optional<Json> Sub(const Json& argument, const std::string& path);
  std::string Substituted(const std::string& text, const Json& own, const std::string& path);
  std::optional<std::string> SubName(const std::string& name, const Json& own, const std::string& path);
  std::optional<Json> Join(const Json& argument, const std::string& path);
  std::optional<Json> Select(const Json& argument, const std::string& path);
  std::optional<Json> Split(const Json& argument, const std::string& path);
  std::optional<Json> If(const Json& argument, const std::string& path);
  std::optional<Json> FindInMap(const Json& argument, const std::string& path);

  bool Test(const Json& condition, const std::string& path);
  bool Equals(const Json& argument, const std::string& path);
  bool Several(const std::string& function, const Json& argument, const std::string& path);

  // The argument's n-th item as text, functions done; nothing, with a fault, where it is none.
  std::optional<std::string> Text(const Json& value, const std::string& path);
  bool HasItems(const Json& argument, std::size_t least, std::size_t most, const char* form, const std::string& path);
  bool IsBroken(const Json& value) const;
  Json Made(Json value, const std::string& path);
  Json Wrong(const std::string& path, const Json& value, std::string rule);

  const Json& mappings_;
  const Json& conditions_;
  Names& names_;
  std::vector<Fault>& faults_;
  std::set<std::string> produced_;
  std::size_t produced_bytes_ = 0;
  std::map<std::string, bool> held_;
  std::vector<std::string> asking_;  // conditions that wait for the one being looked at
};

}  // namespace smhost
