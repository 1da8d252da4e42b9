#include "gateway/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <string>
#include <utility>

namespace smhost {
namespace {

constexpr const char* kCiphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr unsigned char kProtocols[] = "\x08http/1.1";

tl::unexpected<Error> FailSsl(const char* act) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string message = std::string("HTTPS: cannot ") + act + ": " + (reason != nullptr ? reason : "OpenSSL gives no reason");
  ERR_clear_error();
  return Fail(Code::kCorrupt, std::move(message));
}

// A client that offers protocols and not ours must not be left to guess (RFC 7301, 3.2).
int ChooseProtocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, kProtocols, sizeof kProtocols - 1, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

bool SetRules(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // What a socket did not take is offered again from wherever it lies by then; a waiting connection holds no buffers.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets need none
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 && SSL_CTX_set_cipher_list(context, kCiphers12) == 1 &&
         SSL_CTX_set_num_tickets(context, 1) == 1;
}

bool SetCertificate(SSL_CTX* context, const KeyPair& pair) {
  auto reader = [](const std::string& text) { return std::unique_ptr<BIO, int (*)(BIO*)>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free); };
  std::unique_ptr<X509, void (*)(X509*)> certificate(PEM_read_bio_X509(reader(pair.certificate).get(), nullptr, nullptr, nullptr), X509_free);
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(PEM_read_bio_PrivateKey(reader(pair.key).get(), nullptr, nullptr, const_cast<char*>("")), EVP_PKEY_free);
  return certificate && key && SSL_CTX_use_certificate(context, certificate.get()) == 1 && SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::Make(const KeyPair& server) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context || !SetRules(context.get())) return FailSsl("set its rules");
  if (!SetCertificate(context.get(), server)) return FailSsl("use the certificate");
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(context)));
}

}  // namespace smhost
