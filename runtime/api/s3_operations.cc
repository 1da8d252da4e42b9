#include "api/s3_operations.h"

#include <algorithm>
#include <array>

namespace smhost {
namespace {

enum class Place { kService, kBucket, kObject };

// A request is the first of these whose place, method, query member and header it has. Source: Amazon S3 API Reference,
// "Actions", the request syntax of each.
struct Rule {
  Place place;
  std::string_view method, query, header;
  S3Operation operation;
};
constexpr std::array kRules = {
    Rule{Place::kService, "GET", "", "", {"ListBuckets", "s3:ListAllMyBuckets", S3ListBuckets}},

    Rule{Place::kBucket, "GET", "location", "", {"GetBucketLocation", "s3:GetBucketLocation", S3GetBucketLocation}},
    Rule{Place::kBucket,
         "GET",
         "versioning",
         "",
         {"GetBucketVersioning", "s3:GetBucketVersioning", S3GetBucketVersioning}},
    Rule{Place::kBucket,
         "GET",
         "uploads",
         "",
         {"ListMultipartUploads", "s3:ListBucketMultipartUploads", S3ListMultipartUploads}},
    Rule{Place::kBucket, "GET", "list-type", "", {"ListObjectsV2", "s3:ListBucket", S3ListObjectsV2}},
    Rule{Place::kBucket, "GET", "", "", {"ListObjects", "s3:ListBucket", S3ListObjects}},
    Rule{Place::kBucket, "HEAD", "", "", {"HeadBucket", "s3:ListBucket", S3HeadBucket}},
    Rule{Place::kBucket, "PUT", "", "", {"CreateBucket", "s3:CreateBucket", S3CreateBucket}},
    Rule{Place::kBucket, "DELETE", "", "", {"DeleteBucket", "s3:DeleteBucket", S3DeleteBucket}},
    Rule{Place::kBucket, "POST", "delete", "", {"DeleteObjects", "", S3DeleteObjects}},

    Rule{Place::kObject, "GET", "uploadId", "", {"ListParts", "s3:ListMultipartUploadParts", S3ListParts}},
    Rule{Place::kObject,
         "GET",
         "attributes",
         "",
         {"GetObjectAttributes", "s3:GetObjectAttributes", S3GetObjectAttributes}},
    Rule{Place::kObject, "GET", "", "", {"GetObject", "s3:GetObject", S3GetObject}},
    Rule{Place::kObject, "HEAD", "", "", {"HeadObject", "s3:GetObject", S3HeadObject}},
    Rule{Place::kObject, "PUT", "uploadId", "x-amz-copy-source", {"UploadPartCopy", "s3:PutObject", S3UploadPartCopy}},
    Rule{Place::kObject, "PUT", "uploadId", "", {"UploadPart", "s3:PutObject", S3UploadPart}},
    Rule{Place::kObject, "PUT", "", "x-amz-copy-source", {"CopyObject", "s3:PutObject", S3CopyObject}},
    Rule{Place::kObject, "PUT", "", "", {"PutObject", "s3:PutObject", S3PutObject}},
    Rule{Place::kObject, "POST", "uploads", "", {"CreateMultipartUpload", "s3:PutObject", S3CreateMultipartUpload}},
    Rule{
        Place::kObject, "POST", "uploadId", "", {"CompleteMultipartUpload", "s3:PutObject", S3CompleteMultipartUpload}},
    Rule{Place::kObject,
         "DELETE",
         "uploadId",
         "",
         {"AbortMultipartUpload", "s3:AbortMultipartUpload", S3AbortMultipartUpload}},
    Rule{Place::kObject, "DELETE", "", "", {"DeleteObject", "s3:DeleteObject", S3DeleteObject}},
};

// Query members that make another operation of a request, with what AWS calls them. A request with one of these and no
// rule above must not pass for the operation without it: a DELETE ?tagging is no DeleteObject.
constexpr std::array<std::pair<std::string_view, std::string_view>, 32> kOthers = {{
    {"abac", "BucketAbac"},
    {"accelerate", "BucketAccelerateConfiguration"},
    {"acl", "Acl"},
    {"analytics", "BucketAnalyticsConfiguration"},
    {"cors", "BucketCors"},
    {"delete", "DeleteObjects"},
    {"encryption", "BucketEncryption"},
    {"intelligent-tiering", "BucketIntelligentTieringConfiguration"},
    {"inventory", "BucketInventoryConfiguration"},
    {"legal-hold", "ObjectLegalHold"},
    {"lifecycle", "BucketLifecycleConfiguration"},
    {"location", "BucketLocation"},
    {"logging", "BucketLogging"},
    {"metadataConfiguration", "BucketMetadataConfiguration"},
    {"metrics", "BucketMetricsConfiguration"},
    {"notification", "BucketNotificationConfiguration"},
    {"object-lock", "ObjectLockConfiguration"},
    {"ownershipControls", "BucketOwnershipControls"},
    {"policy", "BucketPolicy"},
    {"policyStatus", "BucketPolicyStatus"},
    {"publicAccessBlock", "PublicAccessBlock"},
    {"renameObject", "RenameObject"},
    {"replication", "BucketReplication"},
    {"requestPayment", "BucketRequestPayment"},
    {"restore", "RestoreObject"},
    {"retention", "ObjectRetention"},
    {"select", "SelectObjectContent"},
    {"session", "CreateSession"},
    {"tagging", "Tagging"},
    {"torrent", "ObjectTorrent"},
    {"versioning", "BucketVersioning"},
    {"versions", "ListObjectVersions"},
}};

bool Matches(const Rule& rule, Place place, const HttpHead& head, const S3Target& target) {
  return rule.place == place && rule.method == head.method &&
         (rule.query.empty() || target.Find(rule.query) != nullptr) &&
         (rule.header.empty() || head.Find(rule.header) != nullptr);
}

}  // namespace

ApiResult<S3Operation> FindS3Operation(const HttpHead& head, const S3Target& target) {
  Place place = target.bucket.empty() ? Place::kService : target.key.empty() ? Place::kBucket : Place::kObject;
  auto rule =
      std::find_if(kRules.begin(), kRules.end(), [&](const Rule& each) { return Matches(each, place, head, target); });
  for (const auto& [member, name] : kOthers) {
    if (target.Find(member) == nullptr || (rule != kRules.end() && rule->query == member)) continue;
    return S3Fail("NotImplemented", "A parameter you provided implies functionality that is not implemented: " +
                                        head.method + " ?" + std::string(member) + " (" + std::string(name) + ")");
  }
  if (rule != kRules.end()) return rule->operation;
  if (place == Place::kBucket && head.method == "POST")
    return S3Fail("NotImplemented", "Uploads by HTML form (POST of a bucket) are not implemented");
  return S3Fail("MethodNotAllowed", "The specified method is not allowed against this resource.");
}

}  // namespace smhost
