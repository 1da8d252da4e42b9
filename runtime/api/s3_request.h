// One S3 request on its way through the operations (api/s3_*.cc), and what they answer. Belongs to the request's
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/api_error.h"
#include "api/exchange.h"
#include "api/s3_address.h"
#include "api/s3_errors.h"
#include "api/service.h"
#include "api/sigv4.h"
#include "state/object_uploads.h"
#include "state/objects.h"

namespace smhost {

struct S3Request {
  S3Request(ApiExchange& of, const Caller& by, const Signed* signed_by, ApiContext& in, S3Target at)
      : exchange(of),
        head(of.head),
        caller(by),
        signature(signed_by),
        context(in),
        target(std::move(at)),
        store(in.home),
        uploads(in.files, store.root()) {}

  ApiExchange& exchange;
  const HttpHead& head;
  const Caller& caller;
  const Signed* signature;  // null: by the owner's socket
  ApiContext& context;
  S3Target target;
  ObjectStore store;
  ObjectUploads uploads;
};

struct S3Answer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string xml = {};
  // The body instead of `xml`: `count` bytes of the file from `first` on.
  struct Bytes {
    Descriptor file;
    std::uint64_t first = 0, count = 0;
  };
  std::optional<Bytes> bytes = {};
};

// The bucket, for its owner: NoSuchBucket, InvalidBucketName, AccessDenied for another account.
ApiResult<BucketInfo> OwnedBucket(S3Request& request, const std::string& bucket);
// May the caller do that? `key` may be empty.
ApiResult<void> AuthorizeS3(const S3Request& request, const char* action, const std::string& bucket,
                            const std::string& key);
// The object's address within the rules of the local object store: KeyTooLongError, or InvalidArgument that names the
// rule.
ApiResult<ObjectAddress> CheckedAddress(const std::string& bucket, const std::string& key);

Result<OpenedObject> OpenAny(ObjectStore& store, const ObjectAddress& address);

// The operations, each of one name in AWS's API. They check neither the signature nor the policy: the table in s3.cc
// has said which action they are.
ApiResult<S3Answer> S3ListBuckets(S3Request& request);
ApiResult<S3Answer> S3CreateBucket(S3Request& request);
ApiResult<S3Answer> S3HeadBucket(S3Request& request);
ApiResult<S3Answer> S3DeleteBucket(S3Request& request);
ApiResult<S3Answer> S3GetBucketLocation(S3Request& request);
ApiResult<S3Answer> S3GetBucketVersioning(S3Request& request);
ApiResult<S3Answer> S3ListObjects(S3Request& request);
ApiResult<S3Answer> S3ListObjectsV2(S3Request& request);
ApiResult<S3Answer> S3GetObject(S3Request& request);
ApiResult<S3Answer> S3HeadObject(S3Request& request);
ApiResult<S3Answer> S3GetObjectAttributes(S3Request& request);
ApiResult<S3Answer> S3PutObject(S3Request& request);
ApiResult<S3Answer> S3CopyObject(S3Request& request);
ApiResult<S3Answer> S3DeleteObject(S3Request& request);
ApiResult<S3Answer> S3DeleteObjects(S3Request& request);
ApiResult<S3Answer> S3CreateMultipartUpload(S3Request& request);
ApiResult<S3Answer> S3UploadPart(S3Request& request);
ApiResult<S3Answer> S3UploadPartCopy(S3Request& request);
ApiResult<S3Answer> S3CompleteMultipartUpload(S3Request& request);
ApiResult<S3Answer> S3AbortMultipartUpload(S3Request& request);
ApiResult<S3Answer> S3ListParts(S3Request& request);
ApiResult<S3Answer> S3ListMultipartUploads(S3Request& request);

}  // namespace smhost
