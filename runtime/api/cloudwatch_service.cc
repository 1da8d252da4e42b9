#include "api/cloudwatch_service.h"

#include <map>

#include "api/cloud_result.h"
#include "api/policy.h"
#include "resources/arn.h"

namespace smhost {

ApiResult<Json> CloudwatchService::Call(const std::string& operation, const Json& input, const Caller& caller, const std::string&) {
  using S = CloudwatchService;
  static const std::map<std::string, Operation> kOperations = {
      {"PutMetricAlarm", &S::PutMetricAlarm},
      {"DescribeAlarms", &S::DescribeAlarms},
      {"DescribeAlarmsForMetric", &S::DescribeAlarmsForMetric},
      {"SetAlarmState", &S::SetAlarmState},
      {"DeleteAlarms", &S::DeleteAlarms},
      {"EnableAlarmActions", &S::EnableAlarmActions},
      {"DisableAlarmActions", &S::DisableAlarmActions},
      {"DescribeAlarmHistory", &S::DescribeAlarmHistory},
      {"TagResource", &S::TagResource},
      {"UntagResource", &S::UntagResource},
      {"ListTagsForResource", &S::ListTagsForResource},
      {"PutMetricData", &S::PutMetricData},
      {"ListMetrics", &S::ListMetrics},
      {"GetMetricData", &S::GetMetricData},
      {"GetMetricStatistics", &S::GetMetricStatistics},
  };
  const auto found = kOperations.find(operation);
  if (found == kOperations.end())
    return ApiFail("UnsupportedOperationException", "CloudWatch's operation " + operation + " is not built.", 400);
  return (this->*found->second)({input, caller, "cloudwatch:" + operation});
}

std::string CloudwatchService::AlarmArn(const Request& request, const std::string& name) const {
  return MakeArn(Kind::kAlarm, context_.region, request.caller.account, name);
}

std::optional<ApiError> CloudwatchService::May(const Request& request, const std::string& resource) const {
  return Authorize(request.caller, request.action, resource);
}

}  // namespace smhost
