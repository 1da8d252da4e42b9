// What HTTPS is spoken with: one certificate and the rules of the handshake. Immutable; made by the main thread, shared by
// the loops, replaced as a whole when the certificate is renewed. Connections keep the one that they began with.
#pragma once

#include <memory>

#include "base/result.h"
#include "state/tls_certificate.h"

struct ssl_ctx_st;

namespace smhost {

// TLS 1.2 and 1.3, ciphers with forward secrecy, session tickets (their keys end with this object), no renegotiation, no
// compression; ALPN knows http/1.1 alone.
class TlsContext {
 public:
  static Result<std::shared_ptr<const TlsContext>> Make(const KeyPair& server);
  ssl_ctx_st* get() const { return context_.get(); }

 private:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace smhost
