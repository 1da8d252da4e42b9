// A verb as data: its words, options, help and what completes them. The parser, the help texts, the completions and the
// test of the man page all read the same table, so none of them can know a verb or an option that the others do not.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "exit.h"

namespace smhost::cli {

class Context;

// What a shell may offer for a value.
enum class Complete {
  kNothing,
  kFile,
  kFolder,
  kKind,
  kName,
  kEndpoint,
  kVariant,
  kStatus,
  kFormat,
  kProperty,
  kObject,
  kAccount,
  kShell,
  kVerb,
  kChoice  // one of Positional::choices
};

// Where a value goes: which of these it is decides how its text is read.
using Target = std::variant<bool*, std::string*, std::vector<std::string>*, std::optional<int>*,
                            std::optional<double>*, std::optional<std::chrono::milliseconds>*>;

struct Option {
  std::string names;  // "-f,--file"
  std::string value;  // "FILE"; empty for a flag
  std::string help;
  Target target;
  Complete complete = Complete::kNothing;

  bool is_flag() const { return std::holds_alternative<bool*>(target); }
};

struct Positional {
  std::string name;  // "KIND"
  std::string help;
  Target target;
  bool required = true;
  Complete complete = Complete::kNothing;
  std::vector<std::string> choices;
};

struct Command {
  std::string name;
  std::string group;        // the heading of `smhost --help` that it stands under
  std::string summary;      // one line, no full stop
  std::string description;  // a paragraph or two
  std::string example;      // lines that can be typed
  std::vector<Positional> positionals;
  std::vector<Option> options;
  bool hidden = false;
  bool needs_home = true;  // reads or writes the state directory
  bool raw = false;        // takes every word after the verb as it is, options too
  std::function<VerbResult(Context&)> run;
};

struct GlobalOptions {
  std::string home, account, output;
  bool quiet = false, no_color = false, help = false, version = false;
};

// The options that every verb takes, before it or after it.
std::vector<Option> GlobalOptionTable(GlobalOptions& into);

// The names of an option, one by one: {"-f", "--file"}.
std::vector<std::string> NamesOf(const Option& option);

std::string OverviewHelp(const std::vector<Command>& commands);
std::string CommandHelp(const Command& command);

}  // namespace smhost::cli
