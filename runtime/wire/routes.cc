#include "wire/routes.h"

#include "base/json.h"
#include "base/limits.h"

namespace smhost {

std::string EncodeRoutes(const RouteTable& table) {
  Json endpoints = Json::array();
  for (const auto& endpoint : table.endpoints) {
    Json variants = Json::array();
    for (const auto& variant : endpoint.variants) {
      Json instances = Json::array();
      for (const auto& instance : variant.instances) instances.push_back({{"id", instance.id}});
      variants.push_back({{"name", variant.name}, {"weight", variant.weight}, {"digest", variant.digest}, {"instances", instances}});
    }
    endpoints.push_back({{"account", endpoint.account}, {"name", endpoint.name}, {"status", endpoint.status}, {"variants", variants}});
  }
  return PrettyJson({{"generation", table.generation}, {"endpoints", endpoints}});
}

Result<RouteTable> DecodeRoutes(const std::string& text) {
  SMHOST_TRY(Json j, ParseJson(text, "routes", limits::kStateFileBytes));
  RouteTable table;
  table.generation = static_cast<std::uint64_t>(IntOr(j, "generation"));
  for (const auto& e : MemberOr(j, "endpoints")) {
    RouteEndpoint endpoint{StringOr(e, "account"), StringOr(e, "name"), StringOr(e, "status"), {}};
    for (const auto& v : MemberOr(e, "variants")) {
      RouteVariant variant{StringOr(v, "name"), DoubleOr(v, "weight", 1.0), StringOr(v, "digest"), {}};
      for (const auto& i : MemberOr(v, "instances")) variant.instances.push_back({StringOr(i, "id")});
      endpoint.variants.push_back(std::move(variant));
    }
    table.endpoints.push_back(std::move(endpoint));
  }
  return table;
}

}  // namespace smhost
