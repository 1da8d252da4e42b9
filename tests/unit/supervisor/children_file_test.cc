#include "supervisor/children_file.h"

#include <catch2/catch.hpp>

#include "fakes/fake_files.h"

using namespace smhost;

namespace {

const std::vector<ChildRecord> kTwo = {{"gateway", {4711, 123456789, "boot-1"}},
                                       {"controller", {4712, 123456790, "boot-1"}}};

}  // namespace

TEST_CASE("what was written about the children is read again") {
  FakeFiles files;
  REQUIRE(files.MakeFolders("/home/run", 0700));
  REQUIRE(WriteChildren(files, "/home/run/children.json", kTwo));
  CHECK(*ReadChildren(files, "/home/run/children.json") == kTwo);
  REQUIRE(WriteChildren(files, "/home/run/children.json", {}));
  CHECK(ReadChildren(files, "/home/run/children.json")->empty());
}

TEST_CASE("where nothing was written there are no children") {
  FakeFiles files;
  auto children = ReadChildren(files, "/home/run/children.json");
  REQUIRE(children);
  CHECK(children->empty());
}

TEST_CASE("text that names no process beyond doubt is refused, so that no signal goes astray") {
  for (const char* text : {
           "", "{}", "[]", "{\"children\":{}}", "{\"children\":[{}]}", "{\"children\":[1]}",
           R"({"children":[{"role":"gateway","pid":0,"start_time":5,"boot_id":"b"}]})",
           R"({"children":[{"role":"gateway","pid":1,"start_time":5,"boot_id":"b"}]})",
           R"({"children":[{"role":"gateway","pid":-1,"start_time":5,"boot_id":"b"}]})",
           R"({"children":[{"role":"gateway","pid":4711,"boot_id":"b"}]})",
           R"({"children":[{"role":"gateway","pid":4711,"start_time":5}]})",
           R"({"children":[{"role":"gateway","pid":"4711","start_time":5,"boot_id":"b"}]})",
       }) {
    INFO(text);
    auto children = DecodeChildren(text, "/home/run/children.json");
    REQUIRE_FALSE(children);
    CHECK_THAT(children.error().message, Catch::Contains("/home/run/children.json"));
  }
}

TEST_CASE("cut at any byte, the file is refused instead of read in part") {
  std::string whole = EncodeChildren(kTwo);
  for (std::size_t n = 0; n + 2 < whole.size(); ++n) CHECK_FALSE(DecodeChildren(whole.substr(0, n), "children"));
}
