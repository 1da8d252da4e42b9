#include "s3_world.h"

namespace smhost {
namespace {

using Names = std::vector<std::string>;

struct ListsWorld : S3World {
  ListsWorld() {
    Ask("PUT", "/models");
    for (const char* key : {"a/1", "a/2", "a/b/3", "a-", "a0", "b%20c", "z"}) Put(std::string("/models/") + key, key);
  }
  // "Prefix" of the listing itself comes first.
  static Names Prefixes(const KeptAnswer& answer) {
    Names names = answer.Texts("Prefix");
    if (!names.empty()) names.erase(names.begin());
    return names;
  }
};

TEST_CASE_METHOD(ListsWorld, "keys are listed in the order of their bytes, as S3 does and folders do not") {
  KeptAnswer all = Ask("GET", "/models?list-type=2");
  CHECK(all.Texts("Key") == Names{"a-", "a/1", "a/2", "a/b/3", "a0", "b c", "z"});
  CHECK(all.Text("KeyCount") == "7");
  CHECK(all.Text("IsTruncated") == "false");
  CHECK(all.Texts("Size").front() == "2");
  CHECK(Ask("GET", "/models").Texts("Key") == all.Texts("Key"));
}

TEST_CASE_METHOD(ListsWorld, "a delimiter rolls keys up into common prefixes") {
  KeptAnswer top = Ask("GET", "/models?list-type=2&delimiter=%2F");
  CHECK(top.Texts("Key") == Names{"a-", "a0", "b c", "z"});
  CHECK(Prefixes(top) == Names{"a/"});
  CHECK(top.Text("KeyCount") == "5");
  KeptAnswer below = Ask("GET", "/models?list-type=2&delimiter=%2F&prefix=a%2F");
  CHECK(below.Texts("Key") == Names{"a/1", "a/2"});
  CHECK(Prefixes(below) == Names{"a/b/"});
  KeptAnswer other = Ask("GET", "/models?list-type=2&delimiter=b");
  CHECK(Prefixes(other) == Names{"a/b", "b"});
}

TEST_CASE_METHOD(ListsWorld, "a prefix need not end at a folder") {
  CHECK(Ask("GET", "/models?list-type=2&prefix=a").Texts("Key") == Names{"a-", "a/1", "a/2", "a/b/3", "a0"});
  CHECK(Ask("GET", "/models?list-type=2&prefix=a/b").Texts("Key") == Names{"a/b/3"});
  CHECK(Ask("GET", "/models?list-type=2&prefix=nothing").Text("KeyCount") == "0");
}

TEST_CASE_METHOD(ListsWorld, "pages of any size, with and without delimiter, make up the whole") {
  for (const char* delimiter : {"", "/", "b"})
    for (int most = 1; most <= 8; ++most) {
      Names keys, prefixes;
      std::string base = "/models?list-type=2&delimiter=" + S3UrlEncode(delimiter), next = base;
      next += "&max-keys=" + std::to_string(most);
      for (int pages = 0; pages < 20; ++pages) {
        KeptAnswer page = Ask("GET", next);
        REQUIRE(page.status() == 200);
        for (const auto& key : page.Texts("Key")) keys.push_back(key);
        for (const auto& prefix : Prefixes(page)) prefixes.push_back(prefix);
        if (page.Text("IsTruncated") == "false") break;
        CHECK(page.Text("KeyCount") == std::to_string(most));
        std::string token = page.Text("NextContinuationToken");
        next = base + "&max-keys=" + std::to_string(most) + "&continuation-token=" + S3UrlEncode(token);
      }
      KeptAnswer whole = Ask("GET", base);
      CHECK(keys == whole.Texts("Key"));
      CHECK(prefixes == Prefixes(whole));
    }
}

TEST_CASE_METHOD(ListsWorld, "the first version's markers go through all pages too") {
  Names all;
  std::string marker;
  for (int pages = 0; pages < 20; ++pages) {
    KeptAnswer page = Ask("GET", "/models?delimiter=/&max-keys=1&marker=" + S3UrlEncode(marker));
    for (const auto& key : page.Texts("Key")) all.push_back(key);
    for (const auto& prefix : Prefixes(page)) all.push_back(prefix);
    if (page.Text("IsTruncated") == "false") break;
    marker = page.Text("NextMarker");
  }
  CHECK(all == Names{"a-", "a/", "a0", "b c", "z"});
}

TEST_CASE_METHOD(ListsWorld, "start-after begins past a key, there or not") {
  CHECK(Ask("GET", "/models?list-type=2&start-after=a/2").Texts("Key") == Names{"a/b/3", "a0", "b c", "z"});
  CHECK(Ask("GET", "/models?list-type=2&start-after=a/1x").Texts("Key").front() == "a/2");
  CHECK(Ask("GET", "/models?list-type=2&start-after=zz").Texts("Key").empty());
}

TEST_CASE_METHOD(ListsWorld, "keys are encoded where asked for") {
  Put("/models/n%0Al", "x");
  KeptAnswer answer = Ask("GET", "/models?list-type=2&encoding-type=url&prefix=b%20");
  CHECK(answer.Texts("Key") == Names{"b%20c"});
  CHECK(answer.Text("Prefix") == "b%20");
  CHECK(answer.Text("EncodingType") == "url");
  CHECK(Ask("GET", "/models?list-type=2&encoding-type=url&prefix=n").Texts("Key") == Names{"n%0Al"});
  CHECK(ErrorOf(Ask("GET", "/models?encoding-type=base64")) == "400 InvalidArgument");
}

TEST_CASE_METHOD(ListsWorld, "limits and tokens that are none are refused; no page is larger than 1000") {
  CHECK(ErrorOf(Ask("GET", "/models?max-keys=many")) == "400 InvalidArgument");
  CHECK(ErrorOf(Ask("GET", "/models?max-keys=-1")) == "400 InvalidArgument");
  CHECK(ErrorOf(Ask("GET", "/models?list-type=2&continuation-token=!")) == "400 InvalidArgument");
  KeptAnswer none = Ask("GET", "/models?list-type=2&max-keys=0");
  CHECK(none.Texts("Key").empty());
  CHECK(none.Text("IsTruncated") == "false");
  CHECK(Ask("GET", "/models?max-keys=5000").Text("MaxKeys") == "1000");
  CHECK(ErrorOf(Ask("GET", "/missing?list-type=2")) == "404 NoSuchBucket");
}

}  // namespace
}  // namespace smhost
