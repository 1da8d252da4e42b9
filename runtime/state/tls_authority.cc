#include "state/tls_authority.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/limits.h"
#include "base/limits_api.h"
#include "state/stored_file.h"

namespace smhost {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kLockWait{10};
constexpr auto kRenewBefore = 24h * 60;  // a machine that was off for weeks still comes in time

// What lies there, and why it will not do. An empty fault: it will.
struct Pair {
  KeyPair pair;
  std::string fault;
  bool loud = false;  // somebody may have relied on it
};

struct Found {
  std::vector<std::string> names;
  bool names_damaged = false;
  Pair authority, server;
  bool Whole() const { return !names_damaged && authority.fault.empty() && server.fault.empty(); }
};

std::vector<std::string> AllNames(const std::vector<std::string>& added) {
  // OpenSSL takes no wildcard below a name without a dot; those of buckets get one that it takes.
  std::vector<std::string> names{"localhost", "*.localhost", "s3.localhost", "*.s3.localhost", "127.0.0.1", "::1"};
  for (const std::string& name : added)
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

Result<std::vector<std::string>> DecodeNames(const std::string& text, const std::string& path) {
  SMHOST_TRY(Json json, ParseJson(text, path, limits::kTlsFileBytes));
  const Json& list = MemberOr(json, "Names");
  if (!list.is_array() || list.size() > limits::kTlsNames) return Fail(Code::kCorrupt, path + ": has no list of names");
  std::vector<std::string> names;
  for (const Json& item : list) {
    if (!item.is_string() || !CheckCertificateName(item.get<std::string>())) return Fail(Code::kCorrupt, path + ": an entry is no name");
    names.push_back(item.get<std::string>());
  }
  return names;
}

Status ReadNames(Files& files, const Home& home, Found& found) {
  auto text = files.Read(home.TlsNames(), limits::kTlsFileBytes);
  if (!text && text.error().code == Code::kNotFound) return {};
  if (!text && text.error().code != Code::kTooLarge) return Fail(text.error());
  auto names = text ? DecodeNames(*text, home.TlsNames()) : Fail(text.error());
  found.names_damaged = !names;
  if (names) found.names = std::move(*names);
  return {};
}

// Absent files and damaged ones are faults; what only cannot be read now is a failure, and nothing is replaced.
Result<Pair> ReadPair(Files& files, const std::string& certificate, const std::string& key) {
  Pair found;
  auto read = [&](const std::string& path, std::string& into) -> Result<bool> {
    auto text = files.Read(path, limits::kTlsFileBytes);
    if (text) into = std::move(*text);
    if (text || text.error().code == Code::kTooLarge) return true;
    if (text.error().code == Code::kNotFound) return false;
    return Fail(text.error());
  };
  SMHOST_TRY(bool has_certificate, read(certificate, found.pair.certificate));
  SMHOST_TRY(bool has_key, read(key, found.pair.key));
  // The key is written first: one that is alone was never used.
  found.loud = has_certificate;
  if (!has_certificate) found.fault = "is not there";
  else if (!has_key) found.fault = "has no key";
  else if (auto checked = CheckPair(found.pair); !checked) found.fault = checked.error().message;
  return found;
}

bool SameNames(std::vector<std::string> one, std::vector<std::string> other) {
  std::sort(one.begin(), one.end());
  std::sort(other.begin(), other.end());
  return one == other;
}

void JudgeServer(Found& found, WallTime now) {
  Pair& server = found.server;
  if (!server.fault.empty()) return;
  auto facts = DescribeCertificate(server.pair.certificate);
  if (!facts || !SameNames(facts->names, AllNames(found.names))) server.fault = "is for other names";
  else if (facts->not_after - now < kRenewBefore) server.fault = "ends soon";
  else if (auto verified = VerifyServer(found.authority.pair.certificate, server.pair.certificate, now); !verified) server.fault = verified.error().message;
  if (!server.fault.empty()) server.loud = false;  // nobody has to do anything
}

Result<Found> Look(Files& files, const Home& home, WallTime now) {
  Found found;
  SMHOST_TRY_STATUS(ReadNames(files, home, found));
  SMHOST_TRY(found.authority, ReadPair(files, home.TlsAuthority(), home.TlsAuthorityKey()));
  SMHOST_TRY(found.server, ReadPair(files, home.TlsServer(), home.TlsServerKey()));
  if (found.authority.fault.empty()) {
    auto facts = DescribeCertificate(found.authority.pair.certificate);
    if (!facts || facts->not_after - now < kRenewBefore) found.authority.fault = "ends soon";
  }
  if (!found.authority.fault.empty() && found.server.fault.empty()) found.server.fault = "its authority is made anew";
  JudgeServer(found, now);
  return found;
}

// The key goes first: a certificate without its key would be taken for damage.
Status Write(Files& files, const KeyPair& pair, const std::string& certificate, const std::string& key) {
  SMHOST_TRY_STATUS(WriteDurably(files, key, pair.key, 0600));
  return WriteDurably(files, certificate, pair.certificate, 0644);
}

Status ReplaceAuthority(Files& files, const Clock& clock, const Home& home, const std::string& why, Found& found, TlsIdentity& made) {
  Pair& authority = found.authority;
  if (authority.loud) {
    SMHOST_TRY(std::string aside, CopyToQuarantine(files, clock, home, home.TlsAuthority()));
    made.warnings.push_back(home.TlsAuthority() + ": " + why + "; a new authority takes its place, which clients must trust anew (smhost trust); the old certificate lies in " + aside);
  }
  std::vector<std::string> names = found.names;
  if (std::string machine = MachineName(); !machine.empty()) names.push_back(machine);
  SMHOST_TRY(authority.pair, MakeAuthority(names, clock.Wall()));
  return Write(files, authority.pair, home.TlsAuthority(), home.TlsAuthorityKey());
}

Status SetNamesAside(Files& files, const Clock& clock, const Home& home, TlsIdentity& made) {
  SMHOST_TRY(std::string aside, CopyToQuarantine(files, clock, home, home.TlsNames()));
  SMHOST_TRY_STATUS(RemoveDurably(files, home.TlsNames()));
  made.warnings.push_back(home.TlsNames() + ": was damaged, lies in " + aside + " now; names added to the certificate must be added again (smhost trust --add)");
  return {};
}

Result<TlsIdentity> Mend(Files& files, const Clock& clock, const Home& home, Found found) {
  TlsIdentity made;
  if (found.names_damaged) SMHOST_TRY_STATUS(SetNamesAside(files, clock, home, made));
  if (!found.authority.fault.empty()) SMHOST_TRY_STATUS(ReplaceAuthority(files, clock, home, found.authority.fault, found, made));
  if (found.server.loud && !found.server.fault.empty() && found.authority.fault.empty())
    made.warnings.push_back(home.TlsServer() + ": " + found.server.fault + "; a new one takes its place");
  const auto names = AllNames(found.names);
  SMHOST_TRY(KeyPair server, IssueServer(found.authority.pair, names, clock.Wall()));
  if (auto verified = VerifyServer(found.authority.pair.certificate, server.certificate, clock.Wall()); !verified) {
    found.authority.loud = true;
    SMHOST_TRY_STATUS(ReplaceAuthority(files, clock, home, "it cannot sign for what is asked for (" + verified.error().message + ")", found, made));
    SMHOST_TRY(server, IssueServer(found.authority.pair, names, clock.Wall()));
    SMHOST_TRY_STATUS(VerifyServer(found.authority.pair.certificate, server.certificate, clock.Wall()));
  }
  SMHOST_TRY_STATUS(Write(files, server, home.TlsServer(), home.TlsServerKey()));
  made.server = std::move(server);
  made.authority = std::move(found.authority.pair.certificate);
  return made;
}

Result<TlsIdentity> EnsureLocked(Files& files, const Clock& clock, const Home& home) {
  SMHOST_TRY(Found found, Look(files, home, clock.Wall()));
  if (found.Whole()) return TlsIdentity{std::move(found.server.pair), std::move(found.authority.pair.certificate), {}};
  return Mend(files, clock, home, std::move(found));
}

Result<std::unique_ptr<HeldLock>> LockTls(Files& files, const Home& home) {
  if (!files.Exists(home.Tls())) SMHOST_TRY_STATUS(files.MakeFolders(home.Tls(), 0700));
  return files.Lock(home.Tls() + "/lock", kLockWait);
}

}  // namespace

Result<TlsIdentity> EnsureTls(Files& files, const Clock& clock, const Home& home) {
  SMHOST_TRY(Found found, Look(files, home, clock.Wall()));
  if (found.Whole()) return TlsIdentity{std::move(found.server.pair), std::move(found.authority.pair.certificate), {}};
  SMHOST_TRY(auto lock, LockTls(files, home));
  return EnsureLocked(files, clock, home);
}

Result<TlsIdentity> AddTlsNames(Files& files, const Clock& clock, const Home& home, const std::vector<std::string>& names) {
  for (const std::string& name : names) SMHOST_TRY_STATUS(CheckCertificateName(name));
  SMHOST_TRY(auto lock, LockTls(files, home));
  Found found;
  SMHOST_TRY_STATUS(ReadNames(files, home, found));
  TlsIdentity before;  // an authority that is made now is made for the new names
  if (found.names_damaged) {
    SMHOST_TRY(before, EnsureLocked(files, clock, home));
  }
  const std::size_t known = found.names.size();
  for (const std::string& name : names) {
    auto all = AllNames(found.names);
    if (std::find(all.begin(), all.end(), name) == all.end()) found.names.push_back(name);
  }
  if (found.names.size() == known) {
    if (found.names_damaged) return before;
    return EnsureLocked(files, clock, home);
  }
  if (found.names.size() > limits::kTlsNames)
    return Fail(Code::kTooLarge, home.TlsNames() + ": a certificate carries at most " + std::to_string(limits::kTlsNames) + " added names; remove some there");
  SMHOST_TRY_STATUS(WriteDurably(files, home.TlsNames(), CompactJson({{"Names", found.names}}) + "\n"));
  SMHOST_TRY(TlsIdentity now, EnsureLocked(files, clock, home));
  now.warnings.insert(now.warnings.begin(), before.warnings.begin(), before.warnings.end());
  return now;
}

std::string MachineName() {
  char text[256] = "";
  if (::gethostname(text, sizeof text - 1) != 0 || !CheckCertificateName(text)) return "";
  return text;
}

}  // namespace smhost
