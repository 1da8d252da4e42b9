// CloudWatch: alarms, which are the documents that `smhost apply` takes too, and metrics, those of endpoints and those that
// clients put. The operations, on JSON; see service.h. One object a thread.
//
// The controller owns the states of alarms and the values of endpoints; this reads what it has written. Not built, and said
// so: metrics math, anomaly bands, composite alarms, what actions would send.
#pragma once

#include "api/service.h"
#include "state/alarm_requests.h"

namespace smhost {

class CloudwatchService final : public ApiService {
 public:
  explicit CloudwatchService(ApiContext& context) : context_(context), requests_(context.files, context.home) {}

  ApiResult<Json> Call(const std::string& operation, const Json& input, const Caller& caller, const std::string& request_id) override;

 private:
  struct Request {
    const Json& input;
    const Caller& caller;
    const std::string action;  // "cloudwatch:PutMetricAlarm"
  };
  using Operation = ApiResult<Json> (CloudwatchService::*)(const Request&);

  // --- cloudwatch_alarms.cc
  ApiResult<Json> PutMetricAlarm(const Request& request);
  ApiResult<Json> DescribeAlarms(const Request& request);
  ApiResult<Json> DescribeAlarmsForMetric(const Request& request);
  ApiResult<Json> SetAlarmState(const Request& request);
  ApiResult<Json> DeleteAlarms(const Request& request);
  ApiResult<Json> EnableAlarmActions(const Request& request) { return SwitchActions(request, true); }
  ApiResult<Json> DisableAlarmActions(const Request& request) { return SwitchActions(request, false); }
  ApiResult<Json> SwitchActions(const Request& request, bool enabled);
  ApiResult<Json> DescribeAlarmHistory(const Request& request);

  // --- cloudwatch_tags.cc
  ApiResult<Json> TagResource(const Request& request);
  ApiResult<Json> UntagResource(const Request& request);
  ApiResult<Json> ListTagsForResource(const Request& request);
  ApiResult<Resource> TaggedAlarm(const Request& request);

  // --- cloudwatch_metrics.cc
  ApiResult<Json> PutMetricData(const Request& request);
  ApiResult<Json> ListMetrics(const Request& request);
  ApiResult<Json> GetMetricData(const Request& request);
  ApiResult<Json> GetMetricStatistics(const Request& request);

  std::string AlarmArn(const Request& request, const std::string& name) const;
  std::optional<ApiError> May(const Request& request, const std::string& resource = "*") const;
  // MetricAlarm: the document with the state that it has now.
  Json ShowAlarm(const Request& request, const Resource& alarm);
  ApiResult<std::vector<Resource>> AllAlarms(const Request& request);
  // A change of one alarm's properties, repeated where somebody else changed it meanwhile.
  ApiResult<Json> ChangeAlarm(const Request& request, const Resource& alarm, const Json& properties);

  ApiContext& context_;
  AlarmRequests requests_;
};

}  // namespace smhost
