// The command line's program: reads the words, runs one verb, turns its end into an exit code.
#include <cstdio>
#include <string>
#include <vector>

#include "context.h"
#include "output.h"
#include "parser.h"
#include "state/credentials.h"
#include "state/layout.h"
#include "state/naming.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

// Errors of the words themselves come before the options are known; "-o json" must hold for them too.
OutputOptions GuessedOptions(const std::vector<std::string>& words) {
  OutputOptions options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    bool json = words[i] == "-ojson" || words[i] == "-o=json" || words[i] == "--output=json" ||
                ((words[i] == "-o" || words[i] == "--output") && i + 1 < words.size() && words[i + 1] == "json");
    if (json) options.format = Format::kJson;
  }
  return options;
}

tl::expected<OutputOptions, Failure> OptionsOf(const GlobalOptions& global) {
  auto options = ParseFormat(global.output.starts_with('=') ? global.output.substr(1) : global.output);
  if (!options) return options;
  options->quiet = global.quiet;
  options->no_color = global.no_color;
  return options;
}

// Refuses a state directory that is not ours to use; one that is not there yet is as good as an empty one.
Status CheckReadable(Files& files, const Home& home) {
  Status checked = CheckHome(files, home);
  return checked || checked.error().code == Code::kNotFound ? Status() : checked;
}

// The local account is made when it is first needed; any other must have been made.
Status CheckThere(Files& files, const Home& home, const std::string& account) {
  if (account == kLocalAccount) return {};
  auto credentials = ReadCredentials(files, home);
  if (!credentials && credentials.error().code != Code::kNotFound) return Fail(credentials.error());
  if (credentials && credentials->accounts.count(account) != 0) return {};
  return Fail(Code::kNotFound, "--account " + account + ": there is no such account in " + home.root() +
                                   "; `smhost account list` shows those that there are, `smhost account create NAME --id " + account +
                                   "` makes it");
}

VerbResult RunVerb(const Parsed& parsed, Output& out, const std::vector<Command>& commands) {
  const std::string account = parsed.global.account.empty() ? kLocalAccount : parsed.global.account;
  if (auto valid = CheckAccount(account); !valid)
    return FailUsage("--account " + account + ": an account has twelve digits");
  auto home = Home::Find(parsed.global.home);
  if (!home && parsed.command->needs_home) return tl::unexpected<Failure>(Failure(Exit::kUsage, home.error()));
  Context context(home ? *home : Home("/"), account, out, commands, parsed.raw);
  if (parsed.command->needs_home) {
    SMHOST_TRY_STATUS(CheckReadable(context.files(), context.home()));
    SMHOST_TRY_STATUS(CheckThere(context.files(), context.home(), account));
  }
  return parsed.command->run(context);
}

int Finish(Output& out, VerbResult end) {
  if (!end) {
    out.Complain(end.error());
    return static_cast<int>(end.error().exit);
  }
  out.EndProgress();
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return static_cast<int>(*end);
  out.Complain(Failure(Error{Code::kUnavailable, "standard output: cannot write; is its disk full?", ""}));
  return static_cast<int>(Exit::kFailed);
}

int Main(const std::vector<std::string>& words) {
  std::vector<Command> commands = AllCommands();
  auto parsed = ParseCommandLine(commands, words);
  Output early(GuessedOptions(words));
  if (!parsed) return Finish(early, tl::unexpected<Failure>(parsed.error()));
  auto options = OptionsOf(parsed->global);
  if (!options) return Finish(early, tl::unexpected<Failure>(options.error()));
  Output out(*options);
  if (parsed->global.help) {
    out.Print(parsed->command == nullptr ? OverviewHelp(commands) : CommandHelp(*parsed->command));
    return Finish(out, Exit::kDone);
  }
  if (parsed->command == nullptr && parsed->global.version) {
    for (const Command& command : commands)
      if (command.name == "version") parsed->command = &command;
  }
  if (parsed->command == nullptr) {
    std::fputs(OverviewHelp(commands).c_str(), stderr);
    return static_cast<int>(Exit::kUsage);
  }
  return Finish(out, RunVerb(*parsed, out, commands));
}

}  // namespace
}  // namespace smhost::cli

int main(int argc, char** argv) { return smhost::cli::Main(std::vector<std::string>(argv + 1, argv + argc)); }
