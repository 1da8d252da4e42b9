// What a service's model says of its operations: the shapes of their inputs, outputs and errors. Made from schemas/api/*.json,
// which scripts/api-shapes takes out of botocore's models, or from any model in botocore's form. Immutable: any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/pattern.h"
#include "base/json.h"
#include "base/result.h"

namespace smhost {

enum class ShapeType {
  kStructure, kList, kMap, kString, kInteger, kLong, kFloat, kDouble, kBoolean, kTimestamp, kBlob,
  kDocument,  // any JSON
};

enum class TimeFormat { kDefault, kIso8601, kRfc822, kUnixTimestamp };  // kDefault: the protocol's

struct Shape;

// The use of a shape by a member, an element, a key or a value.
struct ShapeUse {
  const Shape* shape = nullptr;
  std::string location_name;  // on the wire; empty: the member's name, or the protocol's word
  bool flattened = false;     // of lists and maps, in the query protocol
  TimeFormat time_format = TimeFormat::kDefault;
  std::string xml_namespace, xml_prefix;
};

struct ShapeMember : ShapeUse {
  std::string name;
  bool required = false;
  const std::string& wire_name() const { return location_name.empty() ? name : location_name; }
};

// What an error's shape says of its answer.
struct ErrorTraits {
  std::string query_code;  // the word that the query protocol has for it; the shape's name where the model has none
  int status = 0;          // 0: the model does not say
};

struct Shape {
  std::string name;
  ShapeType type = ShapeType::kStructure;
  std::vector<ShapeMember> members;  // of a structure, by name
  ShapeUse element;                  // of a list
  ShapeUse key, value;               // of a map
  // Of a number: its value; of texts, lists and maps: their length.
  std::optional<double> min, max;
  std::shared_ptr<const TextPattern> pattern;
  std::vector<std::string> words;    // the values of an enum; empty: any
  std::optional<ErrorTraits> error;

  const ShapeMember* FindMember(std::string_view member) const;
  bool scalar() const { return type != ShapeType::kStructure && type != ShapeType::kList && type != ShapeType::kMap; }
};

struct ApiOperation {
  std::string name;
  const Shape* input = nullptr;   // null: none
  const Shape* output = nullptr;  // null: none
  std::string result_wrapper;     // of the query protocol; empty: none
  std::vector<const Shape*> errors;

  // By the shape's name or by its word in the query protocol; null: the operation's model does not have it.
  const Shape* FindError(std::string_view code) const;
};

class ServiceShapes {
 public:
  // kInvalid: not a model, or one with something that is not built here; names it.
  static Result<std::shared_ptr<const ServiceShapes>> Read(const Json& model);

  // Null: not built; operations() has all that are. KnownOperation: AWS has it.
  const ApiOperation* FindOperation(std::string_view name) const;
  const std::map<std::string, ApiOperation, std::less<>>& operations() const { return operations_; }
  bool KnownOperation(std::string_view name) const { return known_.contains(name); }

  const std::string& service_name() const { return service_name_; }    // "SageMaker", for messages
  const std::string& target_prefix() const { return target_prefix_; }  // of X-Amz-Target; empty: no such protocol
  const std::string& api_version() const { return api_version_; }
  const std::string& xml_namespace() const { return xml_namespace_; }
  bool query_compatible() const { return query_compatible_; }  // errors in JSON and CBOR tell the query protocol's word too

 private:
  class Reader;
  ServiceShapes() = default;

  std::map<std::string, Shape, std::less<>> shapes_;  // never changes once read: uses point into it
  std::map<std::string, ApiOperation, std::less<>> operations_;
  std::set<std::string, std::less<>> known_;
  std::string service_name_, target_prefix_, api_version_, xml_namespace_;
  bool query_compatible_ = false;
};

}  // namespace smhost
