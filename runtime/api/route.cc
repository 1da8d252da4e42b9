#include "api/route.h"

#include <array>

#include "api/form.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/text.h"
#include "embedded_schemas.h"

namespace smhost {
namespace {

constexpr std::array kShapedServices = {ServiceKind::kSageMaker, ServiceKind::kSts, ServiceKind::kMonitoring,
                                        ServiceKind::kCloudFormation};

std::shared_ptr<const ServiceShapes> Built(std::string_view model) {
  auto json = ParseJson(model, "a built-in service model", limits::kDocumentBytes);
  SMHOST_CHECK(json);
  auto shapes = ServiceShapes::Read(*json);
  SMHOST_CHECK(shapes);
  return *shapes;
}

ServiceKind ServiceOfTarget(std::string_view prefix) {
  for (ServiceKind service : {ServiceKind::kSageMaker, ServiceKind::kMonitoring})
    if (ShapesOf(service).target_prefix() == prefix) return service;
  return ServiceKind::kUnknown;
}

// "/service/GraniteServiceVersion20100801/operation/PutMetricData"
ApiRoute CborRoute(std::string_view path) {
  ApiRoute route{ServiceKind::kUnknown, WireProtocol::kCbor, "", std::string(path)};
  constexpr std::string_view kService = "/service/", kOperation = "/operation/";
  const std::size_t middle = path.rfind(kOperation), begin = path.rfind(kService, middle);
  if (middle == path.npos || begin == path.npos || begin + kService.size() > middle) return route;
  route.service = ServiceOfTarget(path.substr(begin + kService.size(), middle - begin - kService.size()));
  route.operation = std::string(path.substr(middle + kOperation.size()));
  return route;
}

// "SageMaker.CreateModel"
ApiRoute JsonRoute(std::string_view target, std::string_view content_type) {
  ApiRoute route{ServiceKind::kUnknown, WireProtocol::kJson11, "", std::string(target)};
  if (content_type == "application/x-amz-json-1.0") route.protocol = WireProtocol::kJson10;
  const std::size_t dot = target.rfind('.');
  if (dot == target.npos) return route;
  route.service = ServiceOfTarget(target.substr(0, dot));
  route.operation = std::string(target.substr(dot + 1));
  return route;
}

ApiRoute QueryRoute(std::string_view claimed_service) {
  ApiRoute route{ServiceKind::kUnknown, WireProtocol::kQuery};
  if (claimed_service == "sts") route.service = ServiceKind::kSts;
  if (claimed_service == "monitoring") route.service = ServiceKind::kMonitoring;
  if (claimed_service == "cloudformation") route.service = ServiceKind::kCloudFormation;
  return route;
}

// Without its parameters, in lower case.
std::string MediaType(std::string_view header) {
  std::string type(header.substr(0, header.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  return LowerCase(type);
}

bool AsksByQuery(std::string_view query) {
  const auto form = ParseForm(query);
  if (!form) return false;
  for (const auto& [name, value] : *form)
    if (name == "Action") return true;
  return false;
}

}  // namespace

ApiRoute RouteOf(const HttpHead& head, std::string_view claimed_service) {
  const std::string_view target = head.target;
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view query = path.size() < target.size() ? target.substr(path.size() + 1) : std::string_view();
  const std::string type = MediaType(head.Get("content-type"));
  if (head.Get("smithy-protocol") == "rpc-v2-cbor") return CborRoute(path);
  if (const std::string* named = head.Find("x-amz-target")) return JsonRoute(*named, type);
  if (path == "/" && claimed_service != "s3") {
    if (head.method == "POST" && type == "application/x-www-form-urlencoded") return QueryRoute(claimed_service);
    if (AsksByQuery(query)) return QueryRoute(claimed_service);
    if (head.method == "POST") return {};
  }
  return {ServiceKind::kS3, WireProtocol::kRestXml};
}

const ServiceShapes& ShapesOf(ServiceKind service) {
  switch (service) {
    case ServiceKind::kSageMaker: {
      static const auto shapes = Built(embedded::kApiSagemaker);
      return *shapes;
    }
    case ServiceKind::kSts: {
      static const auto shapes = Built(embedded::kApiSts);
      return *shapes;
    }
    case ServiceKind::kMonitoring: {
      static const auto shapes = Built(embedded::kApiMonitoring);
      return *shapes;
    }
    case ServiceKind::kCloudFormation: {
      static const auto shapes = Built(embedded::kApiCloudformation);
      return *shapes;
    }
    case ServiceKind::kUnknown:
    case ServiceKind::kS3: break;
  }
  SMHOST_CHECK(!"a service without shapes");
  std::abort();
}

ServiceKind ServiceOfVersion(std::string_view version) {
  for (ServiceKind service : kShapedServices)
    if (service != ServiceKind::kSageMaker && ShapesOf(service).api_version() == version) return service;
  return ServiceKind::kUnknown;
}

}  // namespace smhost
