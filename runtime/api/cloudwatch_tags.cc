// CloudwatchService: tags of alarms.
#include <algorithm>

#include "api/cloud_result.h"
#include "api/cloudwatch_service.h"
#include "resources/arn.h"
#include "resources/validate.h"

namespace smhost {
namespace {

void Remove(Json& tags, const std::string& key) {
  tags.erase(std::remove_if(tags.begin(), tags.end(), [&](const Json& tag) { return StringOr(tag, "Key") == key; }), tags.end());
}

// The rules of documents, for the tags.
Status CheckTags(const Resource& alarm, const Json& tags) {
  Json properties = alarm.properties;
  properties["Tags"] = tags;
  const auto faults = Validate({Kind::kAlarm, alarm.name, properties});
  if (faults.empty()) return {};
  return Fail(Code::kInvalid, Describe(faults[0]));
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
  if (!alarm) return ApiFail(alarm.error());
  return std::move(*alarm);
}

ApiResult<Json> CloudwatchService::TagResource(const Request& request) {
  SMHOST_API_TRY(const Resource alarm, TaggedAlarm(request));
  SMHOST_API_TRY(const Resource tagged, context_.store.Retag(request.caller.account, Kind::kAlarm, alarm.name, [&](Json& tags) {
    for (const Json& tag : MemberOr(request.input, "Tags")) {
      Remove(tags, StringOr(tag, "Key"));
      tags.push_back({{"Key", StringOr(tag, "Key")}, {"Value", StringOr(tag, "Value")}});
    }
    return CheckTags(alarm, tags);
  }));
  return Json();
}

ApiResult<Json> CloudwatchService::UntagResource(const Request& request) {
  SMHOST_API_TRY(const Resource alarm, TaggedAlarm(request));
  SMHOST_API_TRY(const Resource tagged, context_.store.Retag(request.caller.account, Kind::kAlarm, alarm.name, [&](Json& tags) {
    for (const Json& key : MemberOr(request.input, "TagKeys"))
      if (key.is_string()) Remove(tags, key.get<std::string>());
    return Status();
  }));
  return Json();
}

ApiResult<Json> CloudwatchService::ListTagsForResource(const Request& request) {
  SMHOST_API_TRY(const Resource alarm, TaggedAlarm(request));
  const Json& tags = MemberOr(alarm.properties, "Tags");
  return Json{{"Tags", tags.is_array() ? tags : Json::array()}};
}

}  // namespace smhost
