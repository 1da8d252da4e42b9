#include "verbs.h"

namespace smhost::cli {

std::vector<Command> AllCommands() {
  return {UpCommand(), DownCommand(), RestartCommand(), StatusCommand(), ApplyCommand(),
          DiffCommand(), GetCommand(), DescribeCommand(), DeleteCommand(), WaitCommand(),
          RolloutCommand(), ScaleCommand(), ExposeCommand(), InvokeCommand(), LogsCommand(), EventsCommand(),
          AccountCommand(), EnvCommand(), UrlCommand(), TrustCommand(), CpCommand(), LsCommand(), RmCommand(),
          ExplainCommand(), SchemaCommand(), DoctorCommand(), CompletionCommand(), HelpCommand(),
          VersionCommand(), CompleteCommand()};
}

}  // namespace smhost::cli
