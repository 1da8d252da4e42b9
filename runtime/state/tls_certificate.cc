#include "state/tls_certificate.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <memory>
#include <utility>

#include "base/random.h"

namespace smhost {
namespace {

using namespace std::chrono_literals;

constexpr auto kAuthorityLife = 24h * 3652;
constexpr auto kServerLife = 24h * 397;  // the most that browsers take
constexpr auto kBackdated = 24h;         // for clients whose clock is behind
constexpr std::size_t kNameBytes = 253;  // of DNS

// What no certificate of the world's authorities can name: RFC 2606, 6762, 8375, ICANN's "internal"; RFC 1918, 4193, 3927.
constexpr const char* kPrivate =
    "permitted;DNS:localhost,permitted;DNS:local,permitted;DNS:test,permitted;DNS:internal,permitted;DNS:home.arpa,"
    "permitted;IP:127.0.0.0/255.0.0.0,permitted;IP:10.0.0.0/255.0.0.0,permitted;IP:172.16.0.0/255.240.0.0,"
    "permitted;IP:192.168.0.0/255.255.0.0,permitted;IP:169.254.0.0/255.255.0.0,"
    "permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,permitted;IP:fc00::/fe00::,permitted;IP:fe80::/ffc0::";

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using TrustStore = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;
using TrustContext = std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;

tl::unexpected<Error> FailSsl(const char* act) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string message = std::string("cannot ") + act + ": " + (reason != nullptr ? reason : "OpenSSL gives no reason");
  ERR_clear_error();
  return Fail(Code::kInternal, std::move(message));
}

Bio Reader(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string TextOf(const Bio& bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Certificate ReadCertificate(const std::string& pem) {
  Certificate certificate(PEM_read_bio_X509(Reader(pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

// The empty password keeps OpenSSL from asking a terminal for one.
Key ReadKey(const std::string& pem) {
  Key key(PEM_read_bio_PrivateKey(Reader(pem).get(), nullptr, nullptr, const_cast<char*>("")));
  ERR_clear_error();
  return key;
}

Result<std::string> WriteCertificate(X509* certificate) {
  Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1) return FailSsl("write a certificate");
  return TextOf(bio);
}

Result<std::string> WriteKey(EVP_PKEY* key) {
  Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return FailSsl("write a key");
  return TextOf(bio);
}

bool IsAddress(const std::string& name) {
  unsigned char room[16];
  return ::inet_pton(AF_INET, name.c_str(), room) == 1 || ::inet_pton(AF_INET6, name.c_str(), room) == 1;
}

std::string AsGeneralName(const std::string& name) { return (IsAddress(name) ? "IP:" : "DNS:") + name; }

std::string AllGeneralNames(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + AsGeneralName(name);
  return text;
}

std::string AsPermitted(const std::string& name) {
  if (!IsAddress(name)) return "permitted;DNS:" + (name.starts_with("*.") ? name.substr(2) : name);
  bool v6 = name.find(':') != std::string::npos;
  return "permitted;IP:" + name + (v6 ? "/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" : "/255.255.255.255");
}

bool Add(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  Extension extension(X509V3_EXT_nconf_nid(nullptr, &context, kind, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetSerial(X509* certificate) {
  std::string bytes = RandomBytes(16);
  bytes[0] = static_cast<char>((bytes[0] & 0x7f) | 0x40);  // positive, and never shorter
  Number number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetDates(X509* certificate, WallTime begin, WallTime end) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), std::chrono::system_clock::to_time_t(begin)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), std::chrono::system_clock::to_time_t(end)) != nullptr;
}

bool SetSubject(X509* certificate, const std::string& name) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  auto entry = [&](const char* field, const std::string& text) {
    return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()), -1, 0) == 1;
  };
  return entry("O", "smhost") && entry("CN", name);
}

WallTime TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::string Fingerprint(const X509* certificate, const EVP_MD* digest) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(certificate, digest, bytes, &size) != 1) return "";
  std::string hex = HexOf({reinterpret_cast<char*>(bytes), size}), text;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (i != 0 && i % 2 == 0) text += ':';
    text += static_cast<char>(hex[i] >= 'a' ? hex[i] - 32 : hex[i]);
  }
  return text;
}

std::string TextOf(const GENERAL_NAME* name) {
  int kind = 0;
  auto* value = static_cast<ASN1_STRING*>(GENERAL_NAME_get0_value(name, &kind));
  const unsigned char* data = ASN1_STRING_get0_data(value);
  int size = ASN1_STRING_length(value);
  if (kind == GEN_DNS) return std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  char text[INET6_ADDRSTRLEN] = "";
  if (kind == GEN_IPADD && (size == 4 || size == 16)) ::inet_ntop(size == 4 ? AF_INET : AF_INET6, data, text, sizeof text);
  return text;
}

std::string CommonName(const X509* certificate) {
  char text[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text, sizeof text);
  return text;
}

}  // namespace

Status CheckCertificateName(const std::string& name) {
  if (IsAddress(name)) return {};
  auto wrong = [&](const char* why) { return Fail(Code::kInvalid, "'" + name + "': " + why + "; give a host name, *.NAME or a numeric address"); };
  std::string rest = name.starts_with("*.") ? name.substr(2) : name;
  if (rest.empty()) return wrong("is no name");
  if (name.size() > kNameBytes) return wrong("is longer than any host name");
  std::size_t label = 0;
  bool digits = true;  // of the last label: then it is an address that was misspelt
  for (std::size_t i = 0; i <= rest.size(); ++i) {
    if (i == rest.size() || rest[i] == '.') {
      if (label == 0 || label > 63) return wrong("has a part that is empty or longer than 63 characters");
      if (rest[i - 1] == '-' || rest[i - label] == '-') return wrong("has a part that begins or ends with a hyphen");
      if (i < rest.size()) digits = true;
      label = 0;
      continue;
    }
    char c = rest[i];
    bool digit = c >= '0' && c <= '9', letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!digit && !letter && c != '-' && c != '_') return wrong("has a character that no host name has");
    digits = digits && digit;
    ++label;
  }
  if (digits) return wrong("is no address");
  return {};
}

Result<KeyPair> MakeAuthority(const std::vector<std::string>& names, WallTime now) {
  Key key(EVP_EC_gen("P-256"));
  Certificate certificate(X509_new());
  if (!key || !certificate) return FailSsl("make a key");
  std::string permitted = std::string("critical,") + kPrivate;
  for (const std::string& name : names) permitted += "," + AsPermitted(name);
  X509* it = certificate.get();
  // A name of its own for each: one that was made anew must not be taken for the one before it.
  bool made = X509_set_version(it, X509_VERSION_3) == 1 && SetSerial(it) && SetDates(it, now - kBackdated, now + kAuthorityLife) &&
              SetSubject(it, "smhost local authority " + RandomHex(4)) && X509_set_issuer_name(it, X509_get_subject_name(it)) == 1 &&
              X509_set_pubkey(it, key.get()) == 1 && Add(it, it, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
              Add(it, it, NID_key_usage, "critical,keyCertSign,cRLSign") && Add(it, it, NID_subject_key_identifier, "hash") &&
              Add(it, it, NID_name_constraints, permitted) && X509_sign(it, key.get(), EVP_sha256()) > 0;
  if (!made) return FailSsl("make a certificate authority");
  KeyPair pair;
  SMHOST_TRY(pair.certificate, WriteCertificate(it));
  SMHOST_TRY(pair.key, WriteKey(key.get()));
  return pair;
}

Result<KeyPair> IssueServer(const KeyPair& authority, const std::vector<std::string>& names, WallTime now) {
  Certificate issuer = ReadCertificate(authority.certificate);
  Key issuer_key = ReadKey(authority.key);
  if (!issuer || !issuer_key) return Fail(Code::kCorrupt, "the certificate authority cannot be read");
  Key key(EVP_EC_gen("P-256"));
  Certificate certificate(X509_new());
  if (!key || !certificate) return FailSsl("make a key");
  WallTime end = std::min<WallTime>(now + kServerLife, TimeOf(X509_get0_notAfter(issuer.get())));
  X509* it = certificate.get();
  bool made = X509_set_version(it, X509_VERSION_3) == 1 && SetSerial(it) && SetDates(it, now - kBackdated, end) &&
              SetSubject(it, "localhost") && X509_set_issuer_name(it, X509_get_subject_name(issuer.get())) == 1 &&
              X509_set_pubkey(it, key.get()) == 1 && Add(it, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") &&
              Add(it, issuer.get(), NID_key_usage, "critical,digitalSignature") &&
              Add(it, issuer.get(), NID_ext_key_usage, "serverAuth") &&
              Add(it, issuer.get(), NID_subject_key_identifier, "hash") &&
              Add(it, issuer.get(), NID_authority_key_identifier, "keyid:always") &&
              Add(it, issuer.get(), NID_subject_alt_name, AllGeneralNames(names)) &&
              X509_sign(it, issuer_key.get(), EVP_sha256()) > 0;
  if (!made) return FailSsl("make a certificate");
  KeyPair pair;
  SMHOST_TRY(pair.certificate, WriteCertificate(it));
  SMHOST_TRY(pair.key, WriteKey(key.get()));
  return pair;
}

Result<CertificateFacts> DescribeCertificate(const std::string& pem) {
  Certificate certificate = ReadCertificate(pem);
  if (!certificate) return Fail(Code::kCorrupt, "holds no certificate");
  CertificateFacts facts;
  facts.not_before = TimeOf(X509_get0_notBefore(certificate.get()));
  facts.not_after = TimeOf(X509_get0_notAfter(certificate.get()));
  facts.subject = CommonName(certificate.get());
  facts.sha256 = Fingerprint(certificate.get(), EVP_sha256());
  facts.sha1 = Fingerprint(certificate.get(), EVP_sha1());
  Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) facts.names.push_back(TextOf(sk_GENERAL_NAME_value(names.get(), i)));
  return facts;
}

Status CheckPair(const KeyPair& pair) {
  Certificate certificate = ReadCertificate(pair.certificate);
  if (!certificate) return Fail(Code::kCorrupt, "holds no certificate");
  Key key = ReadKey(pair.key);
  if (!key) return Fail(Code::kCorrupt, "its key cannot be read");
  bool fits = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!fits) return Fail(Code::kCorrupt, "does not belong to its key");
  return {};
}

Status VerifyServer(const std::string& authority, const std::string& server, WallTime now) {
  Certificate root = ReadCertificate(authority), leaf = ReadCertificate(server);
  if (!root || !leaf) return Fail(Code::kInvalid, "holds no certificate");
  TrustStore store(X509_STORE_new());
  TrustContext context(X509_STORE_CTX_new());
  if (!store || !context || X509_STORE_add_cert(store.get(), root.get()) != 1 ||
      X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr) != 1)
    return FailSsl("verify a certificate");
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_time(rules, std::chrono::system_clock::to_time_t(now));
  bool verified = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (!verified) return Fail(Code::kInvalid, X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  return {};
}

}  // namespace smhost
