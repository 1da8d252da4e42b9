#include "api/s3_xml.h"

#include <sstream>

#include "api/s3_errors.h"

namespace smhost {
namespace {

constexpr const char* kNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";
constexpr const char* kMalformed =
    "The XML you provided was not well-formed or did not validate against our published schema";

}  // namespace

void S3Element::Add(const std::string& name, const std::string& text) {
  node_.append_child(name.c_str()).text().set(text.c_str());
}

void S3Element::Say(const std::string& text) { node_.text().set(text.c_str()); }

S3Element S3Element::Child(const std::string& name) { return S3Element(node_.append_child(name.c_str())); }

S3Document::S3Document(const std::string& root, bool name_space) {
  pugi::xml_node declaration = document_.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  node_ = document_.append_child(root.c_str());
  if (name_space) node_.append_attribute("xmlns") = kNamespace;
}

std::string S3Document::Text() const {
  std::ostringstream out;
  document_.save(out, "", pugi::format_raw, pugi::encoding_utf8);
  return std::move(out).str();
}

ApiResult<S3Input> S3Input::Parse(const std::string& text, const char* root) {
  S3Input input;
  input.document_ = std::make_unique<pugi::xml_document>();
  // A key may be a single space.
  auto parsed = input.document_->load_buffer(text.data(), text.size(),
                                             pugi::parse_default | pugi::parse_ws_pcdata_single, pugi::encoding_utf8);
  if (!parsed || std::string_view(input.root().name()) != root) return S3Fail("MalformedXML", kMalformed);
  return input;
}

}  // namespace smhost
