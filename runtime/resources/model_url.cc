#include "resources/model_url.h"

#include <filesystem>
#include <string_view>

namespace smhost {
namespace {

// RFC 3986: a letter, then letters, digits, "+", "-", "." up to a colon.
bool HasScheme(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (c == ':') return i > 0;
    if (!letter && !(other && i > 0)) return false;
  }
  return false;
}

std::string PercentEncoded(std::string_view path) {
  static constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != std::string_view::npos)
      encoded += c;
    else
      encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return encoded;
}

void RewriteMember(const char* member, const std::string& base_folder, Json& object) {
  if (!object.is_object() || !object.contains(member) || !object[member].is_string()) return;
  object[member] = ModelUrl(object[member].get<std::string>(), base_folder);
}

void RewriteSource(const std::string& base_folder, Json& source) {
  if (source.is_object() && source.contains("S3DataSource"))
    RewriteMember("S3Uri", base_folder, source["S3DataSource"]);
}

void RewriteContainer(const std::string& base_folder, Json& container) {
  RewriteMember("ModelDataUrl", base_folder, container);
  if (!container.is_object()) return;
  if (container.contains("ModelDataSource")) RewriteSource(base_folder, container["ModelDataSource"]);
  if (container.contains("AdditionalModelDataSources") && container["AdditionalModelDataSources"].is_array())
    for (Json& source : container["AdditionalModelDataSources"]) RewriteSource(base_folder, source);
}

}  // namespace

std::string ModelUrl(const std::string& text, const std::string& base_folder) {
  if (text.empty() || HasScheme(text)) return text;
  std::filesystem::path path = std::filesystem::path(base_folder) / text;
  if (std::error_code error; !path.is_absolute()) path = std::filesystem::absolute(path, error);
  return "file://" + PercentEncoded(path.lexically_normal().string());
}

void RewriteModelUrls(const std::string& base_folder, Json& properties) {
  if (!properties.is_object()) return;
  if (properties.contains("PrimaryContainer")) RewriteContainer(base_folder, properties["PrimaryContainer"]);
  if (properties.contains("Containers") && properties["Containers"].is_array())
    for (Json& container : properties["Containers"]) RewriteContainer(base_folder, container);
}

}  // namespace smhost
