// YAML as CloudFormation templates have it → JSON: tags such as !Ref and !Sub become the functions they stand for. Any
// thread; pure. It refuses what JSON cannot say or people do not mean: duplicate keys, merge keys, other tags, several
// documents, and aliases that would grow the document beyond limits::kYamlNodes.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace smhost {

// `what` names the text in the error; the message tells line and column.
Result<Json> ParseYaml(std::string_view text, const std::string& what, std::size_t max_bytes);

// JSON where the text begins as such, else YAML: CloudFormation's rule for a TemplateBody.
Result<Json> ParseTemplate(std::string_view text, const std::string& what, std::size_t max_bytes);

}  // namespace smhost
