#include "worker/value.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

namespace smhost {
namespace {
double Through(DType dtype, double value) {
  char room[8];
  StoreElement(dtype, value, room);
  return Tensor{dtype, {}, std::string(room, SizeOf(dtype))}.At(0);
}
}  // namespace

TEST_CASE("every half comes back the same through float") {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    float value = FloatFromHalf(static_cast<std::uint16_t>(bits));
    if (std::isnan(value)) continue;
    char room[2];
    StoreElement(DType::kF16, value, room);
    std::uint16_t back;
    std::memcpy(&back, room, 2);
    REQUIRE(back == bits);
  }
}

TEST_CASE("halves round to nearest even, overflow to infinity and keep NaN") {
  CHECK(Through(DType::kF16, 2049) == 2048);
  CHECK(Through(DType::kF16, 2051) == 2052);
  CHECK(Through(DType::kF16, 65519) == 65504);
  CHECK(std::isinf(Through(DType::kF16, 65520)));
  CHECK(Through(DType::kF16, 1e-9) == 0);
  CHECK(std::isnan(Through(DType::kF16, std::nan(""))));
  CHECK(Through(DType::kBF16, 257) == 256);
  CHECK(std::isnan(Through(DType::kBF16, std::nan(""))));
}

TEST_CASE("integers are clamped to their range") {
  CHECK(Through(DType::kI8, 1000) == 127);
  CHECK(Through(DType::kI8, -1000) == -128);
  CHECK(Through(DType::kU8, -1) == 0);
  CHECK(Through(DType::kI32, std::nan("")) == 0);
  CHECK(Through(DType::kI64, 1e30) == static_cast<double>(std::numeric_limits<std::int64_t>::max()));
}

TEST_CASE("types are known by the names that torch and numpy give them") {
  CHECK(DTypeNamed("float32") == DType::kF32);
  CHECK(DTypeNamed("float") == DType::kF32);
  CHECK(DTypeNamed("torch.int64") == DType::kI64);
  CHECK(DTypeNamed("half") == DType::kF16);
  CHECK_FALSE(DTypeNamed("").has_value());
  CHECK_FALSE(DTypeNamed("complex64").has_value());
}

}  // namespace smhost
