#include "resources/public_route.h"

#include <catch2/catch.hpp>

#include "documents.h"
#include "resources/validate.h"

using namespace smhost;

namespace {

std::vector<Fault> Faults(const Json& changes) {
  Json properties = PublicRouteProperties();
  properties.merge_patch(changes);
  return Validate(DocumentOf(Kind::kPublicRoute, properties));
}

OwnedRoute Route(const char* account, const char* name, const char* path, const char* created) {
  OwnedRoute route{account, {}};
  route.resource.kind = Kind::kPublicRoute;
  route.resource.name = name;
  route.resource.creation_time = created;
  route.resource.properties = {{"EndpointName", "e"}, {"Access", "None"}};
  if (*path != '\0') route.resource.properties["Path"] = path;
  return route;
}

}  // namespace

TEST_CASE("a public route needs a key, or says that it asks for none") {
  CHECK(Faults(Json::object()).empty());
  CHECK(RuleAt(Faults({{"ApiKeys", nullptr}}), "Properties.ApiKeys") == "is required unless Access is \"None\"");
  CHECK(Faults({{"ApiKeys", nullptr}, {"Access", "None"}}).empty());
  CHECK(RuleAt(Faults({{"Access", "None"}}), "Properties.ApiKeys") == "must not stand beside Access \"None\"");
  Json keys = PublicRouteProperties()["ApiKeys"];
  keys.push_back(keys[0]);
  CHECK(RuleAt(Faults({{"ApiKeys", keys}}), "Properties.ApiKeys[1].Name") == "stands in two keys");
  for (const char* digest : {"", "ff", "2C26B46B68FFC68FF99B453C1D30413413422D706483BFA0F98A5E886266E7AE"}) {
    keys = Json::array({{{"Name", "n"}, {"Sha256", digest}}});
    CHECK_FALSE(RuleAt(Faults({{"ApiKeys", keys}}), "Properties.ApiKeys[0].Sha256").empty());
  }
}

TEST_CASE("paths on which the runtime answers other requests are refused") {
  for (const char* path : {"/endpoints", "/endpoints/e/invocations", "/ping", "/ping/x", "/metrics", "/service/x"})
    CHECK_THAT(RuleAt(Faults({{"Path", path}}), "Properties.Path"), Catch::Contains("the runtime answers there"));
  for (const char* path : {"", "/", "x", "/a/", "//a", "/a?b", "/a b", "/%41", "/.", "/a/../b", "/a/."})
    CHECK_FALSE(RuleAt(Faults({{"Path", path}}), "Properties.Path").empty());
  for (const char* path : {"/a", "/pings", "/v1/speech~2/x.y_z-0"}) CHECK(Faults({{"Path", path}}).empty());
}

TEST_CASE("origins and media types that no request can have are refused") {
  CHECK(Faults({{"CorsOrigins", {"*", "https://a.example:8443", "http://localhost"}}, {"AllowedContentTypes", {"application/json", "text/csv"}}}).empty());
  for (const char* origin : {"", "a.example", "https://a.example/", "https://A.example", "https://a\r\nx"})
    CHECK_FALSE(RuleAt(Faults({{"CorsOrigins", Json::array({origin})}}), "Properties.CorsOrigins[0]").empty());
  for (const char* type : {"", "json", "text/csv; charset=x", "a/b/c"})
    CHECK_FALSE(RuleAt(Faults({{"AllowedContentTypes", Json::array({type})}}), "Properties.AllowedContentTypes[0]").empty());
}

TEST_CASE("where a public route is silent it means the default") {
  const PublicRouteView view = ViewPublicRoute("p", PublicRouteProperties());
  CHECK(view.path == "/public/p");
  CHECK(view.per_second == 10000);
  CHECK(view.burst == 5000);
  CHECK(view.most_body_bytes == 6291456);
  CHECK_FALSE(view.open);
  CHECK(view.key_digests.size() == 1);
  CHECK(ViewPublicRoute("p", {{"RequestsPerSecond", 2.5}}).burst == 3);
  CHECK(ViewPublicRoute("p", {{"RequestsPerSecond", 0.1}}).burst == 1);
  CHECK(ViewPublicRoute("p", {{"AllowedContentTypes", {"Text/CSV"}}}).content_types == std::vector<std::string>{"text/csv"});
}

TEST_CASE("of routes with one path the older serves it") {
  const std::vector<OwnedRoute> routes = {Route("2", "a", "/x", "2026-01-02"), Route("1", "b", "/x", "2026-01-03"), Route("1", "c", "", "2026-01-01"),
                                          Route("3", "d", "/y", "2026-01-01"), Route("2", "d", "/y", "2026-01-01")};
  const auto serving = ServingRoutes(routes);
  REQUIRE(serving.size() == 3);
  CHECK(serving.at("/x") == &routes[0]);
  CHECK(serving.at("/y") == &routes[4]);
  CHECK(serving.at("/public/c") == &routes[2]);
}
