#include "api/s3_address.h"

#include <algorithm>

#include "base/text.h"

namespace smhost {
namespace {

constexpr std::string_view kLocalhost = ".localhost";

Result<std::string> Decode(std::string_view text, bool form) {
  std::string spaced(text);
  if (form) std::replace(spaced.begin(), spaced.end(), '+', ' ');
  auto decoded = PercentDecoded(spaced);
  if (!decoded) return Fail(Code::kInvalid, "the request's address has a \"%\" that no two hexadecimal digits follow");
  return std::move(*decoded);
}

// The bucket in the host's name; empty: the path has it.
std::string_view BucketOfHost(std::string_view host) {
  if (host.starts_with('[')) return {};
  host = host.substr(0, host.find(':'));
  if (host.starts_with("s3.") || host.starts_with("s3-")) return {};
  std::size_t at = std::max(host.rfind(".s3.") + 1, host.rfind(".s3-") + 1);  // 0: neither
  if (at > 0) return host.substr(0, at - 1);
  if (host.ends_with(kLocalhost)) return host.substr(0, host.size() - kLocalhost.size());
  return {};
}

Status AddQuery(S3Target& target, std::string_view query) {
  while (!query.empty()) {
    std::string_view item = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), item.size() + 1));
    if (item.empty()) continue;
    std::size_t equals = std::min(item.find('='), item.size());
    SMHOST_TRY(std::string name, Decode(item.substr(0, equals), true));
    SMHOST_TRY(std::string value, Decode(item.substr(std::min(equals + 1, item.size())), true));
    target.query.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

// A slash in it, from a host's name or behind a "%2F", would make one address of two readings: allowed as one bucket, opened as
// another.
Status CheckBucket(const S3Target& target) {
  if (target.bucket.find('/') == std::string::npos) return {};
  return Fail(Code::kInvalid, "the request's address has a \"/\" within the bucket's name", kS3BucketFault);
}

}  // namespace

Result<S3Target> S3Address(const HttpHead& head) {
  std::string_view path = head.target;
  if (!path.starts_with('/')) return Fail(Code::kInvalid, "the request's address does not begin with \"/\"");
  const std::string host = LowerCase(head.Get("host"));
  std::string_view bucket = BucketOfHost(host);
  if (bucket.empty()) return S3PathTarget(path);
  std::size_t question = std::min(path.find('?'), path.size());
  S3Target target;
  target.bucket = bucket;
  SMHOST_TRY_STATUS(CheckBucket(target));
  SMHOST_TRY(target.key, Decode(path.substr(1, question - 1), false));
  SMHOST_TRY_STATUS(AddQuery(target, path.substr(std::min(question + 1, path.size()))));
  return target;
}

Result<S3Target> S3PathTarget(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  std::size_t question = std::min(path.find('?'), path.size());
  std::string_view place = path.substr(0, question);
  std::size_t slash = std::min(place.find('/'), place.size());
  S3Target target;
  SMHOST_TRY(target.bucket, Decode(place.substr(0, slash), false));
  SMHOST_TRY_STATUS(CheckBucket(target));
  SMHOST_TRY(target.key, Decode(place.substr(std::min(slash + 1, place.size())), false));
  SMHOST_TRY_STATUS(AddQuery(target, path.substr(std::min(question + 1, path.size()))));
  return target;
}

std::string S3UrlEncode(std::string_view text) {
  constexpr std::string_view kPlain = "-._~/";
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                 kPlain.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

}  // namespace smhost
