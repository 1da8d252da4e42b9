#include "resources/template_file.h"

#include <algorithm>

#include "base/limits.h"
#include "resources/arn.h"
#include "resources/coerce.h"
#include "resources/nearest.h"
#include "resources/numbers.h"
#include "resources/parameters.h"
#include "resources/schema.h"

namespace smhost {
namespace {

constexpr std::size_t kFirstKey = 10'000;  // keys of equal length keep the order of an array

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// CloudFormation's logical ids; a longer or other one would not be taken there.
bool IsLogicalId(const std::string& text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

bool StartsWith(const std::string& text, const char* prefix) { return text.rfind(prefix, 0) == 0; }

}  // namespace

TemplateFile::TemplateFile(const Json& root, const LoadOptions& options)
    : root_(root),
      options_(options),
      expressions_(MemberOr(root, "Mappings"), MemberOr(root, "Conditions"), static_cast<Names&>(*this), faults_) {}

void TemplateFile::Add(const std::string& path, const Json& value, std::string rule) {
  if (faults_.size() < limits::kFaultsPerDocument)
    faults_.push_back({path, value.is_null() ? std::string() : ShortValue(value), std::move(rule), {}});
}

void TemplateFile::Load() {
  if (root_.is_object() && root_.contains("Resources")) return LoadTemplate();
  if (root_.is_object() && root_.contains("Type")) {
    LoadPlain(root_, "0", "");
  } else if (root_.is_array()) {
    if (root_.size() > limits::kResourcesPerApply)
      return Add("", Json(), "holds more than " + std::to_string(limits::kResourcesPerApply) + " resources");
    for (std::size_t i = 0; i < root_.size(); ++i)
      LoadPlain(root_[i], std::to_string(kFirstKey + i), "[" + std::to_string(i) + "]");
  } else {
    Add("", Json(),
        "is no template ({\"Resources\": …}), no resource ({\"Type\": …, \"Properties\": …}) and no array of "
        "resources");
  }
  Order();
}

void TemplateFile::LoadTemplate() {
  ReadSections();
  const Json& section = root_.at("Resources");
  if (!section.is_object() || section.empty())
    return Add("Resources", section, "must be an object with at least one resource");
  if (section.size() > limits::kResourcesPerApply)
    return Add("Resources", Json(), "holds more than " + std::to_string(limits::kResourcesPerApply) + " resources");
  for (const auto& [key, raw] : section.items()) ReadEntry(key, raw);
  for (auto& [key, entry] : entries_) ReadCondition(entry);  // which may name any of them
  for (auto& [key, entry] : entries_) ReadDependsOn(entry);
  for (auto& [key, entry] : entries_) ExpandEntry(key, entry);
  Order();
  ReadOutputs();
}

void TemplateFile::ReadSections() {
  static const std::vector<std::string> kKnown = {"AWSTemplateFormatVersion",
                                                  "Description",
                                                  "Metadata",
                                                  "Parameters",
                                                  "Mappings",
                                                  "Conditions",
                                                  "Resources",
                                                  "Outputs"};
  static const std::vector<std::string> kUnbuilt = {"Transform", "Rules", "Hooks"};
  for (const auto& [key, value] : root_.items()) {
    if (Contains(kUnbuilt, key))
      Add(key, Json(), "this section of a template cannot be used by this build");
    else if (!Contains(kKnown, key))
      Add(key.substr(0, 100), Json(), "no such section of a template" + DidYouMean(key, kKnown));
    else if ((key == "Parameters" || key == "Mappings" || key == "Conditions" || key == "Outputs") &&
             !value.is_object())
      Add(key, value, "must be an object");
  }
  if (const Json& parameters = MemberOr(root_, "Parameters"); parameters.is_object())
    parameters_ = ReadParameters(parameters, options_.parameters, faults_);
}

std::vector<std::string> TemplateFile::ParameterNames() const {
  std::vector<std::string> names;
  for (const auto& [name, unused] : parameters_) names.push_back(name);
  return names;
}

void TemplateFile::CheckAttributes(const Json& raw, const std::string& path, bool in_template) {
  static const std::vector<std::string> kPlain = {"Type", "Properties", "Metadata"};
  static const std::vector<std::string> kTemplate = {"Type", "Properties", "Metadata", "DependsOn", "Condition"};
  static const std::vector<std::string> kSilent = {"DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy",
                                                   "CreationPolicy"};
  const std::vector<std::string>& known = in_template ? kTemplate : kPlain;
  const std::string prefix = path.empty() ? path : path + ".";
  for (const auto& [key, value] : raw.items()) {
    if (in_template && Contains(kSilent, key))
      notes_.push_back({prefix + key, "has no effect: deleting and updating are up to you", {}});
    else if (!Contains(known, key))
      Add(prefix + key.substr(0, 100), value, "no such attribute of a resource" + DidYouMean(key, known));
  }
}

std::optional<Kind> TemplateFile::ReadKind(const Json& raw, const std::string& path) {
  const std::string where = path.empty() ? "Type" : path + ".Type";
  const Json& type = MemberOr(raw, "Type");
  if (!type.is_string()) {
    Add(where, type, type.is_null() ? "is required" : "must be a string");
    return std::nullopt;
  }
  std::vector<std::string> types;
  std::string listed;
  for (const KindInfo& info : Kinds()) {
    if (type == info.type) return info.kind;
    types.push_back(info.type);
    listed += (listed.empty() ? "" : ", ") + types.back();
  }
  const std::string& text = type.get_ref<const std::string&>();
  Add(where, type, "no such type here" + DidYouMean(text, types) + "; known are " + listed);
  return std::nullopt;
}

// A resource that stands alone or in an array: no logical id, so it says its name itself.
void TemplateFile::LoadPlain(const Json& raw, const std::string& key, const std::string& path) {
  if (!raw.is_object()) return Add(path, raw, "must be a resource: {\"Type\": …, \"Properties\": …}");
  CheckAttributes(raw, path, false);
  Entry& entry = entries_[key];
  entry.raw = &raw;
  entry.path = path;
  entry.kind = ReadKind(raw, path);
  ExpandEntry(key, entry);
}

void TemplateFile::ReadEntry(const std::string& key, const Json& raw) {
  const std::string path = "Resources." + (key.size() <= 255 ? key : key.substr(0, 255));
  if (!IsLogicalId(key)) return Add(path, Json(), "a logical id must have 1 to 255 letters and digits");
  if (!raw.is_object()) return Add(path, raw, "must be a resource: {\"Type\": …, \"Properties\": …}");
  CheckAttributes(raw, path, true);
  Entry& entry = entries_[key];
  entry.raw = &raw;
  entry.path = path;
  entry.kind = ReadKind(raw, path);
}

void TemplateFile::ReadCondition(Entry& entry) {
  const Json& condition = MemberOr(*entry.raw, "Condition");
  if (condition.is_string())
    entry.present = expressions_.Holds(condition.get<std::string>(), entry.path + ".Condition");
  else if (!condition.is_null())
    Add(entry.path + ".Condition", condition, "must be a condition's name");
}

void TemplateFile::ReadDependsOn(Entry& entry) {
  const Json& value = MemberOr(*entry.raw, "DependsOn");
  if (value.is_null()) return;
  const Json list = value.is_array() ? value : Json::array({value});
  for (const Json& item : list) {
    const std::string key = item.is_string() ? item.get<std::string>() : std::string();
    if (entries_.contains(key))
      entry.needs.insert(key);
    else
      Add(entry.path + ".DependsOn", item, "must name resources of this template" + DidYouMean(key, Known()));
  }
}

std::optional<Json> TemplateFile::Pseudo(const std::string& name) const {
  if (name == "AWS::Region") return options_.region;
  if (name == "AWS::AccountId") return options_.account;
  if (name == "AWS::Partition") return "aws";
  if (name == "AWS::StackName") return options_.stack_name;
  if (name == "AWS::StackId" && !options_.stack_id.empty()) return options_.stack_id;
  if (name == "AWS::URLSuffix") return "amazonaws.com";
  return std::nullopt;
}

std::vector<std::string> TemplateFile::Known() const {
  std::vector<std::string> names = {"AWS::Region",    "AWS::AccountId", "AWS::Partition",
                                    "AWS::StackName", "AWS::URLSuffix", "AWS::NoValue"};
  for (const auto& [name, unused] : parameters_) names.push_back(name);
  if (root_.is_object() && root_.contains("Resources"))
    for (const auto& [key, unused] : entries_) names.push_back(key);
  return names;
}

// The entry that a function names, noted as coming before the current one. Nothing, with a fault, where it cannot be
// referred to; an entry of a wrong type has its fault already.
TemplateFile::Entry* TemplateFile::Reachable(const std::string& key, const std::string& path) {
  Entry& entry = entries_.at(key);
  if (StartsWith(path, "Conditions.")) {
    Add(path, Json(key), "is a resource; conditions may name parameters only");
    return nullptr;
  }
  if (!entry.present) {
    Add(path, Json(key), "names a resource whose condition does not hold");
    return nullptr;
  }
  if (!current_.empty()) entries_.at(current_).needs.insert(key);
  return entry.kind ? &entry : nullptr;
}

std::optional<Json> TemplateFile::Ref(const std::string& name, const std::string& path) {
  if (auto value = Pseudo(name)) return value;
  if (const auto it = parameters_.find(name); it != parameters_.end()) return it->second;
  const bool is_template = root_.is_object() && root_.contains("Resources");
  if (!is_template || !entries_.contains(name)) return std::nullopt;
  Entry* entry = Reachable(name, path);
  if (entry == nullptr) return Json();
  // CloudFormation: the reference to a resource of SageMaker is its ARN, that to an alarm its name.
  if (*entry->kind == Kind::kAlarm || *entry->kind == Kind::kGoldenSet || *entry->kind == Kind::kPublicRoute) return NameOf(name, *entry);
  return MakeArn(*entry->kind, options_.region, options_.account, NameOf(name, *entry));
}

std::optional<Json> TemplateFile::Attribute(const std::string& resource, const std::string& attribute,
                                            const std::string& path) {
  const bool is_template = root_.is_object() && root_.contains("Resources");
  if (!is_template || !entries_.contains(resource)) {
    Add(path, Json(resource), "is no resource of this template" + DidYouMean(resource, Known()));
    return std::nullopt;
  }
  Entry* entry = Reachable(resource, path);
  if (entry == nullptr) return std::nullopt;
  const std::string known = InfoOf(*entry->kind).name_property;
  const bool is_alarm = *entry->kind == Kind::kAlarm;
  if (is_alarm && attribute == "Arn")
    return MakeArn(*entry->kind, options_.region, options_.account, NameOf(resource, *entry));
  if (!is_alarm && attribute == known) return NameOf(resource, *entry);
  Add(path, Json(resource + "." + attribute),
      "no such attribute; " + std::string(InfoOf(*entry->kind).type) + " has " + (is_alarm ? "Arn; Ref gives the name" : known));
  return std::nullopt;
}

// The name that an entry says it has, else its key. Asked for before the entry is expanded, by whoever refers to it.
std::string TemplateFile::NameOf(const std::string& key, Entry& entry) {
  if (entry.name) return *entry.name;
  const char* property = InfoOf(*entry.kind).name_property;
  const Json& stated = MemberOr(MemberOr(*entry.raw, "Properties"), property);
  const std::string path = entry.path + ".Properties." + property;
  if (entry.naming) {
    Add(path, Json(), "depends on itself");
    return {};
  }
  std::string name = options_.name_of && stated.is_null() ? options_.name_of(key) : key;
  if (!stated.is_null()) {
    entry.naming = true;
    const std::string outer = std::exchange(current_, key);
    if (const auto expanded = expressions_.Expand(stated, path)) name = ScalarText(*expanded).value_or(key);
    current_ = outer;
    entry.naming = false;
  }
  entry.name = name;
  return name;
}

void TemplateFile::ExpandEntry(const std::string& key, Entry& entry) {
  if (!entry.kind || !entry.present) return;
  const std::string path = entry.path.empty() ? "Properties" : entry.path + ".Properties";
  const auto properties = entry.raw->find("Properties");
  current_ = key;
  auto expanded =
      properties == entry.raw->end() ? std::optional<Json>(Json::object()) : expressions_.Expand(*properties, path);
  current_.clear();
  if (!expanded || !expanded->is_object()) return Add(path, expanded.value_or(Json()), "must be an object");
  Coerce(SchemaOf(*entry.kind), expressions_.produced(), path, *expanded);
  LoadedResource resource{{*entry.kind, {}, std::move(*expanded)}, entry.path};
  Json& stated = resource.document.properties[InfoOf(*entry.kind).name_property];
  const bool has_logical_id = StartsWith(entry.path, "Resources.");
  if (stated.is_null() && has_logical_id) stated = NameOf(key, entry);
  if (stated.is_null()) {
    resource.document.properties.erase(InfoOf(*entry.kind).name_property);
    return Add(path + "." + InfoOf(*entry.kind).name_property, Json(),
               "is required where a resource has no logical id");
  }
  resource.document.name = ScalarText(stated).value_or("");
  expanded_.emplace(key, std::move(resource));
}

// Takes, of the entries whose needs are all taken, always the first in the order of kinds. What is left over in the end
// goes in a circle.
void TemplateFile::Order() {
  std::vector<std::string> left;
  for (const auto& [key, entry] : entries_)
    if (expanded_.contains(key)) left.push_back(key);
  std::stable_sort(left.begin(), left.end(), [&](const std::string& a, const std::string& b) {
    return *entries_.at(a).kind < *entries_.at(b).kind;
  });
  std::set<std::string> waiting(left.begin(), left.end());
  while (!waiting.empty()) {
    const auto ready = std::find_if(left.begin(), left.end(), [&](const std::string& key) {
      const std::set<std::string>& needs = entries_.at(key).needs;
      return waiting.contains(key) &&
             std::none_of(needs.begin(), needs.end(), [&](const std::string& need) { return waiting.contains(need); });
    });
    if (ready == left.end()) break;
    resources_.push_back(std::move(expanded_.at(*ready)));
    waiting.erase(*ready);
  }
  if (waiting.empty()) return;
  std::string circle;
  for (const std::string& key : waiting) circle += (circle.empty() ? "" : ", ") + key;
  Add("Resources", Json(), "circular dependency between " + circle);
}

void TemplateFile::ReadOutputs() {
  for (const auto& [key, output] : MemberOr(root_, "Outputs").items()) {
    const std::string path = "Outputs." + key.substr(0, 255);
    const Json& condition = MemberOr(output, "Condition");
    if (condition.is_string() && !expressions_.Holds(condition.get<std::string>(), path + ".Condition")) continue;
    if (!output.is_object() || !output.contains("Value")) {
      Add(path + ".Value", Json(), "is required");
      continue;
    }
    const std::size_t before = faults_.size();
    const auto value = expressions_.Expand(output.at("Value"), path + ".Value");
    const auto text = value ? ScalarText(*value) : std::nullopt;
    if (text) outputs_[key] = *text;
    if (!text && faults_.size() == before)
      Add(path + ".Value", output.at("Value"), "must be a text, or a function that gives one");
    if (output.contains("Export")) notes_.push_back({path + ".Export", "has no effect: there are no other stacks", {}});
  }
}

}  // namespace smhost
