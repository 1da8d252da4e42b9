#include <memory>

#include "context.h"
#include "runtime_control.h"
#include "state/account_edits.h"
#include "state/credentials.h"
#include "state/layout.h"
#include "text.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

VerbResult Env(Context& context, const std::string& user) {
  SMHOST_TRY(std::string url, RuntimeUrl(context));
  SMHOST_TRY_STATUS(PrepareHome(context.files(), context.home()));
  SMHOST_TRY(Credentials credentials, EnsureCredentials(context.files(), context.clock(), context.home()));
  if (!credentials.quarantined.empty())
    context.out().Warn("the credentials were damaged and are new now; the old file lies at " + credentials.quarantined);
  SMHOST_TRY(AccessKey key, KeyOf(credentials, context.account(), user));
  const std::vector<std::pair<std::string, std::string>> variables = {{"AWS_ENDPOINT_URL", url},
                                                                       {"AWS_ACCESS_KEY_ID", key.id},
                                                                       {"AWS_SECRET_ACCESS_KEY", key.secret},
                                                                       {"AWS_DEFAULT_REGION", context.region()},
                                                                       {"AWS_REGION", context.region()}};
  Json value;
  std::vector<std::string> names;
  // Another place's session token would go with our key, and be refused.
  std::string text =
      "# Run: eval \"$(smhost env)\"\n"
      "unset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN\n";
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
  auto user = std::make_shared<std::string>();
  Command command;
  command.name = "env";
  command.group = "Use";
  command.summary = "shell lines that point clients at the runtime";
  command.description =
      "Prints lines for a POSIX shell that export AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION and "
      "AWS_REGION, and unset what is left of another session. The keys are those of the account's root, or of a user; they are this "
      "machine's own and have no meaning at AWS. Requests over TCP are signed with them, as AWS's clients do (Signature Version 4).";
  command.example =
      "eval \"$(smhost env)\"\n"
      "eval \"$(smhost --account 123456789012 env --user alice)\"\n"
      "curl --aws-sigv4 \"aws:amz:$AWS_DEFAULT_REGION:sagemaker\" --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" "
      "-H 'Content-Type: application/json' -d '[[1]]' \"$AWS_ENDPOINT_URL/endpoints/vad/invocations\"";
  command.options = {{"--user", "NAME", "the key of this user of the account (smhost account create --user)", user.get()}};
  command.run = [user](Context& context) { return Env(context, *user); };
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
