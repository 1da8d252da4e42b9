// CloudwatchService: tags of alarms.
#include <algorithm>

#include "api/cloud_result.h"
#include "api/cloudwatch_service.h"
#include "resources/arn.h"
#include "resources/validate.h"

namespace smhost {
namespace {

Json TagsOf(const Resource& alarm) {
  const Json& tags = MemberOr(alarm.properties, "Tags");
  return tags.is_array() ? tags : Json::array();
}

void Remove(Json& tags, const std::string& key) {
  tags.erase(std::remove_if(tags.begin(), tags.end(), [&](const Json& tag) { return StringOr(tag, "Key") == key; }), tags.end());
}

}  // namespace

ApiResult<Resource> CloudwatchService::TaggedAlarm(const Request& request) {
  const std::string text = StringOr(request.input, "ResourceARN");
  SMHOST_API_CHECK(May(request, text));
  const auto arn = ParseArn(text);
  if (!arn || arn->kind != Kind::kAlarm) return ApiFail("InvalidParameterValue", "The value " + text + " for parameter ResourceARN is not the ARN of an alarm.");
  if (arn->account != request.caller.account || arn->region != context_.region) return ApiFail("ResourceNotFoundException", "Unknown alarm: " + text, 404);
  auto alarm = context_.store.Get(arn->account, Kind::kAlarm, arn->name);
  if (!alarm && alarm.error().code == Code::kNotFound) return ApiFail("ResourceNotFoundException", "Unknown alarm: " + text, 404);
  if (!alarm) return cloud::FailWith(alarm.error());
  return std::move(*alarm);
}

ApiResult<Json> CloudwatchService::PutTags(const Request& request, const Resource& alarm, Json tags) {
  Json properties = alarm.properties;
  properties["Tags"] = std::move(tags);
  if (properties["Tags"].empty()) properties.erase("Tags");
  const auto faults = Validate({Kind::kAlarm, alarm.name, properties});
  if (!faults.empty()) return ApiFail("InvalidParameterValue", Describe(faults[0]));
  return ChangeAlarm(request, alarm, properties);
}

ApiResult<Json> CloudwatchService::TagResource(const Request& request) {
  SMHOST_API_TRY(const Resource alarm, TaggedAlarm(request));
  Json tags = TagsOf(alarm);
  for (const Json& tag : MemberOr(request.input, "Tags")) {
    Remove(tags, StringOr(tag, "Key"));
    tags.push_back({{"Key", StringOr(tag, "Key")}, {"Value", StringOr(tag, "Value")}});
  }
  return PutTags(request, alarm, std::move(tags));
}

ApiResult<Json> CloudwatchService::UntagResource(const Request& request) {
  SMHOST_API_TRY(const Resource alarm, TaggedAlarm(request));
  Json tags = TagsOf(alarm);
  for (const Json& key : MemberOr(request.input, "TagKeys"))
    if (key.is_string()) Remove(tags, key.get<std::string>());
  return PutTags(request, alarm, std::move(tags));
}

ApiResult<Json> CloudwatchService::ListTagsForResource(const Request& request) {
  SMHOST_API_TRY(const Resource alarm, TaggedAlarm(request));
  return Json{{"Tags", TagsOf(alarm)}};
}

}  // namespace smhost
