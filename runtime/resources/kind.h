// The kinds of resources and their words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace smhost {

enum class Kind { kGoldenSet, kModel, kEndpointConfig, kAlarm, kEndpoint, kPublicRoute };

struct KindInfo {
  Kind kind;
  const char* word;           // "endpoint-config": on the command line and as a folder
  const char* short_word;     // "ec"
  const char* type;           // "AWS::SageMaker::EndpointConfig"
  const char* name_property;  // "EndpointConfigName"
  const char* arn_property;   // "EndpointConfigArn"
  const char* prose;          // "endpoint configuration": in AWS's messages
};

const std::vector<KindInfo>& Kinds();  // in the order in which they depend on each other
const KindInfo& InfoOf(Kind kind);
// By word (singular or plural), short word or type; nothing for any other text.
std::optional<Kind> FindKind(const std::string& text);

// A document after templates are expanded: what somebody wants. Names are checked before they become part of a path.
struct Document {
  Kind kind = Kind::kModel;
  std::string name;
  Json properties;  // as AWS spells them, Tags and the name property among them
};

// What is stored: the document and what we know about it.
struct Resource {
  Kind kind = Kind::kModel;
  std::string name;
  Json properties;
  std::string arn;
  std::string uid;                                // 32 hex digits; a resource made anew under an old name has another
  std::uint64_t generation = 0;                   // grows with each change of the properties
  std::string creation_time, last_modified_time;  // ISO 8601
  Json steering;  // of an endpoint: what operations asked for beside the document (resources/steering.h); null: nothing
};

}  // namespace smhost
