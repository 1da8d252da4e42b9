#include "api/cloudformation_template.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include "api/cloud_result.h"
#include "base/limits.h"
#include "base/limits_api.h"
#include "base/random.h"
#include "resources/name.h"
#include "resources/template.h"
#include "resources/yaml.h"
#include "state/objects.h"

namespace smhost::cloudformation {
namespace {

constexpr const char* kWhat = "Template format error";
constexpr std::size_t kFaultsShown = 5;

ApiResult<Json> ReadTemplate(const std::string& body) {
  auto root = ParseTemplate(body, kWhat, limits::kTemplateUrlBytes);
  if (!root) return ApiFail("ValidationError", root.error().message);
  if (!root->is_object()) return ApiFail("ValidationError", "Template format error: the template must be an object.");
  if (!root->contains("Resources"))
    return ApiFail("ValidationError", "Template format error: At least one Resources member must be defined.");
  return std::move(*root);
}

// "http://host/bucket/key", "https://bucket.s3.region.amazonaws.com/key", "s3://bucket/key".
Result<ObjectAddress> AddressOf(const std::string& url) {
  if (url.rfind("s3://", 0) == 0) return ParseObjectAddress(url);
  const std::size_t scheme = url.find("://");
  const std::size_t path = scheme == std::string::npos ? scheme : url.find('/', scheme + 3);
  if (path == std::string::npos) return Fail(Code::kInvalid, "TemplateURL must be a supported URL.");
  const std::string host = url.substr(scheme + 3, path - scheme - 3);
  const std::string rest = url.substr(path + 1, url.find_first_of("?#") == std::string::npos ? std::string::npos : url.find_first_of("?#") - path - 1);
  const std::size_t virtual_host = host.find(".s3");
  if (virtual_host != std::string::npos && virtual_host > 0) return ParseObjectAddress("s3://" + host.substr(0, virtual_host) + "/" + rest);
  return ParseObjectAddress("s3://" + rest);
}

ApiResult<std::string> FromObject(const std::string& url, const Home& home) {
  const auto address = AddressOf(url);
  if (!address) return ApiFail("ValidationError", "TemplateURL: " + address.error().message);
  auto object = ObjectStore(home).Open(*address);
  if (!object) return ApiFail("ValidationError", "S3 error: " + object.error().message);
  if (object->size_bytes > limits::kTemplateUrlBytes)
    return ApiFail("ValidationError", "TemplateURL: the template has more than " + std::to_string(limits::kTemplateUrlBytes) + " bytes.");
  std::string body(object->size_bytes, '\0');
  std::size_t have = 0;
  while (have < body.size()) {
    const ssize_t n = ::read(object->fd.get(), body.data() + have, body.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return ApiFail("InternalFailure", "TemplateURL: the object cannot be read; try again.", 500);
    have += static_cast<std::size_t>(n);
  }
  return body;
}

std::string Listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return "[" + list + "]";
}

// CloudFormation's own words for parameters that are missing or too many; other faults of theirs are the template's.
std::optional<ApiError> CheckParameters(const Json& root, const std::map<std::string, std::string>& given) {
  const Json& declared = MemberOr(root, "Parameters");
  std::vector<std::string> missing, unknown;
  if (declared.is_object())
    for (const auto& [name, declaration] : declared.items())
      if (!given.contains(name) && !(declaration.is_object() && declaration.contains("Default"))) missing.push_back(name);
  for (const auto& [name, value] : given)
    if (!declared.is_object() || !declared.contains(name)) unknown.push_back(name);
  if (!missing.empty()) return ApiError{"ValidationError", "Parameters: " + Listed(missing) + " must have values"};
  if (!unknown.empty()) return ApiError{"ValidationError", "Parameters: " + Listed(unknown) + " do not exist in the template"};
  return std::nullopt;
}

// What the stack would not do although the template says it.
std::optional<ApiError> CheckUnbuilt(const Json& root) {
  const Json& resources = MemberOr(root, "Resources");
  if (resources.is_object())
    for (const auto& [key, resource] : resources.items())
      for (const char* policy : {"DeletionPolicy", "UpdateReplacePolicy"})
        if (const Json& value = MemberOr(resource, policy); !value.is_null() && value != "Delete")
          return ApiError{"ValidationError", "Template error: Resources." + key + "." + policy + " cannot be used by this build, which deletes what leaves a stack; remove it."};
  const Json& outputs = MemberOr(root, "Outputs");
  if (!outputs.is_object()) return std::nullopt;
  for (const auto& [key, output] : outputs.items())
    if (output.is_object() && output.contains("Export"))
      return ApiError{"ValidationError", "Template error: Outputs." + key + ".Export cannot be used by this build: stacks cannot import from each other; remove it."};
  return std::nullopt;
}

ApiError FaultError(const std::vector<Fault>& faults) {
  std::string text;
  for (std::size_t i = 0; i < faults.size() && i < kFaultsShown; ++i) {
    Fault fault = faults[i];
    fault.source.clear();
    text += (text.empty() ? "" : "; ") + Describe(fault);
  }
  if (faults.size() > kFaultsShown) text += "; and " + std::to_string(faults.size() - kFaultsShown) + " more";
  return {"ValidationError", "Template error: " + text};
}

Json OutputsOf(const Json& root, const std::map<std::string, Json>& values) {
  Json outputs = Json::array();
  for (const auto& [key, value] : values) {
    Json output = {{"OutputKey", key}, {"OutputValue", value}};
    const std::string description = StringOr(MemberOr(MemberOr(root, "Outputs"), key.c_str()), "Description");
    if (!description.empty()) output["Description"] = description;
    outputs.push_back(std::move(output));
  }
  return outputs;
}

Json DocumentsOf(const LoadedDocuments& loaded) {
  Json documents = Json::array();
  for (std::size_t i = 0; i < loaded.documents.size(); ++i) {
    const Document& document = loaded.documents[i];
    documents.push_back({{"LogicalId", loaded.logical_ids[i]}, {"Type", InfoOf(document.kind).type}, {"Name", document.name}, {"Properties", document.properties}});
  }
  return documents;
}

bool IsSecret(const Json& declaration) {
  const Json& value = MemberOr(declaration, "NoEcho");
  return value == Json(true) || value == Json("true");
}

std::string DefaultText(const Json& declaration) {
  const Json& value = MemberOr(declaration, "Default");
  return value.is_string() ? value.get<std::string>() : CompactJson(value);
}

Json SummaryOf(const std::string& name, const Json& declaration, bool full) {
  Json one = {{"ParameterKey", name}, {"NoEcho", IsSecret(declaration)}};
  if (MemberOr(declaration, "Default") != Json()) one["DefaultValue"] = DefaultText(declaration);
  if (declaration.contains("Description")) one["Description"] = StringOr(declaration, "Description");
  if (!full) return one;
  one["ParameterType"] = StringOr(declaration, "Type", "String");
  one["ParameterConstraints"] = Json::object();
  if (MemberOr(declaration, "AllowedValues").is_array()) {
    Json allowed = Json::array();
    for (const Json& value : declaration.at("AllowedValues")) allowed.push_back(value.is_string() ? value : Json(CompactJson(value)));
    one["ParameterConstraints"]["AllowedValues"] = allowed;
  }
  return one;
}

}  // namespace

ApiResult<std::string> TemplateBodyOf(const Json& request, const Home& home) {
  const std::string body = StringOr(request, "TemplateBody"), url = StringOr(request, "TemplateURL");
  if (!body.empty() && !url.empty()) return ApiFail("ValidationError", "Either Template URL or Template Body must be specified, not both.");
  if (body.empty() && url.empty()) return ApiFail("ValidationError", "Either Template URL or Template Body must be specified.");
  if (!url.empty()) return FromObject(url, home);
  if (body.size() > limits::kTemplateBodyBytes)
    return ApiFail("ValidationError", "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to " +
                                          std::to_string(limits::kTemplateBodyBytes));
  return body;
}

ApiResult<Json> ParametersOf(const Json& request, const Json& previous) {
  Json parameters = Json::array();
  std::set<std::string> seen;
  for (const Json& one : MemberOr(request, "Parameters")) {
    const std::string key = StringOr(one, "ParameterKey");
    if (!seen.insert(key).second) return ApiFail("ValidationError", "Parameters: [" + key + "] stands there twice");
    if (!BoolOr(one, "UsePreviousValue")) {
      if (!one.contains("ParameterValue")) return ApiFail("ValidationError", "Invalid input for parameter key " + key + ". Need to specify either usePreviousValue as true or a value for the parameter");
      parameters.push_back({{"ParameterKey", key}, {"ParameterValue", StringOr(one, "ParameterValue")}});
      continue;
    }
    if (one.contains("ParameterValue"))
      return ApiFail("ValidationError", "Invalid input for parameter key " + key + ". Cannot specify usePreviousValue as true and non empty value for a parameter");
    const auto known = std::find_if(previous.begin(), previous.end(), [&](const Json& p) { return StringOr(p, "ParameterKey") == key; });
    // One that was left to its default is left to it again.
    if (known != previous.end()) parameters.push_back(*known);
  }
  return parameters;
}

ApiResult<StackContent> Expand(const StackInput& input, const ExpandOptions& options) {
  SMHOST_API_TRY(const Json root, ReadTemplate(input.body));
  LoadOptions load;
  for (const Json& parameter : input.parameters) load.parameters[StringOr(parameter, "ParameterKey")] = StringOr(parameter, "ParameterValue");
  SMHOST_API_CHECK(CheckParameters(root, load.parameters));
  SMHOST_API_CHECK(CheckUnbuilt(root));
  load.account = options.account;
  load.region = options.region;
  load.stack_name = options.stack_name;
  load.stack_id = options.stack_id;
  load.name_of = options.name_of;
  const auto loaded = LoadDocuments(CompactJson(root), "", "/", load);
  if (!loaded) return tl::unexpected<ApiError>(FaultError(loaded.error().faults));
  return StackContent{input, StringOr(root, "Description"), OutputsOf(root, loaded->outputs), DocumentsOf(*loaded)};
}

ApiResult<Json> Summarize(const std::string& body, bool full) {
  SMHOST_API_TRY(const Json root, ReadTemplate(body));
  Json summary = {{"Parameters", Json::array()}};
  const Json& parameters = MemberOr(root, "Parameters");
  if (parameters.is_object())
    for (const auto& [name, declaration] : parameters.items())
      if (declaration.is_object()) summary["Parameters"].push_back(SummaryOf(name, declaration, full));
  if (root.contains("Description")) summary["Description"] = StringOr(root, "Description");
  if (!root.at("Resources").is_object() || root.at("Resources").empty())
    return ApiFail("ValidationError", "Template format error: At least one Resources member must be defined.");
  std::set<std::string> types;
  for (const auto& [key, resource] : root.at("Resources").items()) {
    const std::string type = StringOr(resource, "Type");
    if (type.empty()) return ApiFail("ValidationError", "Template format error: [/Resources/" + key + "] Every Resources object must contain a Type member.");
    const auto kind = FindKind(type);
    if (!kind || type != InfoOf(*kind).type) return ApiFail("ValidationError", "Template format error: Unrecognized resource types: [" + type + "]");
    types.insert(type);
  }
  if (!full) return summary;
  summary["ResourceTypes"] = types;
  summary["Version"] = StringOr(root, "AWSTemplateFormatVersion", "2010-09-09");
  return summary;
}

Json ShownParameters(const StackInput& input) {
  Json shown = Json::array();
  const auto root = ParseTemplate(input.body, kWhat, limits::kTemplateUrlBytes);
  if (!root) return shown;
  const Json& declared = MemberOr(*root, "Parameters");
  if (!declared.is_object()) return shown;
  for (const auto& [name, declaration] : declared.items()) {
    if (!declaration.is_object()) continue;
    const auto given = std::find_if(input.parameters.begin(), input.parameters.end(), [&key = name](const Json& p) { return StringOr(p, "ParameterKey") == key; });
    const std::string value = given != input.parameters.end() ? StringOr(*given, "ParameterValue") : DefaultText(declaration);
    shown.push_back({{"ParameterKey", name}, {"ParameterValue", IsSecret(declaration) ? "****" : value}});
  }
  return shown;
}

std::string MadeName(const std::string& stack_name, const std::string& logical_id) {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
  std::string random;
  for (const char byte : RandomBytes(12)) random += kLetters[static_cast<unsigned char>(byte) % 32];
  constexpr std::size_t kRoom = kNameLength - 14;  // two hyphens and the random part
  const std::size_t logical = std::min(logical_id.size(), std::max(kRoom / 2, kRoom - std::min(kRoom, stack_name.size())));
  std::string name = stack_name.substr(0, kRoom - logical);
  while (name.ends_with('-')) name.pop_back();
  return name + "-" + logical_id.substr(0, logical) + "-" + random;
}

Document DocumentFrom(const Json& json) {
  return {FindKind(StringOr(json, "Type")).value_or(Kind::kModel), StringOr(json, "Name"), MemberOr(json, "Properties")};
}

}  // namespace smhost::cloudformation
