#include "controller/routing.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {

Resource Route(const char* name, const Json& properties, const char* created) {
  Resource resource;
  resource.kind = Kind::kPublicRoute;
  resource.name = name;
  resource.properties = properties;
  resource.creation_time = created;
  return resource;
}

TEST_CASE("public routes go into the table with their defaults, and of two with one path the older") {
  const Resource keyed = Route("p", {{"EndpointName", "e"}, {"TargetVariant", "v"}, {"ApiKeys", {{{"Name", "n"}, {"Sha256", "ff"}}}}, {"RequestsPerSecond", 2}}, "2026-01-02");
  const Resource late = Route("q", {{"EndpointName", "f"}, {"Access", "None"}, {"Path", "/public/p"}}, "2026-01-03");
  const auto routes = PublicRoutesOf({{"111111111111", {{"q", late}}}, {"222222222222", {{"p", keyed}}}});
  REQUIRE(routes.size() == 1);
  CHECK(routes[0] == PublicRoute{"222222222222", "p", "/public/p", "e", "v", false, {"ff"}, 2, 2, {}, {}, 6291456});
  const auto alone = PublicRoutesOf({{"111111111111", {{"q", late}}}, {"222222222222", {}}});
  REQUIRE(alone.size() == 1);
  CHECK((alone[0].open && alone[0].endpoint == "f" && alone[0].key_digests.empty()));
}

}  // namespace
}  // namespace smhost
