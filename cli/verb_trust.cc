#include <memory>

#include "context.h"
#include "state/layout.h"
#include "state/tls_authority.h"
#include "text.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

struct TrustOptions {
  std::vector<std::string> names;
};

struct Way {
  std::string who, commands;  // a line each
};

std::vector<Way> WaysToTrust(const std::string& path) {
  const std::string file = ShellQuoted(path);
  return {
      {"curl", "curl --cacert " + file + " \"$(smhost url --https)/ping\""},
      {"AWS SDKs and the AWS command line", "export AWS_CA_BUNDLE=" + file},
      {"Node.js", "export NODE_EXTRA_CA_CERTS=" + file},
      {"Python's requests and ssl, Go", "export REQUESTS_CA_BUNDLE=" + file + " SSL_CERT_FILE=" + file +
                                            "  # instead of all other authorities"},
      {"Java", "keytool -importcert -noprompt -alias smhost -file " + file +
                   " -keystore smhost.p12 -storepass changeit\n"
                   "java -Djavax.net.ssl.trustStore=smhost.p12 -Djavax.net.ssl.trustStorePassword=changeit ..."},
      {"the whole machine, Debian and Ubuntu",
       "sudo cp " + file + " /usr/local/share/ca-certificates/smhost.crt && sudo update-ca-certificates"},
      {"the whole machine, Fedora and RHEL",
       "sudo cp " + file + " /etc/pki/ca-trust/source/anchors/smhost.pem && sudo update-ca-trust"},
  };
}

std::string TextFor(const std::string& path, const CertificateFacts& authority, const CertificateFacts& server,
                    const std::vector<Way>& ways) {
  std::string names;
  for (const std::string& name : server.names) names += (names.empty() ? "" : ", ") + name;
  std::string text = "Authority    " + path + "\nName         " + authority.subject + "\nSHA-256      " +
                     authority.sha256 + "\nSHA-1        " + authority.sha1 + "\nValid until  " +
                     FormatIso8601(authority.not_after) + "\nCertificate  " + names + "; until " +
                     FormatIso8601(server.not_after) + ", renewed before\n";
  for (const Way& way : ways) {
    text += "\nFor " + way.who + ":\n  ";
    for (char c : way.commands) text += c == '\n' ? std::string("\n  ") : std::string(1, c);
    text += "\n";
  }
  return text;
}

VerbResult Trust(Context& context, const TrustOptions& options) {
  SMHOST_TRY_STATUS(PrepareHome(context.files(), context.home()));
  SMHOST_TRY(TlsIdentity identity, AddTlsNames(context.files(), context.clock(), context.home(), options.names));
  for (const std::string& warning : identity.warnings) context.out().Warn(warning);
  const std::string path = context.home().TlsAuthority();
  SMHOST_TRY(CertificateFacts authority, DescribeCertificate(identity.authority));
  SMHOST_TRY(CertificateFacts server, DescribeCertificate(identity.server.certificate));
  const std::vector<Way> ways = WaysToTrust(path);
  Json commands = Json::object();
  for (const Way& way : ways) commands[way.who] = way.commands;
  Json value = {{"AuthorityFile", path},
                {"AuthorityName", authority.subject},
                {"Sha256Fingerprint", authority.sha256},
                {"Sha1Fingerprint", authority.sha1},
                {"ValidUntil", FormatIso8601(authority.not_after)},
                {"Names", server.names},
                {"CertificateValidUntil", FormatIso8601(server.not_after)},
                {"Commands", commands}};
  SMHOST_TRY_STATUS(context.out().Show(value, {path}, [&] { return TextFor(path, authority, server, ways); }));
  return Exit::kDone;
}

}  // namespace

Command TrustCommand() {
  auto options = std::make_shared<TrustOptions>();
  Command command;
  command.name = "trust";
  command.group = "Use";
  command.summary = "how to trust the runtime's HTTPS";
  command.description =
      "Shows the certificate authority of this state directory, which is made at first use, and the commands by which "
      "clients trust it. It can sign for localhost and private names and addresses alone. With --add the runtime's "
      "certificate is also for that name, at once; a public name needs a new authority, and a warning says so.";
  command.example = "smhost trust\nsmhost trust --add models.test --add 192.168.1.5";
  command.options = {{"--add", "NAME", "a host name, *.NAME or a numeric address for the certificate; may be repeated",
                      &options->names}};
  command.run = [options](Context& context) { return Trust(context, *options); };
  return command;
}

}  // namespace smhost::cli
