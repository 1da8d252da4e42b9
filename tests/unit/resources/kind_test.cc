#include "resources/kind.h"

#include <catch2/catch.hpp>

using namespace smhost;

TEST_CASE("a kind is found by word, plural, short word and type") {
  for (const KindInfo& info : Kinds()) {
    CHECK(FindKind(info.word) == info.kind);
    CHECK(FindKind(std::string(info.word) + "s") == info.kind);
    CHECK(FindKind(info.short_word) == info.kind);
    CHECK(FindKind(info.type) == info.kind);
    CHECK(&InfoOf(info.kind) == &info);
  }
}

TEST_CASE("other words are no kind") {
  for (const char* text : {"", "modelss", "end", "AWS::SageMaker", "ms", "endpointconfig", "model/../x"})
    CHECK_FALSE(FindKind(text));
}
