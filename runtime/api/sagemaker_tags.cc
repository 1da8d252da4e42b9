#include "api/sagemaker_tags.h"

#include <algorithm>

#include "api/sagemaker_faults.h"
#include "api/store_error.h"
#include "resources/arn.h"
#include "resources/validate.h"

namespace smhost::sagemaker {
namespace {

constexpr std::size_t kTags = 50;  // AWS, of one resource

struct Tagged {
  Kind kind = Kind::kModel;
  std::string name;
};

Result<Tagged> FindTagged(const SagemakerRequest& request) {
  const std::string text = StringOr(request.input, "ResourceArn");
  SMHOST_TRY(const Arn arn, ParseArn(text));
  if (arn.kind != Kind::kModel && arn.kind != Kind::kEndpointConfig && arn.kind != Kind::kEndpoint)
    return Fail(Code::kInvalid, "\"" + text + "\" has no tags here: models, endpoint configurations and endpoints have");
  if (arn.account != request.account() || arn.region != request.context.region)
    return Fail(Code::kNotFound, std::string("Could not find ") + InfoOf(arn.kind).prose + " \"" + text + "\".");
  SMHOST_TRY(const std::string name, SpellingOf(request, arn.kind, arn.name));
  return Tagged{arn.kind, name};
}

Json::iterator FindTag(Json& tags, const std::string& key) {
  return std::find_if(tags.begin(), tags.end(), [&](const Json& tag) { return StringOr(tag, "Key") == key; });
}

// The rules of documents, for the tags of one request alone.
std::optional<ApiError> RefuseTags(const Json& tags) {
  const Document document{Kind::kEndpoint, "e", {{"EndpointName", "e"}, {"EndpointConfigName", "c"}, {"Tags", tags}}};
  return RefuseFaults(document);
}

Status Merge(const Json& added, const std::string& arn, Json& tags) {
  for (const Json& tag : added) {
    const auto there = FindTag(tags, StringOr(tag, "Key"));
    if (there == tags.end()) tags.push_back(tag);
    else *there = tag;
  }
  if (tags.size() <= kTags) return {};
  return Fail(Code::kInvalid, "\"" + arn + "\" would have " + std::to_string(tags.size()) + " tags; at most " +
                                  std::to_string(kTags) + " are allowed: delete some first");
}

}  // namespace

ApiResult<Json> AddTags(const SagemakerRequest& request) {
  SMHOST_API_TRY(const Tagged tagged, FindTagged(request));
  const Json& added = MemberOr(request.input, "Tags");
  if (auto error = RefuseTags(added)) return ApiFail(*error);
  SMHOST_API_TRY(const Resource resource, request.store().Retag(request.account(), tagged.kind, tagged.name, [&](Json& tags) {
    return Merge(added, StringOr(request.input, "ResourceArn"), tags);
  }));
  return Json{{"Tags", MemberOr(resource.properties, "Tags")}};
}

ApiResult<Json> ListTags(const SagemakerRequest& request) {
  SMHOST_API_TRY(const Tagged tagged, FindTagged(request));
  if (request.input.contains("NextToken"))
    return ApiFail("ValidationException", "The NextToken is not valid: all tags are on one page, so none is ever given.");
  SMHOST_API_TRY(const Resource resource, request.store().Get(request.account(), tagged.kind, tagged.name));
  const Json& tags = MemberOr(resource.properties, "Tags");
  return Json{{"Tags", tags.is_array() ? tags : Json::array()}};
}

ApiResult<Json> DeleteTags(const SagemakerRequest& request) {
  SMHOST_API_TRY(const Tagged tagged, FindTagged(request));
  SMHOST_API_TRY(const Resource resource, request.store().Retag(request.account(), tagged.kind, tagged.name, [&](Json& tags) {
    for (const Json& key : MemberOr(request.input, "TagKeys"))
      if (const auto there = FindTag(tags, key.is_string() ? key.get<std::string>() : ""); there != tags.end()) tags.erase(there);
    return Status();
  }));
  return Json();
}

}  // namespace smhost::sagemaker
