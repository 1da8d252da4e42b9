#include "wire/routes.h"

#include "base/json.h"
#include "base/limits.h"

namespace smhost {

namespace {

Json ToJson(const RouteVariant& v) {
  Json instances = Json::array();
  for (const auto& instance : v.instances) instances.push_back({{"id", instance.id}});
  Json j = {{"name", v.name},     {"fleet", v.fleet},   {"config", v.config}, {"weight", v.weight},
            {"share", v.share},   {"digest", v.digest}, {"replay", v.replay}, {"instances", instances}};
  if (v.shadow) j.update({{"shadow", true}, {"sampling", v.sampling}});
  return j;
}

RouteVariant VariantFrom(const Json& j) {
  RouteVariant v;
  v.name = StringOr(j, "name");
  v.fleet = StringOr(j, "fleet");
  v.config = StringOr(j, "config");
  v.weight = DoubleOr(j, "weight", 1.0);
  v.share = DoubleOr(j, "share", 1.0);
  v.digest = StringOr(j, "digest");
  v.replay = !j.contains("replay") || BoolOr(j, "replay");
  v.shadow = BoolOr(j, "shadow");
  v.sampling = DoubleOr(j, "sampling");
  for (const auto& instance : MemberOr(j, "instances")) v.instances.push_back({StringOr(instance, "id")});
  return v;
}

}  // namespace

std::string EncodeRoutes(const RouteTable& table) {
  Json endpoints = Json::array();
  for (const auto& endpoint : table.endpoints) {
    Json variants = Json::array();
    for (const auto& variant : endpoint.variants) variants.push_back(ToJson(variant));
    endpoints.push_back({{"account", endpoint.account}, {"name", endpoint.name}, {"status", endpoint.status},
                         {"deploying", endpoint.deploying}, {"variants", variants}});
  }
  return PrettyJson({{"generation", table.generation}, {"endpoints", endpoints}});
}

Result<RouteTable> DecodeRoutes(const std::string& text) {
  SMHOST_TRY(Json j, ParseJson(text, "routes", limits::kStateFileBytes));
  RouteTable table;
  table.generation = static_cast<std::uint64_t>(IntOr(j, "generation"));
  for (const auto& e : MemberOr(j, "endpoints")) {
    RouteEndpoint endpoint{StringOr(e, "account"), StringOr(e, "name"), StringOr(e, "status"), BoolOr(e, "deploying"), {}};
    for (const auto& v : MemberOr(e, "variants")) endpoint.variants.push_back(VariantFrom(v));
    table.endpoints.push_back(std::move(endpoint));
  }
  return table;
}

}  // namespace smhost
