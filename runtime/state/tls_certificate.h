// Certificates as PEM text: an authority of this machine's own, and what it signs for the gateway (ECDSA P-256, X.509 v3).
// Pure but for the randomness of keys; any thread. Keys are never part of a message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace smhost {

struct KeyPair {
  std::string certificate, key;  // PEM; the key as PKCS #8
};

struct CertificateFacts {
  WallTime not_before, not_after;
  std::string subject;              // its common name
  std::string sha256, sha1;         // of the DER form, "AB:CD:…"
  std::vector<std::string> names;   // DNS names and addresses it is valid for
};

// "localhost", "*.dev.test", "192.168.1.5", "fd00::7": may a certificate of ours carry it? kInvalid says what is wrong.
Status CheckCertificateName(const std::string& name);

// Signs for localhost, names and addresses that only private networks have, and `names`: for nothing else, so that
// trusting it opens no way into the rest of the world. Ten years.
Result<KeyPair> MakeAuthority(const std::vector<std::string>& names, WallTime now);
// A server's certificate for `names`; 397 days, and not beyond the authority's end.
Result<KeyPair> IssueServer(const KeyPair& authority, const std::vector<std::string>& names, WallTime now);

// kCorrupt where the certificate cannot be read.
Result<CertificateFacts> DescribeCertificate(const std::string& pem);
// kCorrupt where one of both cannot be read, or they do not belong together.
Status CheckPair(const KeyPair& pair);
// What a strict client finds when it trusts `authority` alone: signatures, dates, what the authority may sign. kInvalid.
Status VerifyServer(const std::string& authority, const std::string& server, WallTime now);

}  // namespace smhost
