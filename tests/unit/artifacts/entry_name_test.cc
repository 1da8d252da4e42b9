#include "artifacts/entry_name.h"

#include <catch2/catch.hpp>

#include "artifacts/unpack_limits.h"

using namespace smhost;

namespace {
Error Refusal(std::string_view name, const UnpackLimits& limits = {}) {
  auto path = CheckEntryName(name, limits);
  INFO(QuoteName(name));
  REQUIRE_FALSE(path);
  return path.error();
}
}  // namespace

TEST_CASE("dots and a closing slash are taken away") {
  struct { const char* name; const char* path; } rows[] = {
      {"model.pt", "model.pt"}, {"./model.pt", "model.pt"}, {"a/b/", "a/b"},       {"././a/./b", "a/b"},
      {"./", ""},               {".", ""},                  {"..a/b..", "..a/b.."}, {"...", "..."},
      {"ä/模型.pt", "ä/模型.pt"}, {"a b", "a b"}};
  for (const auto& row : rows) CHECK(CheckEntryName(row.name, {}).value() == row.path);
}

TEST_CASE("a name that leads out of the archive is refused") {
  for (const char* name : {"..", "../x", "a/../x", "a/..", "./../x", "a/../../x"})
    CHECK_THAT(Refusal(name).message, Catch::Contains("climbs"));
  for (const char* name : {"/", "/etc/passwd", "//x"}) CHECK_THAT(Refusal(name).message, Catch::Contains("absolute"));
}

TEST_CASE("a name that is not plain UTF-8 is refused") {
  using namespace std::string_view_literals;
  for (auto name : {"a\0b"sv, "a\nb"sv, "a\x7f"sv, "\x1b[2J"sv, "a\xc2\x85"sv, "\xff"sv, "\xc0\xaf"sv, "\xed\xa0\x80"sv,
                    "\xe0\x80\x80"sv, "\xf4\x90\x80\x80"sv, "\xf0\x80\x80\x80"sv, "a\xc3"sv, "\x80"sv})
    CHECK_THAT(Refusal(name).message, Catch::Contains("control character or is no UTF-8"));
  CHECK_THAT(Refusal("a\\b").message, Catch::Contains("backslash"));
}

TEST_CASE("an empty name or part is refused") {
  CHECK_THAT(Refusal("").message, Catch::Contains("no name"));
  CHECK_THAT(Refusal("a//b").message, Catch::Contains("empty part"));
  CHECK_THAT(Refusal("a//").message, Catch::Contains("empty part"));
}

TEST_CASE("lengths and depth are exact") {
  UnpackLimits limits{.depth = 3, .name_bytes = 20, .component_bytes = 10};
  CHECK(CheckEntryName("aaaaaaaaaa", limits));
  CHECK(Refusal("aaaaaaaaaaa", limits).code == Code::kTooLarge);
  CHECK(CheckEntryName("aaaaaaaaaa/bbbbbbbbb", limits));
  CHECK(Refusal("aaaaaaaaaa/bbbbbbbbbb", limits).code == Code::kTooLarge);
  CHECK(CheckEntryName("a/b/c", limits));
  CHECK(CheckEntryName("./a/b/c/", limits));
  CHECK_THAT(Refusal("a/b/c/d", limits).message, Catch::Contains("3 folders deep"));
}

TEST_CASE("a quoted name is fit for a terminal") {
  CHECK(QuoteName("model.pt") == "'model.pt'");
  CHECK(QuoteName(std::string_view("a\0\x1b[2J\xff", 7)) == "'a\\x00\\x1b[2J\\xff'");
  CHECK(QuoteName("ü") == "'ü'");
  CHECK(QuoteName(std::string(5000, 'x')).size() < 220);
}
