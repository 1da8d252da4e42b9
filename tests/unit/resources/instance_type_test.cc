#include "resources/instance_type.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "resources/schema.h"

using namespace smhost;

TEST_CASE("known instance types have their figures") {
  const InstanceType* type = FindInstanceType("ml.g5.2xlarge");
  REQUIRE(type != nullptr);
  CHECK(type->vcpu == 8);
  CHECK(type->memory_bytes == 32ull << 30);
  CHECK(type->accelerators == 1);
  CHECK(type->volume_bytes == 450'000'000'000);
  CHECK_FALSE(type->estimated);
}

TEST_CASE("every instance type of the schema has vCPUs and memory") {
  for (const Json& name : SchemaOf(Kind::kEndpointConfig)["definitions"]["InstanceType"]["enum"]) {
    INFO(name);
    const InstanceType* type = FindInstanceType(name.get<std::string>());
    REQUIRE(type != nullptr);
    CHECK(type->name == name);
    CHECK(type->vcpu >= 1);
    CHECK(type->memory_bytes >= 1ull << 30);
  }
}

TEST_CASE("types without figures are estimated from family and size") {
  const auto check = [](const char* name, int vcpu, std::uint64_t gib, int accelerators) {
    INFO(name);
    const InstanceType* type = FindInstanceType(name);
    REQUIRE(type != nullptr);
    CHECK(type->estimated);
    CHECK(type->vcpu == vcpu);
    CHECK(type->memory_bytes == gib << 30);
    CHECK(type->accelerators == accelerators);
  };
  check("ml.c8g.medium", 1, 2, 0);
  check("ml.m8g.large", 2, 8, 0);
  check("ml.r8g.12xlarge", 48, 384, 0);
  check("ml.g6e.xlarge", 4, 16, 1);
  check("ml.trn2.48xlarge", 192, 768, 8);
}

TEST_CASE("what is no hosting type of AWS is not found") {
  for (const char* name : {"", "ml.t3.medium", "m5.large", "ml..", "ml.m5", "ml.m5.large "})
    CHECK(FindInstanceType(name) == nullptr);
}

TEST_CASE("a variant's volume is what it says, else the type's disks, else the default") {
  CHECK(ResolveVolumeBytes({{"VolumeSizeInGB", 5}, {"InstanceType", "ml.g5.2xlarge"}}) == 5ull << 30);
  CHECK(ResolveVolumeBytes({{"InstanceType", "ml.g5.2xlarge"}}) == 450'000'000'000);
  CHECK(ResolveVolumeBytes({{"InstanceType", "ml.m5.large"}}) == limits::kDefaultVolumeBytes);
  CHECK(ResolveVolumeBytes(Json::object()) == limits::kDefaultVolumeBytes);
}
