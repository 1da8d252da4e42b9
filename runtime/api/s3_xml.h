// XML documents of the S3 API: written element by element, and read within limits (no DTD, no entities but the five).
// Belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "api/api_error.h"

namespace smhost {

inline constexpr const char* kS3XmlType = "application/xml";

class S3Element {
 public:
  explicit S3Element(pugi::xml_node node) : node_(node) {}
  void Say(const std::string& text);  // its own text
  void Add(const std::string& name, const std::string& text);
  void Add(const std::string& name, std::uint64_t number) { Add(name, std::to_string(number)); }
  S3Element Child(const std::string& name);

 protected:
  S3Element() = default;
  pugi::xml_node node_;
};

class S3Document : public S3Element {
 public:
  explicit S3Document(const std::string& root, bool name_space = true);
  S3Document(const S3Document&) = delete;
  S3Document& operator=(const S3Document&) = delete;
  std::string Text() const;

 private:
  pugi::xml_document document_;
};

// Of a request's body. MalformedXML where it is none or its root has another name.
class S3Input {
 public:
  static ApiResult<S3Input> Parse(const std::string& text, const char* root);
  pugi::xml_node root() const { return document_->document_element(); }

 private:
  std::unique_ptr<pugi::xml_document> document_;
};

}  // namespace smhost
