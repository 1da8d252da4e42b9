// What PutObject, CopyObject and the uploads in parts share: conditions of a put, the last step of one, the source of a
// copy. On the request's thread.
#pragma once

#include <string>

#include "api/s3_body.h"
#include "api/s3_conditions.h"
#include "api/s3_request.h"

namespace smhost {

// If-Match and If-None-Match. NotImplemented for an If-None-Match other than *.
ApiResult<PutRule> PutRuleOf(const HttpHead& head);
// Gives the bytes their name. A key that ends in a slash must have none: it stands for a folder here.
ApiResult<ObjectInfo> SaveS3Object(S3Request& request, ObjectWriter& writer, std::uint64_t size_bytes,
                                   const ObjectAddress& address, const ObjectAttributes& attributes,
                                   const PutRule& rule);

struct S3CopySource {
  ObjectAddress address;
  OpenedObject object;
};
// x-amz-copy-source, opened: the caller may read it, and its conditions hold.
ApiResult<S3CopySource> OpenCopySource(S3Request& request);
// Copies that part of it and adds what it read to the sums.
ApiResult<void> CopyS3Bytes(int from, const S3Range& range, ObjectWriter& writer, S3Sums& sums);

}  // namespace smhost
