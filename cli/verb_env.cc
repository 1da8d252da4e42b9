#include "context.h"
#include "runtime_control.h"
#include "state/credentials.h"
#include "state/layout.h"
#include "text.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

VerbResult Env(Context& context) {
  SMHOST_TRY(std::string url, RuntimeUrl(context));
  SMHOST_TRY_STATUS(PrepareHome(context.files(), context.home()));
  SMHOST_TRY(Credentials credentials, EnsureCredentials(context.files(), context.clock(), context.home()));
  if (!credentials.quarantined.empty())
    context.out().Warn("the credentials were damaged and are new now; the old file lies at " + credentials.quarantined);
  const std::vector<std::pair<std::string, std::string>> variables = {
      {"AWS_ENDPOINT_URL", url},
      {"AWS_ACCESS_KEY_ID", credentials.local().root.id},
      {"AWS_SECRET_ACCESS_KEY", credentials.local().root.secret},
      {"AWS_DEFAULT_REGION", context.region()}};
  Json value;
  std::vector<std::string> names;
  std::string text = "# Run: eval \"$(smhost env)\"\n";
  for (const auto& [name, content] : variables) {
    value[name] = content;
    names.push_back(name);
    text += "export " + name + "=" + ShellQuoted(content) + "\n";
  }
  SMHOST_TRY_STATUS(context.out().Show(value, names, [&] { return text; }));
  return Exit::kDone;
}

VerbResult Url(Context& context) {
  SMHOST_TRY(std::string url, RuntimeUrl(context));
  SMHOST_TRY_STATUS(context.out().Show({{"Url", url}}, {url}, [&] { return url + "\n"; }));
  return Exit::kDone;
}

}  // namespace

Command EnvCommand() {
  Command command;
  command.name = "env";
  command.group = "Use";
  command.summary = "shell lines that point clients at the runtime";
  command.description =
      "Prints lines for a POSIX shell that export AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
      "AWS_DEFAULT_REGION. The secrets are this machine's own; they have no meaning at AWS. Requests over TCP are signed with "
      "them, as AWS's clients do (Signature Version 4).";
  command.example =
      "eval \"$(smhost env)\"\n"
      "curl --aws-sigv4 \"aws:amz:$AWS_DEFAULT_REGION:sagemaker\" --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" "
      "-H 'Content-Type: application/json' -d '[[1]]' \"$AWS_ENDPOINT_URL/endpoints/vad/invocations\"";
  command.run = Env;
  return command;
}

Command UrlCommand() {
  Command command;
  command.name = "url";
  command.group = "Use";
  command.summary = "the runtime's URL";
  command.description = "Prints the URL that the runtime answers on, and nothing else.";
  command.example = "curl \"$(smhost url)/ping\"";
  command.run = Url;
  return command;
}

}  // namespace smhost::cli
