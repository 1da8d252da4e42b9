// The files of HTTPS in a home's tls/: an authority that is this home's own, and the certificate that it signed for the
// gateway. Made at first use, renewed before they end, made anew where they are damaged. Every process and the command line
// may call this, at the same time; it waits for the others and for the disk, so no loop of the data plane does.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "state/home.h"
#include "state/tls_certificate.h"

namespace smhost {

struct TlsIdentity {
  KeyPair server;
  std::string authority;              // PEM: what a client is to trust
  std::vector<std::string> warnings;  // of this call: damage found, clients that must trust anew
};

// The home must be prepared. Each call looks whether anything is to be renewed; where all is well it only reads.
Result<TlsIdentity> EnsureTls(Files& files, const Clock& clock, const Home& home);

// Names and addresses beside localhost that the certificate is for, from now on; those it has already change nothing.
Result<TlsIdentity> AddTlsNames(Files& files, const Clock& clock, const Home& home, const std::vector<std::string>& names);

// This machine's host name; empty where it has none that a certificate could carry.
std::string MachineName();

}  // namespace smhost
