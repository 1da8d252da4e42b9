#include "api/sigv4.h"

#include <algorithm>
#include <array>

#include "api/canonical_request.h"
#include "api/mac.h"
#include "api/presigned_v2.h"
#include "api/signature_claim.h"
#include "base/digest.h"
#include "base/random.h"

namespace smhost {
namespace {

constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
constexpr std::string_view kMismatch =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
    "method. Consult the service documentation for details.";
constexpr std::string_view kUnknownKeyText = "The security token included in the request is invalid.";
constexpr std::string_view kNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";  // SHA-256 of no bytes

// How far apart the clocks may be.
std::chrono::minutes SkewOf(std::string_view service) {
  return std::chrono::minutes(service == "s3" || service == "sts" ? 15 : 5);
}

SignatureFailure FailureOf(const SignatureClaim& claim, SignatureFault fault, std::string_view message) {
  return {fault, std::string(message), claim.presigned()};
}

// --- time

std::string Limit(const SignatureClaim& claim, const char* verb, WallTime limit, WallTime now, char sign, std::chrono::minutes skew) {
  return claim.time + verb + FormatBasicTime(limit) + " (" + FormatBasicTime(now) + " " + sign + " " + std::to_string(skew.count()) +
         " min.)";
}

std::optional<SignatureFailure> CheckTime(const SignatureClaim& claim, WallTime now) {
  if (claim.kind == SignatureClaim::Kind::kQueryV2)
    return now <= claim.at ? std::nullopt : std::optional(FailureOf(claim, SignatureFault::kExpired, "Request has expired"));
  if (claim.time.substr(0, 8) != claim.day)
    return FailureOf(claim, SignatureFault::kWrong,
                     "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" + claim.day + "' != '" +
                         claim.time.substr(0, 8) + "', from '" + claim.time + "'.");
  auto skew = SkewOf(claim.service);
  if (claim.at > now + skew)
    return FailureOf(claim, SignatureFault::kExpired, "Signature not yet current: " + Limit(claim, " is still later than ", now + skew, now, '+', skew));
  if (claim.expires_s) {
    auto end = claim.at + std::chrono::seconds(*claim.expires_s);
    if (now > end)
      return FailureOf(claim, SignatureFault::kExpired, "Signature expired: " + FormatBasicTime(end) + " is now earlier than " + FormatBasicTime(now));
  } else if (claim.at < now - skew) {
    return FailureOf(claim, SignatureFault::kExpired, "Signature expired: " + Limit(claim, " is now earlier than ", now - skew, now, '-', skew));
  }
  return std::nullopt;
}

// --- payload

struct Payload {
  PayloadForm form = PayloadForm::kHashed;
  std::string text;  // as it stands in the canonical request; empty: the body's hash is needed and not there
  bool wrong = false;
};

bool IsHash(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Payload Stated(std::string_view text) {
  static constexpr std::pair<std::string_view, PayloadForm> kForms[] = {
      {kUnsignedPayload, PayloadForm::kUnsigned},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", PayloadForm::kSignedChunks},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", PayloadForm::kSignedChunksTrailer},
      {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", PayloadForm::kUnsignedChunksTrailer},
  };
  for (const auto& [name, form] : kForms)
    if (name == text) return {form, std::string(text)};
  return {PayloadForm::kHashed, std::string(text), !IsHash(text)};
}

Payload PayloadOf(const HttpHead& head, const SignatureClaim& claim, const std::string& body_hash) {
  const std::string* stated = head.Find("x-amz-content-sha256");
  if (claim.kind == SignatureClaim::Kind::kQuery && claim.service == "s3") {
    if (stated == nullptr) stated = canonical::OnlyValue(claim.query, "X-Amz-Content-Sha256");
    if (stated == nullptr) return Stated(kUnsignedPayload);
  }
  if (stated != nullptr) return Stated(*stated);
  return {PayloadForm::kHashed, claim.service == "s3" ? std::string() : body_hash};
}

// --- the head

bool IsSigned(const SignatureClaim& claim, std::string_view name) {
  return std::find(claim.signed_headers.begin(), claim.signed_headers.end(), name) != claim.signed_headers.end();
}

// S3 takes no x-amz- header that anybody could have put in on the way.
std::optional<SignatureFailure> CheckCoverage(const HttpHead& head, const SignatureClaim& claim) {
  if (claim.service != "s3" || claim.kind == SignatureClaim::Kind::kQueryV2) return std::nullopt;
  for (const auto& [name, value] : head.headers)
    // The hash stands in the canonical request by itself.
    if (name.substr(0, 6) == "x-amz-" && name != "x-amz-content-sha256" && !IsSigned(claim, name))
      return FailureOf(claim, SignatureFault::kHeaderNotSigned, "There were headers present in the request which were not signed");
  return std::nullopt;
}

struct HeadVerdict {
  SigningKey key;
  std::optional<SignatureFailure> failure;
};

HeadVerdict CheckHeadOf(const HttpHead& head, const SignatureClaim& claim, WallTime now, const FindSigningKey& find, std::string_view service) {
  auto fail = [&claim](SignatureFault fault, std::string_view message) { return HeadVerdict{{}, FailureOf(claim, fault, message)}; };
  if (claim.kind == SignatureClaim::Kind::kNone) return fail(SignatureFault::kMissing, "Missing Authentication Token");
  if (!claim.fault.empty()) return fail(SignatureFault::kMalformed, claim.fault);
  if (claim.kind != SignatureClaim::Kind::kQueryV2 && PayloadOf(head, claim, std::string(kNothing)).wrong)
    return fail(SignatureFault::kMalformed,
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.");
  auto key = find(claim.access_key_id, claim.token);
  if (!key || (key->token_needed && claim.token.empty())) return fail(SignatureFault::kUnknownKey, kUnknownKeyText);
  if (key->expired) return fail(SignatureFault::kExpiredToken, "The security token included in the request is expired");
  if (!service.empty() && claim.service != service)
    return fail(SignatureFault::kWrong, "Credential should be scoped to correct service: '" + std::string(service) + "'. ");
  if (auto late = CheckTime(claim, now)) return {{}, late};
  if (auto open = CheckCoverage(head, claim)) return {{}, open};
  return {std::move(*key), std::nullopt};
}

// --- the match

// What signs a day's requests to one service costs four HMACs to make and serves many: each thread keeps the last few it
// used. Nothing is shared, so nothing is locked.
const std::string& KeyFor(const std::string& secret, const SignatureClaim& claim) {
  struct Kept {
    std::string secret, day, region, service, key;
  };
  thread_local std::array<Kept, 8> kept;
  thread_local std::size_t next = 0;
  for (const Kept& entry : kept)
    if (!entry.key.empty() && entry.day == claim.day && entry.service == claim.service && entry.region == claim.region && entry.secret == secret)
      return entry.key;
  Kept& entry = kept[next++ % kept.size()];
  std::string key = "AWS4" + secret;
  for (const std::string& part : {claim.day, claim.region, claim.service, std::string("aws4_request")}) key = HmacSha256(key, part);
  entry = {secret, claim.day, claim.region, claim.service, std::move(key)};
  return entry.key;
}

// Nothing where a signed header is not in the request.
std::optional<std::string> CanonicalRequest(const HttpHead& head, const SignatureClaim& claim, const std::string& payload) {
  auto target = canonical::SplitTarget(head.target);
  std::string text;
  text.reserve(1024);
  text.append(head.method).append("\n");
  text.append(claim.service == "s3" ? std::string(target.path) : canonical::NormalPath(target.path)).append("\n");
  text.append(canonical::SortedQuery(claim.query, claim.presigned() ? "X-Amz-Signature" : std::string_view())).append("\n");
  std::string names;
  for (const auto& name : claim.signed_headers) {
    text.append(name).append(":");
    if (!canonical::AppendHeader(head, name, text)) return std::nullopt;
    text += '\n';
    if (!names.empty()) names += ';';
    names += name;
  }
  text.append("\n").append(names).append("\n").append(payload);
  return text;
}

bool Matches(const HttpHead& head, const SignatureClaim& claim, const std::string& payload, const std::string& key) {
  auto canonical = CanonicalRequest(head, claim, payload);
  if (!canonical) return false;
  std::string text = "AWS4-HMAC-SHA256\n" + claim.time + "\n" + claim.Scope() + "\n" + Sha256Hex(*canonical);
  return SameSecret(HexOf(HmacSha256(key, text)), claim.signature);
}

SignatureVerdict Refuse(const SignatureClaim& claim, SignatureFault fault, std::string_view message) {
  return {std::nullopt, FailureOf(claim, fault, message)};
}

}  // namespace

bool CarriesSignature(const HttpHead& head) { return ReadClaim(head).kind != SignatureClaim::Kind::kNone; }

std::string ClaimedService(const HttpHead& head) { return ReadClaim(head).service; }

std::optional<SignatureFailure> CheckSignatureHead(const HttpHead& head, WallTime now, const FindSigningKey& find, std::string_view service) {
  return CheckHeadOf(head, ReadClaim(head), now, find, service).failure;
}

SignatureVerdict CheckSignature(const SignatureQuestion& question, const FindSigningKey& find) {
  const HttpHead& head = question.head;
  SignatureClaim claim = ReadClaim(head);
  auto [key, failure] = CheckHeadOf(head, claim, question.now, find, question.service);
  if (failure) return {std::nullopt, std::move(*failure)};
  Signed accepted;
  accepted.caller = std::move(key.caller);
  accepted.service = claim.service;
  accepted.region = claim.region;
  accepted.presigned = claim.presigned();
  if (claim.kind == SignatureClaim::Kind::kQueryV2) {
    if (!MatchesPresignedV2(head, claim, key.secret)) return Refuse(claim, SignatureFault::kWrong, kMismatch);
    accepted.payload = PayloadForm::kUnsigned;
    return {std::move(accepted), {}};
  }
  Payload payload = PayloadOf(head, claim, question.body_hash);
  if (payload.text.empty())
    return Refuse(claim, SignatureFault::kMalformed, "Missing required header for this request: x-amz-content-sha256");
  const std::string& signing_key = KeyFor(key.secret, claim);
  if (!Matches(head, claim, payload.text, signing_key)) return Refuse(claim, SignatureFault::kWrong, kMismatch);
  if (payload.form == PayloadForm::kHashed && !question.body_hash.empty() && question.body_hash != payload.text)
    return Refuse(claim, SignatureFault::kOtherBody, "The provided 'x-amz-content-sha256' header does not match what was computed.");
  accepted.payload = payload.form;
  if (payload.form == PayloadForm::kHashed) accepted.payload_hash = std::move(payload.text);
  accepted.signature = claim.signature;
  accepted.signing_key = signing_key;
  accepted.scope = claim.Scope();
  accepted.time = claim.time;
  return {std::move(accepted), {}};
}

// --- chunks

ChunkSignatures::ChunkSignatures(const Signed& request)
    : key_(request.signing_key), time_(request.time), scope_(request.scope), previous_(request.signature) {}

bool ChunkSignatures::CheckChunk(std::string_view sha256, std::string_view signature) {
  std::string text = "AWS4-HMAC-SHA256-PAYLOAD\n" + time_ + "\n" + scope_ + "\n" + previous_ + "\n";
  return Check(text.append(kNothing).append("\n").append(sha256), signature);
}

bool ChunkSignatures::CheckTrailers(std::string_view sha256, std::string_view signature) {
  std::string text = "AWS4-HMAC-SHA256-TRAILER\n" + time_ + "\n" + scope_ + "\n" + previous_ + "\n";
  return Check(text.append(sha256), signature);
}

bool ChunkSignatures::Check(const std::string& text, std::string_view signature) {
  previous_ = HexOf(HmacSha256(key_, text));
  return SameSecret(previous_, signature);
}

}  // namespace smhost
