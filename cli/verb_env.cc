#include <memory>

#include "context.h"
#include "runtime_control.h"
#include "state/account_edits.h"
#include "state/credentials.h"
#include "state/layout.h"
#include "state/tls_authority.h"
#include "text.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

struct UrlOptions {
  bool https = false;
};

using Variables = std::vector<std::pair<std::string, std::string>>;

// Clients that are told an https URL need the authority; the others may need it later, and it takes nothing from them.
Status AddAuthority(Context& context, const std::string& url, Variables& variables) {
  auto identity = EnsureTls(context.files(), context.clock(), context.home());
  if (!identity && url.starts_with("https:")) return Fail(identity.error());
  if (!identity) {
    context.out().Warn("no certificate for HTTPS: " + identity.error().message);
    return {};
  }
  for (const std::string& warning : identity->warnings) context.out().Warn(warning);
  variables.emplace_back("AWS_CA_BUNDLE", context.home().TlsAuthority());
  variables.emplace_back("NODE_EXTRA_CA_CERTS", context.home().TlsAuthority());
  return {};
}

VerbResult Env(Context& context, const UrlOptions& options, const std::string& user) {
  SMHOST_TRY(std::string url, RuntimeUrl(context, options.https));
  SMHOST_TRY_STATUS(PrepareHome(context.files(), context.home()));
  SMHOST_TRY(Credentials credentials, EnsureCredentials(context.files(), context.clock(), context.home()));
  if (!credentials.quarantined.empty())
    context.out().Warn("the credentials were damaged and are new now; the old file lies at " + credentials.quarantined);
  SMHOST_TRY(AccessKey key, KeyOf(credentials, context.account(), user));
  Variables variables = {{"AWS_ENDPOINT_URL", url},
                         {"AWS_ACCESS_KEY_ID", key.id},
                         {"AWS_SECRET_ACCESS_KEY", key.secret},
                         {"AWS_DEFAULT_REGION", context.region()},
                         {"AWS_REGION", context.region()}};
  SMHOST_TRY_STATUS(AddAuthority(context, url, variables));
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

VerbResult Url(Context& context, const UrlOptions& options) {
  SMHOST_TRY(std::string url, RuntimeUrl(context, options.https));
  SMHOST_TRY_STATUS(context.out().Show({{"Url", url}}, {url}, [&] { return url + "\n"; }));
  return Exit::kDone;
}

Option HttpsOption(UrlOptions& options) {
  return {"--https", "", "the https URL; without it plain HTTP on loopback, HTTPS where the runtime listens beyond it",
          &options.https};
}

}  // namespace

Command EnvCommand() {
  auto user = std::make_shared<std::string>();
  auto options = std::make_shared<UrlOptions>();
  Command command;
  command.name = "env";
  command.group = "Use";
  command.summary = "shell lines that point clients at the runtime";
  command.description =
      "Prints lines for a POSIX shell that export AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION, "
      "AWS_REGION, AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS, and unset what is left of another session. The keys are those of the account's root, or of a user; they are this "
      "machine's own and have no meaning at AWS. Requests over TCP are signed with them, as AWS's clients do (Signature Version 4).";
  command.example =
      "eval \"$(smhost env)\"\n"
      "eval \"$(smhost --account 123456789012 env --user alice)\"\n"
      "curl --aws-sigv4 \"aws:amz:$AWS_DEFAULT_REGION:sagemaker\" --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" "
      "-H 'Content-Type: application/json' -d '[[1]]' \"$AWS_ENDPOINT_URL/endpoints/vad/invocations\"";
  command.options = {{"--user", "NAME", "the key of this user of the account (smhost account create --user)", user.get()},
                     HttpsOption(*options)};
  command.run = [user, options](Context& context) { return Env(context, *options, *user); };
  return command;
}

Command UrlCommand() {
  auto options = std::make_shared<UrlOptions>();
  Command command;
  command.name = "url";
  command.group = "Use";
  command.summary = "the runtime's URL";
  command.description = "Prints the URL that the runtime answers on, and nothing else.";
  command.example = "curl \"$(smhost url)/ping\"\nsmhost url --https";
  command.options = {HttpsOption(*options)};
  command.run = [options](Context& context) { return Url(context, *options); };
  return command;
}

}  // namespace smhost::cli
