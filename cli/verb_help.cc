// help and version.
#include <memory>

#include "context.h"
#include "text.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

VerbResult Help(Context& context, const std::string& verb) {
  if (verb.empty()) {
    context.out().Print(OverviewHelp(context.commands()));
    return Exit::kDone;
  }
  std::vector<std::string> verbs;
  for (const Command& command : context.commands()) {
    if (command.name == verb && !command.hidden) {
      context.out().Print(CommandHelp(command));
      return Exit::kDone;
    }
    if (!command.hidden) verbs.push_back(command.name);
  }
  return FailUsage("there is no verb \"" + verb + "\"" + Suggestion(verb, verbs));
}

VerbResult Version(Context& context) {
  SMHOST_TRY_STATUS(context.out().Show({{"Version", SMHOST_VERSION}}, {SMHOST_VERSION},
                                       [] { return "smhost " SMHOST_VERSION "\n"; }));
  return Exit::kDone;
}

}  // namespace

Command HelpCommand() {
  auto verb = std::make_shared<std::string>();
  Command command;
  command.name = "help";
  command.group = "Help and set-up";
  command.summary = "the list of verbs, or the help of one";
  command.description = "The same as smhost --help and smhost VERB --help.";
  command.example = "smhost help apply";
  command.positionals = {{"VERB", "the verb to explain", verb.get(), false, Complete::kVerb}};
  command.needs_home = false;
  command.run = [verb](Context& context) { return Help(context, *verb); };
  return command;
}

Command VersionCommand() {
  Command command;
  command.name = "version";
  command.group = "Help and set-up";
  command.summary = "print the version";
  command.description = "Prints the version of this program; `smhost status` shows that of the runtime.";
  command.example = "smhost version";
  command.needs_home = false;
  command.run = Version;
  return command;
}

}  // namespace smhost::cli
