#include "base/json_object.h"

#include <catch2/catch.hpp>

using namespace smhost;

TEST_CASE("an object of its members is the object that braces make") {
  const std::string word = "a word that is longer than any that lies in its string";
  const Json braces = {{"n", 1}, {"a", word}, {"list", Json::array({1, 2})}, {"nothing", nullptr}};
  CHECK(ObjectOf({{"n", 1}, {"a", word}, {"list", Json::array({1, 2})}, {"nothing", nullptr}}) == braces);
  CHECK(ObjectOf({{"n", 1}, {"n", 2}}) == Json({{"n", 1}, {"n", 2}}));
  CHECK(ObjectOf({{"two", "texts"}}) == Json::parse(R"({"two":"texts"})"));
  CHECK(ObjectOf({}) == Json::object());
}
