// AWS Signature Version 4 (and, where S3 clients presign with it, Version 2): does a request carry the signature of somebody
// we know? Pure: keys and time are given. Any thread.
//
// Source of the rules: AWS General Reference, "Signature Version 4 signing process"; S3 API Reference, "Authenticating
// Requests".
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/caller.h"
#include "base/clock.h"
#include "wire/http_head.h"

namespace smhost {

// What is known of an access key id.
struct SigningKey {
  std::string secret;         // the secret access key
  bool token_needed = false;  // of a session: the request's token must be, and was, the right one
  bool expired = false;       // a session whose time is over
  Caller caller;
};
// Nothing: unknown, or its session token is not right. `token`: the request's session token; empty where there is none.
using FindSigningKey = std::function<std::optional<SigningKey>(std::string_view access_key_id, std::string_view token)>;

enum class SignatureFault {
  kMissing,      // no signature at all
  kMalformed,    // one that cannot be read
  kUnknownKey,
  kExpiredToken,
  kExpired,      // of another time: skew, or a presigned address that is too old or too new
  kWrong,        // does not match
  kHeaderNotSigned,  // S3: a header x-amz-… came that the signature does not cover
  kOtherBody,        // matches, but the body is not the one whose hash it covers
};

struct SignatureFailure {
  SignatureFault fault = SignatureFault::kMissing;
  std::string message;     // AWS's text; api/auth_error.h has that of each service
  bool presigned = false;  // the signature is in the query
};

// How the body is covered.
enum class PayloadForm {
  kHashed,           // the body's SHA-256 is part of the signature
  kUnsigned,         // UNSIGNED-PAYLOAD
  kSignedChunks,     // STREAMING-AWS4-HMAC-SHA256-PAYLOAD
  kSignedChunksTrailer,    // …-TRAILER
  kUnsignedChunksTrailer,  // STREAMING-UNSIGNED-PAYLOAD-TRAILER
};

struct Signed {
  Caller caller;
  std::string service;       // of the credential scope: "sagemaker", "s3", …; "s3" for Version 2
  std::string region;
  PayloadForm payload = PayloadForm::kHashed;
  std::string payload_hash;  // kHashed: in hex, what the body's must be
  bool presigned = false;
  // For the chunks of kSignedChunks…: what they are checked with (see ChunkSignatures).
  std::string signature, signing_key, scope, time;
};

struct SignatureQuestion {
  const HttpHead& head;
  // SHA-256 in hex of the body, where it is there already; empty: not read yet, so the request must say its hash
  // (x-amz-content-sha256), and who reads the body compares it with Signed::payload_hash.
  std::string body_hash;
  WallTime now;
  std::string_view service = {};  // the one that it must be made for; empty: any
};

// True where the request carries any form of a signature, in its headers or in its query.
bool CarriesSignature(const HttpHead& head);
// The service in the credential scope of what the request carries, unchecked: says how an error has to look. Empty: none.
std::string ClaimedService(const HttpHead& head);

struct SignatureVerdict {
  std::optional<Signed> accepted;
  SignatureFailure failure;  // where it was not
};
SignatureVerdict CheckSignature(const SignatureQuestion& question, const FindSigningKey& find);

// What is wrong with it by the head alone, so that no body need be taken: everything but the match. Nothing: the body is
// needed to know more.
std::optional<SignatureFailure> CheckSignatureHead(const HttpHead& head, WallTime now, const FindSigningKey& find,
                                                   std::string_view service = {});

// The chain of signatures inside a body of kSignedChunks…: each one covers the one before, the first that of the head.
// Belongs to one body. AwsChunkDecoder asks it.
class ChunkSignatures {
 public:
  explicit ChunkSignatures(const Signed& request);
  // In the order of the chunks, the empty last one included. `sha256`: in hex, of the chunk's bytes.
  bool CheckChunk(std::string_view sha256, std::string_view signature);
  // `sha256`: in hex, of the trailers, each as "name:value\n" in the order of their names.
  bool CheckTrailers(std::string_view sha256, std::string_view signature);

 private:
  bool Check(const std::string& text, std::string_view signature);

  const std::string key_, time_, scope_;
  std::string previous_;
};

}  // namespace smhost
