#include <charconv>
#include <cmath>
#include <pugixml.hpp>

#include "api/api_time.h"
#include "api/error_words.h"
#include "api/protocol_query.h"
#include "api/xml_text.h"

namespace smhost {
namespace {

constexpr const char* kContentType = "text/xml";

pugi::xml_node Add(pugi::xml_node parent, const std::string& name) { return parent.append_child(name.c_str()); }

void AddText(pugi::xml_node parent, const std::string& name, const std::string& text) {
  Add(parent, name).text().set(XmlText(text).c_str());
}

pugi::xml_node AddFor(pugi::xml_node parent, const std::string& name, const ShapeUse& use) {
  pugi::xml_node node = Add(parent, name);
  if (!use.xml_namespace.empty())
    node.append_attribute(use.xml_prefix.empty() ? "xmlns" : ("xmlns:" + use.xml_prefix).c_str()).set_value(use.xml_namespace.c_str());
  return node;
}

std::string FloatText(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  char text[400];
  const bool plain = number == 0 || (std::abs(number) < 1e15 && std::abs(number) >= 1e-5);  // 100000, not 1e+05
  return std::string(text, (plain ? std::to_chars(text, text + sizeof text, number, std::chars_format::fixed)
                                  : std::to_chars(text, text + sizeof text, number)).ptr);
}

std::string ScalarText(const ShapeUse& use, const Json& value) {
  if (use.shape->type == ShapeType::kTimestamp) {
    const auto seconds = ApiSeconds(value);
    const Json text = seconds ? ApiTime(*seconds, use.time_format) : Json("");
    return text.is_string() ? text.get<std::string>() : CompactJson(text);
  }
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_float() ? FloatText(value.get<double>()) : CompactJson(value);
}

const std::string& NameOr(const ShapeUse& use, const std::string& otherwise) {
  return use.location_name.empty() ? otherwise : use.location_name;
}

void Write(pugi::xml_node parent, const std::string& name, const ShapeUse& use, const Json& value);

void WriteMembers(pugi::xml_node node, const Shape& shape, const Json& value) {
  for (const ShapeMember& member : shape.members)
    if (auto found = value.find(member.name); found != value.end() && !found->is_null())
      Write(node, member.wire_name(), member, *found);
}

void WriteList(pugi::xml_node parent, const std::string& name, const ShapeUse& use, const Json& value) {
  static const std::string kMember = "member";
  const ShapeUse& element = use.shape->element;
  pugi::xml_node holder = use.flattened ? parent : AddFor(parent, name, use);
  for (const Json& one : value)
    if (!one.is_null()) Write(holder, use.flattened ? name : NameOr(element, kMember), element, one);
}

void WriteMap(pugi::xml_node parent, const std::string& name, const ShapeUse& use, const Json& value) {
  static const std::string kKey = "key", kValue = "value";
  const Shape& shape = *use.shape;
  pugi::xml_node holder = use.flattened ? parent : AddFor(parent, name, use);
  for (const auto& [key, one] : value.items()) {
    if (one.is_null()) continue;
    pugi::xml_node entry = use.flattened ? AddFor(parent, name, use) : Add(holder, "entry");
    Write(entry, NameOr(shape.key, kKey), shape.key, Json(key));
    Write(entry, NameOr(shape.value, kValue), shape.value, one);
  }
}

void Write(pugi::xml_node parent, const std::string& name, const ShapeUse& use, const Json& value) {
  const ShapeType type = use.shape->type;
  if (type == ShapeType::kList && value.is_array()) return WriteList(parent, name, use, value);
  if (type == ShapeType::kMap && value.is_object()) return WriteMap(parent, name, use, value);
  pugi::xml_node node = AddFor(parent, name, use);
  if (type == ShapeType::kStructure && value.is_object()) return WriteMembers(node, *use.shape, value);
  node.text().set(XmlText(ScalarText(use, value)).c_str());
}

struct StringWriter : pugi::xml_writer {
  std::string text;
  void write(const void* data, std::size_t size) override { text.append(static_cast<const char*>(data), size); }
};

std::string TextOf(const pugi::xml_document& document) {
  StringWriter writer;
  document.save(writer, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
  return std::move(writer.text);
}

void SetNamespace(pugi::xml_node node, const std::string& name) {
  if (!name.empty()) node.append_attribute("xmlns").set_value(name.c_str());
}

}  // namespace

ApiAnswer EncodeQueryOutput(const ServiceShapes& service, const ApiOperation& operation, const Json& output,
                            const std::string& request_id) {
  pugi::xml_document document;
  pugi::xml_node root = Add(document, operation.name + "Response");
  SetNamespace(root, service.xml_namespace());
  pugi::xml_node result = operation.result_wrapper.empty() ? root : Add(root, operation.result_wrapper);
  if (operation.output != nullptr && output.is_object()) WriteMembers(result, *operation.output, output);
  AddText(Add(root, "ResponseMetadata"), "RequestId", request_id);
  return {200, kContentType, {}, TextOf(document)};
}

ApiAnswer EncodeQueryError(const ServiceShapes* service, const ApiOperation* operation, const ApiError& error,
                           const std::string& request_id) {
  const ErrorWords words = WordsFor(error, operation);
  pugi::xml_document document;
  pugi::xml_node root = Add(document, "ErrorResponse");
  if (service != nullptr) SetNamespace(root, service->xml_namespace());
  pugi::xml_node said = Add(root, "Error");
  AddText(said, "Type", words.senders_fault() ? "Sender" : "Receiver");
  AddText(said, "Code", words.query_code);
  if (!error.message.empty()) AddText(said, "Message", error.message);
  if (words.error_shape != nullptr) WriteMembers(said, *words.error_shape, OtherMembers(error));
  AddText(root, "RequestId", request_id);
  return {words.query_status, kContentType, {}, TextOf(document)};
}

}  // namespace smhost
