#include "api/signature_claim.h"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace smhost {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::int64_t kLongestExpiry_s = 604800;

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Nothing: before 1970 or past 2255, where a count of nanoseconds ends soon.
std::optional<WallTime> TimeOf(std::int64_t seconds) {
  constexpr std::int64_t kLast = 9'000'000'000;
  if (seconds < 0 || seconds > kLast) return std::nullopt;
  return WallTime{std::chrono::seconds(seconds)};
}

std::optional<WallTime> ReadBasicTime(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z' || !AllDigits(text.substr(0, 8)) || !AllDigits(text.substr(9, 6)))
    return std::nullopt;
  auto number = [text](std::size_t at, std::size_t count) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + count, value);
    return value;
  };
  std::tm parts{};
  parts.tm_year = number(0, 4) - 1900;
  parts.tm_mon = number(4, 2) - 1;
  parts.tm_mday = number(6, 2);
  parts.tm_hour = number(9, 2);
  parts.tm_min = number(11, 2);
  parts.tm_sec = number(13, 2);
  auto time = TimeOf(::timegm(&parts));
  if (!time || FormatBasicTime(*time) != text) return std::nullopt;  // a 31st of February
  return time;
}

// "Mon, 31 Jan 2026 12:00:00 GMT", RFC 9110's form.
std::optional<WallTime> ReadHttpDate(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return TimeOf(::timegm(&parts));
}

std::vector<std::string> SplitAt(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  while (true) {
    auto end = text.find(separator);
    pieces.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

// "AKID/20260131/us-east-1/sagemaker/aws4_request"
void TakeCredential(std::string_view text, SignatureClaim& claim) {
  auto parts = SplitAt(text, '/');
  if (parts.size() != 5 || std::any_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); })) {
    claim.fault = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term";
    return;
  }
  claim.access_key_id = parts[0];
  claim.day = parts[1];
  claim.region = parts[2];
  claim.service = parts[3];
  if (claim.day.size() != 8 || !AllDigits(claim.day))
    claim.fault = "Date in Credential scope must be YYYYMMDD";
  else if (parts[4] != "aws4_request")
    claim.fault = "Credential should be scoped with a valid terminator: 'aws4_request'";
}

void TakeSignedHeaders(std::string_view text, SignatureClaim& claim) {
  claim.signed_headers = SplitAt(text, ';');
  auto sorted = claim.signed_headers;
  std::sort(sorted.begin(), sorted.end());
  bool lower = std::none_of(text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c <= ' '; });
  if (!lower || sorted.front().empty() || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    claim.fault = "SignedHeaders must be names in lower case, each once, with semicolons between them";
  else if (!std::binary_search(sorted.begin(), sorted.end(), "host"))
    claim.fault = "'Host' must be a 'SignedHeader' in the AWS Authorization.";
}

void TakeSignature(std::string_view text, SignatureClaim& claim) {
  claim.signature = text;
  bool hex = std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (text.size() != 64 || !hex) claim.fault = "Signature must be 64 hexadecimal digits in lower case";
}

void TakeTime(std::string_view text, const std::optional<WallTime>& at, SignatureClaim& claim) {
  if (!at) {
    claim.fault = "Date must be in ISO-8601 'basic format'. Got '" + std::string(text.substr(0, 64)) + "'. See http://en.wikipedia.org/wiki/ISO_8601";
    return;
  }
  claim.at = *at;
  claim.time = FormatBasicTime(*at);
}

// Credential=…, SignedHeaders=…, Signature=… in any order, each once.
void ReadParameters(std::string_view text, SignatureClaim& claim) {
  std::optional<std::string> credential, headers, signature;
  for (const auto& piece : SplitAt(text, ',')) {
    std::string folded = canonical::FoldedValue(piece);
    std::string_view parameter = folded;
    auto equals = std::min(parameter.find('='), parameter.size());
    auto name = parameter.substr(0, equals);
    auto* place = name == "Credential" ? &credential : name == "SignedHeaders" ? &headers : name == "Signature" ? &signature : nullptr;
    if (place == nullptr || *place || equals == parameter.size()) {
      claim.fault = "'" + std::string(parameter.substr(0, 64)) + "' not a valid key=value pair (missing equal-sign, unknown or twice) in Authorization header.";
      return;
    }
    *place = parameter.substr(equals + 1);
  }
  if (!credential || credential->empty()) claim.fault += "Authorization header requires 'Credential' parameter. ";
  if (!signature || signature->empty()) claim.fault += "Authorization header requires 'Signature' parameter. ";
  if (!headers || headers->empty()) claim.fault += "Authorization header requires 'SignedHeaders' parameter. ";
  if (claim.fault.empty()) TakeCredential(*credential, claim);
  if (claim.fault.empty()) TakeSignedHeaders(*headers, claim);
  if (claim.fault.empty()) TakeSignature(*signature, claim);
}

void ReadHeaderClaim(const HttpHead& head, std::string_view authorization, SignatureClaim& claim) {
  claim.kind = SignatureClaim::Kind::kHeader;
  if (authorization.substr(0, kAlgorithm.size()) != kAlgorithm || authorization.substr(kAlgorithm.size(), 1) != " ") {
    claim.fault = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
    return;
  }
  ReadParameters(authorization.substr(kAlgorithm.size() + 1), claim);
  claim.token = head.Get("x-amz-security-token");
  if (!claim.fault.empty()) return;
  if (const std::string* date = head.Find("x-amz-date"))
    TakeTime(*date, ReadBasicTime(*date), claim);
  else if (const std::string* http_date = head.Find("date"))
    TakeTime(*http_date, ReadBasicTime(*http_date) ? ReadBasicTime(*http_date) : ReadHttpDate(*http_date), claim);
  else
    claim.fault = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
}

void TakeExpiry(const std::string& text, SignatureClaim& claim) {
  std::int64_t seconds = 0;
  if (!AllDigits(text) || text.size() > 9)
    claim.fault = "X-Amz-Expires should be a number";
  else if (std::from_chars(text.data(), text.data() + text.size(), seconds); seconds < 1 || seconds > kLongestExpiry_s)
    claim.fault = "X-Amz-Expires must be between 1 and 604800 seconds, which is a week";
  claim.expires_s = seconds;
}

void ReadQueryClaim(SignatureClaim& claim) {
  claim.kind = SignatureClaim::Kind::kQuery;
  auto only = [&claim](std::string_view name) { return canonical::OnlyValue(claim.query, name); };
  const std::string *algorithm = only("X-Amz-Algorithm"), *credential = only("X-Amz-Credential"), *date = only("X-Amz-Date"),
                    *headers = only("X-Amz-SignedHeaders"), *signature = only("X-Amz-Signature"), *expires = only("X-Amz-Expires");
  if (algorithm == nullptr || credential == nullptr || date == nullptr || headers == nullptr || signature == nullptr) {
    claim.fault = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, "
                  "X-Amz-SignedHeaders, and X-Amz-Expires parameters, each once.";
    return;
  }
  TakeCredential(*credential, claim);
  if (*algorithm != kAlgorithm) claim.fault = "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"";
  if (const std::string* token = only("X-Amz-Security-Token")) claim.token = *token;
  if (claim.fault.empty()) TakeSignedHeaders(*headers, claim);
  if (claim.fault.empty()) TakeSignature(*signature, claim);
  if (claim.fault.empty()) TakeTime(*date, ReadBasicTime(*date), claim);
  if (claim.fault.empty() && expires != nullptr) TakeExpiry(*expires, claim);
  if (claim.fault.empty() && expires == nullptr && claim.service == "s3") claim.fault = "X-Amz-Expires should be a number";
}

void ReadQueryV2Claim(SignatureClaim& claim) {
  claim.kind = SignatureClaim::Kind::kQueryV2;
  claim.service = "s3";
  auto only = [&claim](std::string_view name) { return canonical::OnlyValue(claim.query, name); };
  const std::string *key = only("AWSAccessKeyId"), *signature = only("Signature"), *expires = only("Expires");
  if (key == nullptr || signature == nullptr || expires == nullptr || key->empty() || signature->empty()) {
    claim.fault = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters, each once";
    return;
  }
  std::int64_t seconds = -1;
  if (AllDigits(*expires) && expires->size() <= 10) std::from_chars(expires->data(), expires->data() + expires->size(), seconds);
  auto end = TimeOf(seconds);
  if (!end) {
    claim.fault = "Invalid date (should be seconds since epoch): " + expires->substr(0, 64);
    return;
  }
  claim.at = *end;
  claim.time = *expires;
  claim.access_key_id = *key;
  claim.signature = *signature;
  if (const std::string* token = only("x-amz-security-token")) claim.token = *token;
}

}  // namespace

std::string FormatBasicTime(WallTime time) {
  std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  return std::string(text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts));
}

SignatureClaim ReadClaim(const HttpHead& head) {
  SignatureClaim claim;
  claim.query = canonical::ReadQuery(canonical::SplitTarget(head.target).query);
  auto in_query = [&claim](std::string_view name) {
    return std::any_of(claim.query.begin(), claim.query.end(), [name](const auto& part) { return part.first == name; });
  };
  const std::string* authorization = head.Find("authorization");
  bool version4 = in_query("X-Amz-Algorithm") || in_query("X-Amz-Signature") || in_query("X-Amz-Credential");
  bool version2 = in_query("AWSAccessKeyId") && in_query("Signature");
  if (authorization != nullptr)
    ReadHeaderClaim(head, *authorization, claim);
  else if (version4)
    ReadQueryClaim(claim);
  else if (version2)
    ReadQueryV2Claim(claim);
  if ((authorization != nullptr) + version4 + version2 > 1)
    claim.fault = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the "
                  "Authorization header should be specified";
  return claim;
}

}  // namespace smhost
