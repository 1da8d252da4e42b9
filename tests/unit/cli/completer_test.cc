#include "completer.h"

#include <catch2/catch.hpp>

#include "context.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

std::vector<std::string> Offered(const std::vector<std::string>& words) {
  NameSources sources;
  sources.resources = [](const std::string& kind) {
    return kind == "endpoint" || kind == "ep" ? std::vector<std::string>{"vad", "voice"}
                                              : std::vector<std::string>{"m1"};
  };
  sources.variants = [](const std::string& endpoint) {
    return std::vector<std::string>{endpoint + "-blue", endpoint + "-green"};
  };
  sources.accounts = [] { return std::vector<std::string>{"000000000000", "123456789012"}; };
  sources.objects = [](const std::string&) { return std::vector<std::string>{"s3://models/"}; };
  sources.files = [](const std::string& begun, bool folders_only) {
    return folders_only ? std::vector<std::string>{"dir/"} : std::vector<std::string>{begun + "file.json", "dir/"};
  };
  std::vector<std::string> offered;
  for (const Candidate& candidate : CompleteWords(AllCommands(), words, sources)) offered.push_back(candidate.word);
  return offered;
}

using Words = std::vector<std::string>;

TEST_CASE("verbs are offered, the hidden ones not") {
  CHECK(Offered({"de"}) == Words{"describe", "delete"});
  Words all = Offered({""});
  CHECK(std::find(all.begin(), all.end(), "apply") != all.end());
  CHECK(std::find(all.begin(), all.end(), "__complete") == all.end());
}

TEST_CASE("kinds come first, then the names that there are of the kind") {
  CHECK(Offered({"get", "endpoint"}) == Words{"endpoint-config", "endpoint"});
  CHECK(Offered({"get", "endpoint", ""}) == Words{"vad", "voice"});
  CHECK(Offered({"describe", "m", ""}) == Words{"m1"});
  CHECK(Offered({"get", "endpoint", "vad", ""}).empty());
}

TEST_CASE("what a verb does with an endpoint comes before the endpoint") {
  CHECK(Offered({"rollout", ""}) == Words{"status", "history", "undo", "abort"});
  CHECK(Offered({"rollout", "un"}) == Words{"undo"});
  CHECK(Offered({"rollout", "undo", "vo"}) == Words{"voice"});
  CHECK(Offered({"rollout", "undo", "voice", "--to"}) == Words{"--to-revision"});
  CHECK(Offered({"scale", "v"}) == Words{"vad", "voice"});
  CHECK(Offered({"scale", "vad", "--variant", ""}) == Words{"vad-blue", "vad-green"});
}

TEST_CASE("accounts are offered where one is named") {
  CHECK(Offered({"account", "de"}) == Words{"describe", "delete"});
  CHECK(Offered({"account", "delete", "12"}) == Words{"123456789012"});
  CHECK(Offered({"get", "--account", ""}) == Words{"000000000000", "123456789012"});
  CHECK(Offered({"account", "create", "--po"}) == Words{"--policy"});
}

TEST_CASE("options that take a value are passed over to find the position") {
  CHECK(Offered({"--home", "/h", "-o", "json", "describe", "ep", "vo"}) == Words{"voice"});
  CHECK(Offered({"invoke", "--body", "x", "v"}) == Words{"vad", "voice"});
}

TEST_CASE("the value of an option is completed as what it is") {
  CHECK(Offered({"wait", "ep", "vad", "--for", "in"}) == Words{"InService"});
  CHECK(Offered({"logs", "vad", "--variant", ""}) == Words{"vad-blue", "vad-green"});
  CHECK(Offered({"get", "-o", "j"}) == Words{"json", "jsonpath="});
  CHECK(Offered({"get", "--output=n"}) == Words{"--output=name"});
  CHECK(Offered({"--home", ""}) == Words{"dir/"});
  CHECK(Offered({"invoke", "vad", "--body", "@f"}) == Words{"@ffile.json"});
}

TEST_CASE("option names are offered once a hyphen stands there") {
  CHECK(Offered({"delete", "--"}) == Words{"--file", "--param", "--wait", "--timeout", "--home", "--account",
                                           "--output", "--quiet", "--no-color", "--help", "--version"});
  CHECK(Offered({"apply", "--no"}) == Words{"--no-start", "--no-color"});
}

TEST_CASE("properties are offered level by level, from the schemas") {
  CHECK(Offered({"explain", "endp"}) == Words{"endpoint-config.", "endpoint."});
  CHECK(Offered({"explain", "endpoint-config.ProductionVariants.InstanceT"}) ==
        Words{"endpoint-config.ProductionVariants.InstanceType"});
  CHECK(Offered({"explain", "endpoint-config.NoSuch."}).empty());
}

TEST_CASE("addresses and files are offered where both may stand") {
  CHECK(Offered({"cp", "s3"}) == Words{"s3://models/", "s3file.json"});
}

TEST_CASE("the home among the words is found in both spellings") {
  CHECK(ValueAmong({"--home", "/a", "get", ""}, "--home") == "/a");
  CHECK(ValueAmong({"get", "--home=/b", ""}, "--home") == "/b");
  CHECK(ValueAmong({"get", "--home"}, "--home") == "");
}

}  // namespace
}  // namespace smhost::cli
