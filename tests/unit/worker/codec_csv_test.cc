#include <catch2/catch.hpp>
#include <cmath>

#include "worker/codec_formats.h"

namespace smhost {
namespace {

Tensor Decode(std::string_view body, DType dtype = DType::kF32) {
  auto tensor = DecodeCsv(body, dtype);
  REQUIRE(tensor);
  return *tensor;
}
Tensor Doubles(std::vector<std::int64_t> shape, std::vector<double> values) {
  return {DType::kF64, std::move(shape), std::string(reinterpret_cast<const char*>(values.data()), values.size() * 8)};
}

}  // namespace

TEST_CASE("CSV loses dimensions of size one, as genfromtxt does") {
  CHECK(Describe(Decode("1,2,3\n4,5,6\n")) == "float32[2, 3]");
  CHECK(Describe(Decode("1,2,3")) == "float32[3]");
  CHECK(Describe(Decode("1\n2\n")) == "float32[2]");
  CHECK(Describe(Decode("7")) == "float32[]");
  CHECK(Describe(Decode("")) == "float32[0]");
}

TEST_CASE("CSV text and gaps are NaN, comments and empty lines do not count") {
  Tensor tensor = Decode("# a,b\n1, 2.5 ,x\n\n,inf,-1e3 # note\r\n");
  REQUIRE(Describe(tensor) == "float32[2, 3]");
  CHECK(tensor.At(1) == 2.5);
  CHECK(std::isnan(tensor.At(2)));
  CHECK(std::isnan(tensor.At(3)));
  CHECK(std::isinf(tensor.At(4)));
  CHECK(tensor.At(5) == -1000);
}

TEST_CASE("CSV lines of unequal length are refused with the line") {
  auto tensor = DecodeCsv("1,2\n3,4\n5\n", DType::kF32);
  REQUIRE_FALSE(tensor);
  CHECK(tensor.error().message == "the request, line 3: 1 fields where the lines before have 2");
}

TEST_CASE("CSV text is refused where the type has no NaN") {
  CHECK(Describe(Decode("1,2", DType::kI64)) == "int64[2]");
  auto tensor = DecodeCsv("1,two", DType::kI64);
  REQUIRE_FALSE(tensor);
  CHECK(tensor.error().message == "the request, line 1, field 2: \"two\" is no int64");
}

TEST_CASE("an answer in CSV looks like savetxt's") {
  CHECK(*EncodeCsv({Doubles({3}, {1, 2.5, std::nan("")})}) == "1.0\n2.5\nnan\n");
  CHECK(*EncodeCsv({Doubles({2, 2}, {1, 2, 3, 1e-7})}) == "1.0,2.0\n3.0,1e-07\n");
  CHECK(*EncodeCsv({List{{Value{std::int64_t{1}}, Value{std::int64_t{-2}}}}}) == "1\n-2\n");
  CHECK(*EncodeCsv({List{{Value{true}, Value{false}}}}) == "True\nFalse\n");
  CHECK(*EncodeCsv({Cast(Doubles({1}, {0.1}), DType::kF32)}) == "0.1\n");
}

TEST_CASE("what CSV cannot hold is refused, not bent") {
  for (Value value : {Value{Doubles({1, 1, 1}, {1})}, Value{std::string("text")}, Value{Dictionary{}},
                      Value{List{{Value{Doubles({1}, {1})}, Value{Doubles({2}, {1, 2})}}}}}) {
    auto text = EncodeCsv(value);
    REQUIRE_FALSE(text);
    CHECK(text.error().code == Code::kUnsupported);
  }
}

TEST_CASE("numbers are read as Python's float reads them") {
  double value = 0;
  for (const char* text : {" 1.5 ", "+1.5", "15e-1", "1.5\t"}) {
    REQUIRE(ParseFloat(text, value));
    CHECK(value == 1.5);
  }
  for (const char* text : {"inf", "Infinity", "+INF", "1e999"}) {
    REQUIRE(ParseFloat(text, value));
    CHECK(std::isinf(value));
  }
  for (const char* text : {"", " ", "abc", "1.5x", "0x10", "1 2", "+-1", "nan(1)"})
    CHECK_FALSE(ParseFloat(text, value));
}

}  // namespace smhost
