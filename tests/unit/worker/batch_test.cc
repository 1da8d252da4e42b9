#include "worker/batch.h"

#include <catch2/catch.hpp>

namespace smhost {
namespace {
Tensor Bytes(std::vector<std::int64_t> shape, const std::string& bytes) {
  return {DType::kU8, std::move(shape), bytes};
}
Arguments One(Tensor tensor) {
  Arguments arguments;
  arguments.push_back(Value{std::move(tensor)});
  return arguments;
}
}  // namespace

TEST_CASE("one tensor of the same type and row can be joined, nothing else") {
  Arguments row = One(Bytes({1, 2}, "ab"));
  CHECK(CanJoin(row, One(Bytes({2, 2}, "cdef"))));
  CHECK_FALSE(CanJoin(row, One(Bytes({1, 3}, "cde"))));
  CHECK_FALSE(CanJoin(row, One(Bytes({2}, "cd"))));
  CHECK_FALSE(CanJoin(row, One({DType::kI8, {1, 2}, "cd"})));
  CHECK_FALSE(CanJoin(row, One(Bytes({0, 2}, ""))));
  CHECK_FALSE(CanJoin(One(Bytes({}, "a")), One(Bytes({}, "b"))));
  Arguments two = row;
  two.push_back(Value{std::int64_t{1}});
  CHECK_FALSE(CanJoin(two, two));
  Arguments text;
  text.push_back(Value{std::string("a")});
  CHECK_FALSE(CanJoin(text, text));
}

TEST_CASE("joined rows are split again in the same order") {
  Arguments a = One(Bytes({1, 2}, "ab")), b = One(Bytes({2, 2}, "cdef"));
  Arguments joined = Join({&a, &b});
  const Tensor& tensor = *joined[0]->As<Tensor>();
  CHECK(Describe(tensor) == "uint8[3, 2]");
  CHECK(tensor.bytes == "abcdef");
  auto parts = Split(Value{tensor}, {1, 2});
  REQUIRE(parts);
  CHECK((*parts)[0].As<Tensor>()->bytes == "ab");
  CHECK((*parts)[1].As<Tensor>()->bytes == "cdef");
  CHECK((*parts)[1].As<Tensor>()->shape == std::vector<std::int64_t>{2, 2});
}

TEST_CASE("structures of tensors are split in each of their parts") {
  Dictionary answer;
  answer.items.emplace_back(Value{std::string("y")}, Value{Bytes({2}, "ab")});
  answer.items.emplace_back(Value{std::string("z")}, Value{List{{Value{Bytes({2, 1}, "cd")}}}});
  auto parts = Split(Value{answer}, {1, 1});
  REQUIRE(parts);
  const auto& second = (*parts)[1].As<Dictionary>()->items;
  CHECK(second[0].second.As<Tensor>()->bytes == "b");
  CHECK(second[1].second.As<List>()->items[0].As<Tensor>()->bytes == "d");
}

TEST_CASE("an answer that does not have a row for each is not split") {
  CHECK_FALSE(Split(Value{Bytes({3}, "abc")}, {1, 1}));
  CHECK_FALSE(Split(Value{Bytes({}, "a")}, {1, 1}));
  CHECK_FALSE(Split(Value{std::int64_t{1}}, {1, 1}));
  CHECK_FALSE(Split(Value{List{{Value{Bytes({2}, "ab")}, Value{1.5}}}}, {1, 1}));
}

}  // namespace smhost
