#include <algorithm>

#include "state/objects.h"

namespace smhost {
namespace {

constexpr std::string_view kScheme = "s3://";
constexpr std::size_t kBucketBytesMin = 3, kBucketBytesMax = 63;
constexpr std::size_t kKeyBytes = 1024;  // S3
constexpr std::size_t kPartBytes = 255;  // of a file's name

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool LooksLikeIpAddress(std::string_view text) {
  return std::count(text.begin(), text.end(), '.') == 3 &&
         text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// What is wrong, or null.
const char* BucketFault(std::string_view bucket) {
  if (bucket.size() < kBucketBytesMin || bucket.size() > kBucketBytesMax)
    return "a bucket's name has 3 to 63 characters";
  for (char c : bucket)
    if (!IsLowerOrDigit(c) && c != '.' && c != '-') return "a bucket's name has only a-z, 0-9, \".\" and \"-\"";
  if (!IsLowerOrDigit(bucket.front()) || !IsLowerOrDigit(bucket.back()))
    return "a bucket's name begins and ends with a letter or digit";
  if (bucket.find("..") != std::string_view::npos) return "a bucket's name has no two dots in a row";
  if (LooksLikeIpAddress(bucket)) return "a bucket's name does not look like an IP address";
  return nullptr;
}

const char* KeyFault(std::string_view key) {
  if (key.size() > kKeyBytes) return "a key has at most 1024 bytes";
  if (key.find('\0') != std::string_view::npos) return "a key has no NUL byte";
  if (key.ends_with('/')) key.remove_suffix(1);
  for (std::size_t at = 0; at <= key.size();) {
    std::size_t slash = std::min(key.find('/', at), key.size());
    std::string_view part = key.substr(at, slash - at);
    if (part.empty()) return "a key has no empty part between slashes (the local object store keeps objects as files)";
    if (part == "." || part == "..")
      return "a key has no part \".\" or \"..\" (the local object store keeps objects as files)";
    if (part.size() > kPartBytes)
      return "no part of a key between slashes has more than 255 bytes in the local object store";
    at = slash + 1;
  }
  return nullptr;
}

std::string Shown(std::string_view url) {
  constexpr std::size_t kShown = 120;
  std::string shown;
  for (char c : url.substr(0, kShown)) shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return url.size() > kShown ? shown + "…" : shown;
}

}  // namespace

Result<ObjectAddress> ParseObjectAddress(std::string_view url) {
  auto bad = [&](const char* why) { return Fail(Code::kInvalid, Shown(url) + ": " + why); };
  if (!url.starts_with(kScheme)) return bad("is no address of an object: s3://BUCKET/KEY is one");
  std::string_view rest = url.substr(kScheme.size());
  std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view bucket = rest.substr(0, slash), key = rest.substr(std::min(slash + 1, rest.size()));
  if (const char* fault = BucketFault(bucket)) return bad(fault);
  if (!key.empty())
    if (const char* fault = KeyFault(key)) return bad(fault);
  return ObjectAddress{std::string(bucket), std::string(key)};
}

std::string ObjectUrl(const ObjectAddress& address) {
  return std::string(kScheme) + address.bucket + "/" + address.key;
}

}  // namespace smhost
