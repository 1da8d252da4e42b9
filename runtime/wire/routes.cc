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

Json ToJson(const PublicRoute& r) {
  return {{"account", r.account},     {"name", r.name},   {"path", r.path},       {"endpoint", r.endpoint},
          {"variant", r.variant},     {"open", r.open},   {"keys", r.key_digests}, {"per_second", r.per_second},
          {"burst", r.burst},         {"origins", r.origins}, {"types", r.content_types}, {"most_body_bytes", r.most_body_bytes}};
}

std::vector<std::string> TextsFrom(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& item : list)
    if (item.is_string()) texts.push_back(item.get<std::string>());
  return texts;
}

PublicRoute PublicRouteFrom(const Json& j) {
  PublicRoute r;
  r.account = StringOr(j, "account");
  r.name = StringOr(j, "name");
  r.path = StringOr(j, "path");
  r.endpoint = StringOr(j, "endpoint");
  r.variant = StringOr(j, "variant");
  r.open = BoolOr(j, "open");
  r.key_digests = TextsFrom(MemberOr(j, "keys"));
  r.per_second = DoubleOr(j, "per_second", 1);
  r.burst = static_cast<int>(IntOr(j, "burst", 1));
  r.origins = TextsFrom(MemberOr(j, "origins"));
  r.content_types = TextsFrom(MemberOr(j, "types"));
  r.most_body_bytes = static_cast<std::uint64_t>(IntOr(j, "most_body_bytes"));
  return r;
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
  Json public_routes = Json::array();
  for (const auto& route : table.public_routes) public_routes.push_back(ToJson(route));
  return PrettyJson({{"generation", table.generation}, {"endpoints", endpoints}, {"public_routes", public_routes}});
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
  for (const auto& r : MemberOr(j, "public_routes")) table.public_routes.push_back(PublicRouteFrom(r));
  return table;
}

}  // namespace smhost
