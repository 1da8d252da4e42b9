#include "api/presigned_v2.h"

#include <algorithm>
#include <map>

#include "api/mac.h"

namespace smhost {
namespace {

// The parts of a query that say what is asked for.
bool IsSubresource(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "inventory", "lifecycle", "location", "logging",
      "metrics", "notification", "object-lock", "partNumber", "policy", "requestPayment", "response-cache-control",
      "response-content-disposition", "response-content-encoding", "response-content-language", "response-content-type",
      "response-expires", "restore", "select", "select-type", "storageClass", "tagging", "torrent", "uploadId", "uploads",
      "versionId", "versioning", "versions", "website"};
  return std::binary_search(std::begin(kNames), std::end(kNames), name);
}

// A header; where it did not come, what the query says in its stead.
std::string HeaderOrQuery(const HttpHead& head, const SignatureClaim& claim, std::string_view name) {
  if (const std::string* value = head.Find(name)) return *value;
  const std::string* value = canonical::OnlyValue(claim.query, name);
  return value == nullptr ? std::string() : *value;
}

std::string AmzHeaders(const HttpHead& head, const SignatureClaim& claim) {
  std::map<std::string, std::string> found;
  for (const auto& [name, value] : claim.query)
    if (name.substr(0, 6) == "x-amz-") found[name] = canonical::FoldedValue(value);
  for (const auto& [name, value] : head.headers)
    if (name.substr(0, 6) == "x-amz-") {
      std::string joined;
      canonical::AppendHeader(head, name, joined);
      found[name] = std::move(joined);
    }
  std::string text;
  for (const auto& [name, value] : found) text.append(name).append(":").append(value).append("\n");
  return text;
}

std::string Subresources(const SignatureClaim& claim, std::string_view query) {
  // Whether a part has a value at all matters here: "?acl" is not "?acl=".
  std::vector<std::pair<std::string, std::string>> parts;
  std::string_view rest = query;
  for (const auto& [name, value] : claim.query) {
    while (!rest.empty() && rest.front() == '&') rest.remove_prefix(1);
    auto raw = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(raw.size() + 1, rest.size()));
    if (IsSubresource(name)) parts.emplace_back(name, raw.find('=') == std::string_view::npos ? name : name + "=" + value);
  }
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const auto& [name, part] : parts) text.append(text.empty() ? "?" : "&").append(part);
  return text;
}

}  // namespace

bool MatchesPresignedV2(const HttpHead& head, const SignatureClaim& claim, const std::string& secret) {
  auto target = canonical::SplitTarget(head.target);
  std::string before = head.method + "\n" + HeaderOrQuery(head, claim, "content-md5") + "\n" +
                       HeaderOrQuery(head, claim, "content-type") + "\n" + claim.time + "\n" + AmzHeaders(head, claim);
  std::string path(target.path), after = Subresources(claim, target.query);
  if (SameSecret(HmacSha1Base64(secret, before + path + after), claim.signature)) return true;
  // Clients sign a bucket alone as "/bucket/" and ask for it as "/bucket".
  bool bucket_alone = path.size() > 1 && path.find('/', 1) == std::string::npos;
  return bucket_alone && SameSecret(HmacSha1Base64(secret, before + path + "/" + after), claim.signature);
}

}  // namespace smhost
