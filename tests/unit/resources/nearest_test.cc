#include "resources/nearest.h"

#include <catch2/catch.hpp>

using namespace smhost;

TEST_CASE("the candidate with the fewest edits is meant, case aside") {
  CHECK(Nearest("modle", {"model", "endpoint"}) == "model");
  CHECK(Nearest("MODELNAME", {"ModelName"}) == "ModelName");
  CHECK(DidYouMean("modle", {"model"}) == "; did you mean model?");
}

TEST_CASE("nothing is meant where nothing is near") {
  CHECK(Nearest("zebra", {"model", "endpoint"}).empty());
  CHECK(Nearest("", {"a"}).empty());
  CHECK(Nearest("x", {}).empty());
  CHECK(Nearest(std::string(1 << 20, 'm'), {"model"}).empty());
  CHECK(DidYouMean("zebra", {"model"}).empty());
}
