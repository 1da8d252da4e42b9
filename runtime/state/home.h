// Where everything lies in a state directory (shared by all processes and the command line). Makes no file itself.
#pragma once

#include <string>

#include "base/result.h"

namespace smhost {

inline constexpr const char* kLocalAccount = "000000000000";
inline constexpr const char* kRegion = "us-east-1";  // of ARNs and signatures, unless AWS_DEFAULT_REGION says otherwise

class Home {
 public:
  explicit Home(std::string root) : root_(std::move(root)) {}
  // --home, else $SMHOST_HOME, else $XDG_STATE_HOME/smhost, else ~/.local/state/smhost; made absolute.
  static Result<Home> Find(const std::string& option);

  const std::string& root() const { return root_; }
  std::string Account(const std::string& account) const { return root_ + "/accounts/" + account; }
  std::string AccountLock(const std::string& account) const { return Account(account) + "/lock"; }
  // `kind` is the folder word: "model", "endpoint-config", "endpoint".
  std::string Resource(const std::string& account, const std::string& kind, const std::string& name) const {
    return Account(account) + "/resources/" + kind + "/" + name + ".json";
  }
  std::string Status(const std::string& account, const std::string& kind, const std::string& name) const {
    return Account(account) + "/status/" + kind + "/" + name + ".json";
  }
  std::string Journal(const std::string& account, const std::string& endpoint) const {
    return Account(account) + "/deployments/" + endpoint + ".json";
  }
  std::string Revisions(const std::string& account, const std::string& endpoint) const {
    return Account(account) + "/revisions/" + endpoint + ".json";
  }
  // What clients put into CloudWatch, and the states that they gave to alarms.
  std::string MetricLog(const std::string& account) const { return Account(account) + "/metrics/log"; }
  std::string AlarmRequests(const std::string& account) const { return Account(account) + "/alarm-requests"; }
  std::string Artifacts() const { return root_ + "/artifacts"; }
  std::string Snapshot(const std::string& digest_hex) const { return Artifacts() + "/sha256-" + digest_hex; }
  std::string Objects() const { return root_ + "/objects"; }
  std::string Quarantine() const { return root_ + "/quarantine"; }
  std::string Credentials() const { return root_ + "/credentials.json"; }
  // HTTPS: the authority that clients trust, what it signed for the gateway, and the names it did so for.
  std::string Tls() const { return root_ + "/tls"; }
  std::string TlsAuthority() const { return Tls() + "/ca.pem"; }
  std::string TlsAuthorityKey() const { return Tls() + "/ca-key.pem"; }
  std::string TlsServer() const { return Tls() + "/server.pem"; }
  std::string TlsServerKey() const { return Tls() + "/server-key.pem"; }
  std::string TlsNames() const { return Tls() + "/names.json"; }
  std::string History() const { return root_ + "/history.db"; }
  std::string Format() const { return root_ + "/format"; }
  std::string Logs() const { return root_ + "/logs"; }
  std::string ProcessLog(const std::string& role) const { return Logs() + "/" + role + ".log"; }
  // One file an instance: logs/<account>/<endpoint>/<variant>/<instance id>.log
  std::string VariantLogs(const std::string& account, const std::string& endpoint, const std::string& variant) const {
    return Logs() + "/" + account + "/" + endpoint + "/" + variant;
  }
  std::string Lock() const { return root_ + "/lock"; }  // held by the supervisor; its content: {"pid","port","version"}
  std::string Run() const { return root_ + "/run"; }
  std::string Socket() const { return Run() + "/smhost.sock"; }  // the gateway's HTTP for the owner
  std::string Children() const { return Run() + "/children.json"; }  // the supervisor's, for the one after it
  std::string RestartReport() const { return Run() + "/restart.json"; }
  std::string Routes() const { return Run() + "/routes.json"; }
  std::string Counters() const { return Run() + "/counters"; }  // mapped by gateways and controller
  std::string ListenersSocket() const { return Run() + "/listeners.sock"; }
  std::string Series() const { return Run() + "/series"; }  // what was counted in each period; the controller's
  std::string LauncherSocket() const { return Run() + "/launcher.sock"; }
  std::string ApiSocket() const { return Run() + "/api.sock"; }  // the API process's, for the gateway
  std::string GatewaySocket() const { return Run() + "/gateway.sock"; }
  std::string TemplateRecord(const std::string& id) const { return Run() + "/templates/" + id + ".json"; }
  std::string TemplateSocket(const std::string& id) const { return Run() + "/templates/" + id + ".sock"; }
  std::string InstanceRecord(const std::string& id) const { return Run() + "/instances/" + id + ".json"; }
  std::string InstanceSocket(const std::string& id) const { return Run() + "/instances/" + id + ".sock"; }
  // One folder an instance, as long as it lives: blue's and green's stand side by side.
  std::string Scratch(const std::string& account, const std::string& endpoint, const std::string& variant,
                      const std::string& instance) const {
    return root_ + "/scratch/" + account + "/" + endpoint + "/" + variant + "/" + instance;
  }

 private:
  std::string root_;
};

}  // namespace smhost
