// The verbs, one file each; a maker gives the verb's table entry, whose options live as long as the entry.
#pragma once

#include <vector>

#include "command.h"

namespace smhost::cli {

Command UpCommand();
Command DownCommand();
Command RestartCommand();
Command StatusCommand();

Command ApplyCommand();
Command DiffCommand();
Command GetCommand();
Command DescribeCommand();
Command DeleteCommand();
Command WaitCommand();
Command RolloutCommand();
Command ScaleCommand();
Command ExposeCommand();

Command InvokeCommand();
Command LogsCommand();
Command EventsCommand();
Command CpCommand();
Command LsCommand();
Command RmCommand();
Command AccountCommand();
Command EnvCommand();
Command UrlCommand();
Command TrustCommand();

Command ExplainCommand();
Command SchemaCommand();
Command DoctorCommand();
Command CompletionCommand();
Command CompleteCommand();  // hidden: what the completions call
Command VersionCommand();
Command HelpCommand();

// All of them, in the order of the help.
std::vector<Command> AllCommands();

}  // namespace smhost::cli
