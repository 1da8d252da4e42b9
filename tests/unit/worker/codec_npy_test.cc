#include <catch2/catch.hpp>

#include "worker/codec_formats.h"

namespace smhost {
namespace {

std::string Npy(const std::string& header, const std::string& data, int version = 1) {
  std::string out = "\x93NUMPY";
  out += static_cast<char>(version);
  out += '\0';
  std::size_t size = header.size();
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) out += static_cast<char>(size >> (8 * i) & 0xff);
  return out + header + data;
}
std::string Header(const std::string& descr, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape +
         ", }\n";
}
template <typename T>
std::string Bytes(std::vector<T> values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}
std::string Refusal(const std::string& body) {
  auto tensor = DecodeNpy(body);
  REQUIRE_FALSE(tensor);
  CHECK(tensor.error().code == Code::kInvalid);
  return tensor.error().message;
}
using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("npy keeps its type and shape in versions 1 to 3") {
  for (int version : {1, 2, 3}) {
    auto tensor = DecodeNpy(Npy(Header("<i2", "(2, 3)"), Bytes<std::int16_t>({1, -2, 3, 4, 5, 6}), version));
    REQUIRE(tensor);
    CHECK(Describe(*tensor) == "int16[2, 3]");
    CHECK(tensor->At(1) == -2);
  }
  CHECK(Describe(*DecodeNpy(Npy(Header("|b1", "()"), "\1"))) == "bool[]");
  CHECK(Describe(*DecodeNpy(Npy(Header("<f8", "(0, 4)"), ""))) == "float64[0, 4]");
  CHECK(Describe(*DecodeNpy(Npy(Header("<f2", "(1,)"), std::string(2, 0)))) == "float16[1]");
}

TEST_CASE("npy in the other byte order and in column order is turned round") {
  auto big = DecodeNpy(Npy(Header(">i4", "(2,)"), std::string("\0\0\0\1\0\0\1\0", 8)));
  REQUIRE(big);
  CHECK(big->At(0) == 1);
  CHECK(big->At(1) == 256);
  auto columns = DecodeNpy(Npy(Header("<f4", "(2, 3)", true), Bytes<float>({1, 4, 2, 5, 3, 6})));
  REQUIRE(columns);
  std::vector<double> values;
  for (int i = 0; i < 6; ++i) values.push_back(columns->At(i));
  CHECK(values == std::vector<double>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("npy that lies about its size is refused") {
  CHECK_THAT(Refusal(Npy(Header("<f4", "(3,)"), std::string(8, 'x'))), Contains("more bytes than the 8"));
  CHECK_THAT(Refusal(Npy(Header("<f8", "(4611686018427387904, 4)"), "")), Contains("more bytes"));
  CHECK_THAT(Refusal(Npy(Header("<f8", "(-1,)"), "")), Contains("shape"));
  CHECK_THAT(Refusal(Npy(Header("<f8", "(99999999999999999999,)"), "")), Contains("shape"));
}

TEST_CASE("npy with objects, structures or a broken header is refused") {
  CHECK_THAT(Refusal(Npy(Header("|O", "(1,)"), "x")), Contains("'|O'"));
  CHECK_THAT(Refusal(Npy(Header("<c8", "(1,)"), std::string(8, 'x'))), Contains("'<c8'"));
  CHECK_THAT(Refusal(Npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "xxxx")),
             Contains("structure"));
  CHECK_THAT(Refusal(Npy("{'descr': '<f4', 'shape': (1,), }", "xxxx")), Contains("lacks"));
  CHECK_THAT(Refusal(Npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "xxxx")),
             Contains("descr"));
  CHECK_THAT(Refusal(Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1", "xxxx")), Contains("shape"));
  CHECK_THAT(Refusal("\x93NUMPX and more text"), Contains("begin"));
  CHECK_THAT(Refusal(""), Contains("begin"));
  CHECK_THAT(Refusal(Npy(Header("<f4", "(1,)"), "xxxx", 9)), Contains("version"));
}

TEST_CASE("every cut of an npy file is refused without harm") {
  std::string whole = Npy(Header("<f4", "(2, 2)"), Bytes<float>({1, 2, 3, 4}));
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(DecodeNpy(whole.substr(0, size)));
  CHECK(DecodeNpy(whole));
}

TEST_CASE("an answer in npy has the type that numpy makes of a list, and reads back") {
  Tensor floats{DType::kF32, {2, 1}, Bytes<float>({0.5f, -1})};
  for (auto [made, wanted] : {std::pair{DType::kF32, "float64[2, 1]"},
                              {DType::kI32, "int64[2, 1]"},
                              {DType::kBool, "bool[2, 1]"},
                              {DType::kF16, "float64[2, 1]"},
                              {DType::kU8, "int64[2, 1]"}}) {
    auto bytes = EncodeNpy({Cast(floats, made)});
    REQUIRE(bytes);
    CHECK((bytes->size() - SizeOf(*DTypeNamed(std::string(wanted).substr(0, std::string(wanted).find('[')))) * 2) %
              64 ==
          0);
    auto back = DecodeNpy(*bytes);
    REQUIRE(back);
    CHECK(Describe(*back) == wanted);
  }
  CHECK(DecodeNpy(*EncodeNpy({floats}))->At(0) == 0.5);
}

TEST_CASE("lists of equal shapes are stacked, numbers of both kinds become floats") {
  auto stacked = AsArray(
      {List{{Value{List{{Value{std::int64_t{1}}, Value{2.5}}}}, Value{List{{Value{true}, Value{std::int64_t{4}}}}}}}});
  REQUIRE(stacked);
  CHECK(Describe(*stacked) == "float64[2, 2]");
  CHECK(stacked->At(2) == 1);
}

}  // namespace smhost
