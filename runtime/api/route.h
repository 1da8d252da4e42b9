// Which service a request is for, and in which protocol: what its head says. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/shapes.h"
#include "wire/http_head.h"

namespace smhost {

enum class ServiceKind { kUnknown, kSageMaker, kSts, kMonitoring, kCloudFormation, kS3 };
enum class WireProtocol { kJson10, kJson11, kQuery, kCbor, kRestXml };

struct ApiRoute {
  // Of a form it is what the signature names, if it names one that has forms; its Version, in the body, decides later.
  ServiceKind service = ServiceKind::kUnknown;
  WireProtocol protocol = WireProtocol::kJson11;
  std::string operation;  // empty: in the body
  std::string target;     // what the head says in its own words, for messages; empty: nothing
};

// `claimed_service`: ClaimedService (api/sigv4.h) of the head. Whatever is none of our protocols is S3's.
ApiRoute RouteOf(const HttpHead& head, std::string_view claimed_service);

// The shapes of a service; it must be one that has some: neither kUnknown nor kS3.
const ServiceShapes& ShapesOf(ServiceKind service);
// By the version in a form; kUnknown: of none.
ServiceKind ServiceOfVersion(std::string_view version);

}  // namespace smhost
