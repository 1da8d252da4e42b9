#include "api/shapes.h"

#include <algorithm>
#include <array>

namespace smhost {
namespace {

constexpr std::array<std::pair<std::string_view, ShapeType>, 11> kTypes = {{
    {"structure", ShapeType::kStructure}, {"list", ShapeType::kList}, {"map", ShapeType::kMap}, {"string", ShapeType::kString},
    {"integer", ShapeType::kInteger}, {"long", ShapeType::kLong}, {"float", ShapeType::kFloat}, {"double", ShapeType::kDouble},
    {"boolean", ShapeType::kBoolean}, {"timestamp", ShapeType::kTimestamp}, {"blob", ShapeType::kBlob},
}};

Result<ShapeType> TypeOf(const std::string& name, const Json& model) {
  if (BoolOr(model, "document")) return ShapeType::kDocument;
  const std::string word = StringOr(model, "type");
  for (const auto& [known, type] : kTypes)
    if (known == word) return type;
  return Fail(Code::kInvalid, "the shape " + name + " has the type \"" + word + "\", which is not built");
}

Result<TimeFormat> TimeFormatOf(const Json& model) {
  const std::string word = StringOr(model, "timestampFormat");
  if (word.empty()) return TimeFormat::kDefault;
  if (word == "iso8601") return TimeFormat::kIso8601;
  if (word == "rfc822") return TimeFormat::kRfc822;
  if (word == "unixTimestamp") return TimeFormat::kUnixTimestamp;
  return Fail(Code::kInvalid, "the timestampFormat \"" + word + "\" is not built");
}

std::optional<double> NumberOf(const Json& model, const char* key) {
  const Json& value = MemberOr(model, key);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

}  // namespace

// Shapes refer to each other in circles: first all are made, then they are filled.
class ServiceShapes::Reader {
 public:
  Reader(const Json& model, ServiceShapes& into) : shapes_(MemberOr(model, "shapes")), model_(model), into_(into) {}

  Status ReadAll() {
    if (!shapes_.is_object() || !MemberOr(model_, "operations").is_object())
      return Fail(Code::kInvalid, "a service model has \"operations\" and \"shapes\", both objects");
    for (const auto& [name, shape] : shapes_.items()) into_.shapes_[name].name = name;
    for (const auto& [name, shape] : shapes_.items()) SMHOST_TRY_STATUS(ReadShape(shape, into_.shapes_[name]));
    for (const auto& [name, operation] : model_["operations"].items())
      SMHOST_TRY_STATUS(ReadOperation(name, operation, into_.operations_[name]));
    for (const Json& name : MemberOr(model_, "known"))
      if (name.is_string()) into_.known_.insert(name.get<std::string>());
    ReadMetadata(MemberOr(model_, "metadata"));
    return {};
  }

 private:
  Status ReadShape(const Json& model, Shape& shape) {
    SMHOST_TRY(shape.type, TypeOf(shape.name, model));
    shape.min = NumberOf(model, "min");
    shape.max = NumberOf(model, "max");
    if (const std::string pattern = StringOr(model, "pattern"); !pattern.empty()) {
      SMHOST_TRY(shape.pattern, TextPattern::Compile(pattern));
    }
    for (const Json& word : MemberOr(model, "enum")) shape.words.push_back(word.is_string() ? word.get<std::string>() : "");
    if (BoolOr(model, "exception")) {
      const Json& error = MemberOr(model, "error");
      shape.error = ErrorTraits{StringOr(error, "code", shape.name),
                                static_cast<int>(IntOr(error, "httpStatusCode", BoolOr(model, "fault") ? 500 : 0))};
    }
    if (shape.type == ShapeType::kStructure) return ReadMembers(model, shape);
    if (shape.type == ShapeType::kList) return ReadUse(MemberOr(model, "member"), shape.name, shape.element);
    if (shape.type != ShapeType::kMap) return {};
    SMHOST_TRY_STATUS(ReadUse(MemberOr(model, "key"), shape.name, shape.key));
    return ReadUse(MemberOr(model, "value"), shape.name, shape.value);
  }

  Status ReadMembers(const Json& model, Shape& shape) {
    const Json& required = MemberOr(model, "required");
    for (const auto& [name, use] : MemberOr(model, "members").items()) {
      ShapeMember& member = shape.members.emplace_back();
      member.name = name;
      member.required = std::find(required.begin(), required.end(), Json(name)) != required.end();
      SMHOST_TRY_STATUS(ReadUse(use, shape.name, member));
    }
    return {};
  }

  // What the shape itself says holds where its use says nothing.
  Status ReadUse(const Json& use, const std::string& user, ShapeUse& into) {
    const std::string name = StringOr(use, "shape");
    auto found = into_.shapes_.find(name);
    if (found == into_.shapes_.end()) return Fail(Code::kInvalid, "the shape " + user + " uses \"" + name + "\", which is not there");
    into.shape = &found->second;
    const Json& shape = shapes_[name];
    into.location_name = StringOr(use, "locationName");
    into.flattened = BoolOr(use, "flattened") || BoolOr(shape, "flattened");
    SMHOST_TRY(into.time_format, TimeFormatOf(use.contains("timestampFormat") ? use : shape));
    const Json& space = MemberOr(use, "xmlNamespace");
    into.xml_namespace = space.is_string() ? space.get<std::string>() : StringOr(space, "uri");
    into.xml_prefix = StringOr(space, "prefix");
    return {};
  }

  Result<const Shape*> Part(const Json& operation, const char* part) {
    if (!operation.contains(part)) return nullptr;
    ShapeUse use;
    SMHOST_TRY_STATUS(ReadUse(operation[part], StringOr(operation, "name"), use));
    return use.shape;
  }

  Status ReadOperation(const std::string& name, const Json& model, ApiOperation& operation) {
    operation.name = name;
    SMHOST_TRY(operation.input, Part(model, "input"));
    SMHOST_TRY(operation.output, Part(model, "output"));
    operation.result_wrapper = StringOr(MemberOr(model, "output"), "resultWrapper");
    for (const Json& error : MemberOr(model, "errors")) {
      ShapeUse use;
      SMHOST_TRY_STATUS(ReadUse(error, name, use));
      operation.errors.push_back(use.shape);
    }
    into_.known_.insert(name);
    return {};
  }

  void ReadMetadata(const Json& metadata) {
    into_.service_name_ = StringOr(metadata, "serviceAbbreviation", StringOr(metadata, "serviceFullName"));
    into_.target_prefix_ = StringOr(metadata, "targetPrefix");
    into_.api_version_ = StringOr(metadata, "apiVersion");
    into_.xml_namespace_ = StringOr(metadata, "xmlNamespace");
    into_.query_compatible_ = metadata.contains("awsQueryCompatible");
  }

  const Json& shapes_;
  const Json& model_;
  ServiceShapes& into_;
};

const ShapeMember* Shape::FindMember(std::string_view member) const {
  auto found = std::find_if(members.begin(), members.end(), [&](const ShapeMember& one) { return one.name == member; });
  return found == members.end() ? nullptr : &*found;
}

const Shape* ApiOperation::FindError(std::string_view code) const {
  for (const Shape* shape : errors)
    if (shape->name == code || (shape->error && shape->error->query_code == code)) return shape;
  return nullptr;
}

Result<std::shared_ptr<const ServiceShapes>> ServiceShapes::Read(const Json& model) {
  std::shared_ptr<ServiceShapes> shapes(new ServiceShapes);
  SMHOST_TRY_STATUS(Reader(model, *shapes).ReadAll());
  return std::shared_ptr<const ServiceShapes>(std::move(shapes));
}

const ApiOperation* ServiceShapes::FindOperation(std::string_view name) const {
  auto found = operations_.find(name);
  return found == operations_.end() ? nullptr : &found->second;
}

}  // namespace smhost
