// The command line's table is what the help and the completions are made of; the man page is written by hand.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "context.h"
#include "resources/effects.h"
#include "resources/settings.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

// The page's text without its markup: "\-" is a hyphen, "\&" is nothing.
std::string Page(const std::string& name) {
  auto path = std::filesystem::path(SMHOST_SOURCES) / "man" / name;
  std::ifstream file(path);
  REQUIRE(file);
  std::string raw((std::istreambuf_iterator<char>(file)), {}), text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\' || i + 1 == raw.size()) {
      text += raw[i];
    } else if (raw[i + 1] == '-') {
      text += '-';
      ++i;
    } else if (raw[i + 1] == '&') {
      ++i;
    } else if (raw[i + 1] == 'f' && i + 2 < raw.size()) {
      i += 2;
    } else {
      text += raw[i];
    }
  }
  return text;
}

TEST_CASE("the man page has every verb and every option that the help has") {
  std::string page = Page("smhost.1");
  for (const Command& command : AllCommands()) {
    if (command.hidden) continue;
    INFO(command.name);
    std::size_t begin = page.find("\n.SS " + command.name + "\n");
    REQUIRE(begin != std::string::npos);
    std::string section = page.substr(begin, page.find("\n.S", begin + 1) - begin);
    for (const Option& option : command.options) {
      INFO(option.names);
      for (const auto& name : NamesOf(option)) CHECK(section.find(name) != std::string::npos);
      if (!option.is_flag()) CHECK(section.find(option.value) != std::string::npos);
    }
    for (const Positional& positional : command.positionals) {
      INFO(positional.name);
      CHECK(section.find(positional.name.substr(0, positional.name.find("[")).substr(0, 5)) != std::string::npos);
    }
  }
  GlobalOptions unused;
  for (const Option& option : GlobalOptionTable(unused))
    for (const auto& name : NamesOf(option)) CHECK(page.find(name) != std::string::npos);
}

TEST_CASE("the man page has no verb that the program has not") {
  std::string page = Page("smhost.1");
  std::set<std::string> verbs;
  for (const Command& command : AllCommands()) verbs.insert(command.name);
  std::size_t begin = page.find("\n.SH VERBS"), end = page.find("\n.SH ", begin + 5);
  REQUIRE(begin != std::string::npos);
  for (std::size_t at = page.find("\n.SS ", begin); at < end; at = page.find("\n.SS ", at + 1)) {
    std::string word = page.substr(at + 5, page.find('\n', at + 5) - at - 5);
    CHECK(verbs.count(word) == 1);
  }
}

TEST_CASE("the man page lists every property without effect and every setting") {
  std::string page = Page("smhost.1");
  for (const UnbuiltProperty& property : UnbuiltProperties()) {
    INFO(property.path);
    CHECK(page.find(property.path) != std::string::npos);
  }
  for (const Setting& setting : Settings()) {
    INFO(setting.key);
    CHECK(page.find(setting.key) != std::string::npos);
  }
}

TEST_CASE("every verb says what it does and has an example that begins with the program or a pipe to it") {
  for (const Command& command : AllCommands()) {
    INFO(command.name);
    CHECK_FALSE(command.summary.empty());
    CHECK(command.example.find("smhost " + command.name) != std::string::npos);
    CHECK((command.hidden || !command.description.empty()));
  }
}

}  // namespace
}  // namespace smhost::cli
