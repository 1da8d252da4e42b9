#include "command.h"

#include <algorithm>

#include "text.h"

namespace smhost::cli {
namespace {

constexpr std::size_t kHelpWidth = 100;

// Pads the left column and wraps the right one under itself.
std::string TwoColumns(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t left = 0;
  for (const auto& row : rows) left = std::max(left, row.first.size());
  left = std::min<std::size_t>(left, 30);
  std::string out;
  for (const auto& [name, help] : rows) {
    std::string line = "  " + name;
    if (name.size() > left) {
      out += line + "\n";
      line.clear();
    }
    line.resize(left + 4, ' ');
    bool first = true;
    for (const auto& part : Wrap(help, kHelpWidth - left - 4)) {
      out += (first ? line : std::string(left + 4, ' ')) + part + "\n";
      first = false;
    }
  }
  return out;
}

std::string OptionWords(const Option& option) {
  std::string words = JoinWords(NamesOf(option), ", ");
  if (words.rfind("--", 0) == 0) words = "    " + words;  // long names stand under each other
  return option.is_flag() ? words : words + " " + option.value;
}

std::string Usage(const Command& command) {
  std::string usage = "usage: smhost " + command.name;
  for (const auto& positional : command.positionals) {
    bool many = std::holds_alternative<std::vector<std::string>*>(positional.target);
    std::string word = positional.name + (many ? "…" : "");
    usage += positional.required ? " " + word : " [" + word + "]";
  }
  for (const auto& option : command.options) {
    std::string name = NamesOf(option).front();
    usage += " [" + name + (option.is_flag() ? "" : " " + option.value) + "]";
  }
  return usage + "\n";
}

std::string Indented(const std::string& text) {
  std::string out;
  for (const auto& line : SplitLines(text)) out += "  " + line + "\n";
  return out;
}

std::string OptionList(const std::vector<Option>& options) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& option : options) rows.emplace_back(OptionWords(option), option.help);
  return TwoColumns(rows);
}

}  // namespace

std::vector<Option> GlobalOptionTable(GlobalOptions& into) {
  return {
      {"--home", "DIR",
       "the state directory; default $SMHOST_HOME, else $XDG_STATE_HOME/smhost, else ~/.local/state/smhost", &into.home,
       Complete::kFolder},
      {"--account", "ID", "act for this account, 12 digits; default 000000000000; `smhost account list` shows them", &into.account,
       Complete::kAccount},
      {"-o,--output", "FORMAT",
       "table (default), json, name, or jsonpath=TEMPLATE such as jsonpath='{.EndpointStatus}'", &into.output,
       Complete::kFormat},
      {"-q,--quiet", "", "no progress and no notes; errors stay", &into.quiet},
      {"--no-color", "", "no colour; also $NO_COLOR, and always when the output is no terminal", &into.no_color},
      {"-h,--help", "", "this text, or that of the verb", &into.help},
      {"--version", "", "the same as the verb version", &into.version},
  };
}

std::vector<std::string> NamesOf(const Option& option) { return SplitText(option.names, ','); }

std::string OverviewHelp(const std::vector<Command>& commands) {
  std::string out =
      "smhost serves machine learning models on this machine as Amazon SageMaker Hosting does in the cloud.\n\n"
      "usage: smhost [OPTION…] VERB …\n";
  std::vector<std::string> groups;
  for (const auto& command : commands)
    if (!command.hidden && std::find(groups.begin(), groups.end(), command.group) == groups.end())
      groups.push_back(command.group);
  for (const auto& group : groups) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const auto& command : commands)
      if (!command.hidden && command.group == group) rows.emplace_back(command.name, command.summary);
    out += "\n" + group + ":\n" + TwoColumns(rows);
  }
  GlobalOptions unused;
  out += "\nOptions, before or after the verb:\n" + OptionList(GlobalOptionTable(unused));
  out +=
      "\nTry:\n  smhost apply -f model.json --wait && smhost invoke my-endpoint --body '[[1, 2, 3]]'\n"
      "  smhost VERB --help       options and an example of a verb\n"
      "  man smhost               everything\n";
  return out;
}

std::string CommandHelp(const Command& command) {
  std::string out = Usage(command) + "\n";
  for (const auto& line : Wrap(command.description.empty() ? command.summary : command.description, kHelpWidth))
    out += line + "\n";
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& positional : command.positionals) rows.emplace_back(positional.name, positional.help);
  if (!rows.empty()) out += "\nArguments:\n" + TwoColumns(rows);
  if (!command.options.empty()) out += "\nOptions:\n" + OptionList(command.options);
  GlobalOptions unused;
  out += "\nOptions of every verb:\n" + OptionList(GlobalOptionTable(unused));
  out += "\nExample:\n" + Indented(command.example);
  return out;
}

}  // namespace smhost::cli
