// The half of expression.h that answers yes or no.
#include <algorithm>

#include "base/limits.h"
#include "resources/expression.h"
#include "resources/nearest.h"
#include "resources/numbers.h"

namespace smhost {
namespace {

std::vector<std::string> Keys(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, unused] : object.items()) keys.push_back(key);
  return keys;
}

}  // namespace

bool Expressions::Holds(const std::string& condition, const std::string& path) {
  if (const auto it = held_.find(condition); it != held_.end()) return it->second;
  const auto declared = conditions_.find(condition);
  if (declared == conditions_.end()) {
    Wrong(path, Json(condition), "is no condition of this template" + DidYouMean(condition, Keys(conditions_)));
    return false;
  }
  const std::string own_path = "Conditions." + condition;
  if (std::find(asking_.begin(), asking_.end(), condition) != asking_.end()) {
    Wrong(own_path, Json(), "depends on itself");
    return held_[condition] = false;
  }
  if (asking_.size() >= limits::kTemplateConditionDepth) {
    Wrong(own_path, Json(), "stands more than " + std::to_string(limits::kTemplateConditionDepth) + " conditions deep");
    return false;
  }
  asking_.push_back(condition);
  const bool holds = Test(*declared, own_path);
  asking_.pop_back();
  return held_[condition] = holds;
}

bool Expressions::Test(const Json& condition, const std::string& path) {
  if (condition.is_object() && condition.size() == 1) {
    const std::string& function = condition.begin().key();
    const Json& argument = condition.begin().value();
    if (function == "Condition" && argument.is_string()) return Holds(argument.get<std::string>(), path);
    if (function == "Fn::Equals") return Equals(argument, path);
    if (function == "Fn::And" || function == "Fn::Or") return Several(function, argument, path);
    if (function == "Fn::Not") return HasItems(argument, 1, 1, "[condition]", path) && !Test(argument[0], path);
  }
  Wrong(path, condition, "must be Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition");
  return false;
}

bool Expressions::Equals(const Json& argument, const std::string& path) {
  if (!HasItems(argument, 2, 2, "[value, value]", path)) return false;
  const auto left = Expand(argument[0], path), right = Expand(argument[1], path);
  if (!left || !right) return !left && !right;
  const auto left_text = ScalarText(*left), right_text = ScalarText(*right);
  return left_text && right_text ? *left_text == *right_text : *left == *right;
}

bool Expressions::Several(const std::string& function, const Json& argument, const std::string& path) {
  if (!HasItems(argument, 2, 10, "2 to 10 conditions", path)) return false;
  const bool all = function == "Fn::And";
  bool result = all;
  for (const Json& condition : argument) {  // each is looked at, so that each fault is seen
    const bool holds = Test(condition, path);
    result = all ? result && holds : result || holds;
  }
  return result;
}

}  // namespace smhost
