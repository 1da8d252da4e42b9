#include "parser.h"

#include <catch2/catch.hpp>

#include "context.h"

namespace smhost::cli {
namespace {

using namespace std::chrono_literals;

// Two verbs that take one of each.
struct Fixture {
  std::string kind, name, body;
  std::vector<std::string> files;
  bool wait = false;
  std::optional<int> tail;
  std::optional<double> weight;
  std::string action;
  std::optional<std::chrono::milliseconds> timeout;
  std::vector<Command> commands;

  Fixture() {
    Command get;
    get.name = "get";
    get.positionals = {{"KIND", "", &kind}, {"NAME", "", &name, false}};
    get.options = {{"-f,--file", "FILE", "", &files},
                   {"-b,--body", "TEXT", "", &body},
                   {"-w,--wait", "", "", &wait},
                   {"--tail", "N", "", &tail},
                   {"--weight", "W", "", &weight},
                   {"--timeout", "SPAN", "", &timeout}};
    commands.push_back(get);
    Command status;
    status.name = "status";
    commands.push_back(status);
    Command rollout;
    rollout.name = "rollout";
    rollout.positionals = {{"ACTION", "", &action, true, Complete::kChoice, {"status", "undo"}}};
    commands.push_back(rollout);
    Command raw;
    raw.name = "__complete";
    raw.raw = raw.hidden = true;
    commands.push_back(raw);
  }

  Parsed Good(const std::vector<std::string>& words) {
    auto parsed = ParseCommandLine(commands, words);
    if (!parsed) FAIL(parsed.error().error.message);
    return *parsed;
  }
  std::string Bad(const std::vector<std::string>& words) {
    auto parsed = ParseCommandLine(commands, words);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().exit == Exit::kUsage);
    return parsed.error().error.message;
  }
};

TEST_CASE_METHOD(Fixture, "global options stand before or after the verb") {
  Parsed before = Good({"--home", "/h", "-o", "json", "get", "model"});
  CHECK(before.command->name == "get");
  CHECK((before.global.home == "/h" && before.global.output == "json"));
  Parsed after = Good({"get", "model", "--home=/h", "-q", "--account", "123456789012"});
  CHECK((after.global.home == "/h" && after.global.quiet && after.global.account == "123456789012"));
}

TEST_CASE_METHOD(Fixture, "positionals are taken in order, and one that looks like a verb is a name") {
  Good({"get", "model", "status"});
  CHECK((kind == "model" && name == "status"));
}

TEST_CASE_METHOD(Fixture, "a list option takes one word each time it stands there") {
  Good({"get", "-f", "a", "model", "-f", "-", "vad"});
  CHECK(files == std::vector<std::string>{"a", "-"});
  CHECK((kind == "model" && name == "vad"));
}

TEST_CASE_METHOD(Fixture, "a value may begin with a hyphen") {
  Good({"get", "m", "--body", "-1,2"});
  CHECK(body == "-1,2");
  Good({"get", "m", "--body=-3"});
  CHECK(body == "-3");
}

TEST_CASE_METHOD(Fixture, "numbers and spans are read") {
  Good({"get", "m", "--tail", "5", "--timeout", "2m", "-w"});
  CHECK((tail == 5 && timeout == 120s && wait));
  CHECK(Bad({"get", "m", "--tail", "many"}) == "--tail wants a whole number of 0 or more, not \"many\"");
  CHECK(Bad({"get", "m", "--timeout", "soon"}).find("--timeout wants a span of time") == 0);
}

TEST_CASE_METHOD(Fixture, "wrong words are named, with what could be meant") {
  CHECK(Bad({"gett"}) == "there is no verb \"gett\"; did you mean get?");
  CHECK(Bad({"get", "m", "--tial", "3"}) == "unknown option --tial for get; did you mean --tail?");
  CHECK(Bad({"get", "m", "n", "more"}) == "get: \"more\" is one argument too many; see smhost get --help");
  CHECK(Bad({"get"}) == "get: KIND is missing; see smhost get --help");
  CHECK(Bad({"get", "m", "--tail"}) == "--tail needs a value; see smhost get --help");
  CHECK(Bad({"__completed"}) == "there is no verb \"__completed\"; see smhost --help");
}

TEST_CASE_METHOD(Fixture, "help asks for nothing else") {
  Parsed parsed = Good({"get", "--help"});
  CHECK((parsed.global.help && parsed.command->name == "get"));
  CHECK(Good({"-h"}).command == nullptr);
}

TEST_CASE_METHOD(Fixture, "a raw verb gets every word after it as it is") {
  Parsed parsed = Good({"__complete", "get", "--home", "/h", "--unknown", ""});
  CHECK(parsed.raw == std::vector<std::string>{"get", "--home", "/h", "--unknown", ""});
}

TEST_CASE_METHOD(Fixture, "a number may have a fraction where it is a weight, and is nothing else than a number") {
  Good({"get", "model", "--weight", "0.25"});
  CHECK(weight == 0.25);
  for (const char* bad : {"-1", "x", "1x", "nan", "inf", ""})
    CHECK(Bad({"get", "model", std::string("--weight=") + bad}).find("--weight") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "a word that must be one of a few is one of them, though a verb has that name") {
  Good({"rollout", "status"});
  CHECK(action == "status");
  CHECK(Bad({"rollout", "und"}) == "rollout: there is no ACTION \"und\"; there are status, undo; did you mean undo?");
}

}  // namespace
}  // namespace smhost::cli
