// The headers of S3 requests and answers that go with an object: those that are stored, those that come back, and those
// that ask for what is not built. Pure; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/s3_request.h"
#include "api/s3_xml.h"

namespace smhost {

using S3Headers = std::vector<std::pair<std::string, std::string>>;

// Of a PutObject, CopyObject or CreateMultipartUpload. MetadataTooLarge.
ApiResult<S3Headers> StoredHeaders(const HttpHead& head);
// NotImplemented, naming the header: encryption, tags, locks, storage classes, grants. Never silently left out.
ApiResult<void> RefuseUnbuilt(const S3Request& request);

std::string Quoted(const std::string& etag);
std::string Unquoted(std::string_view etag);
// ETag, Last-Modified, what was stored, and what response-… in the query puts in its place.
S3Headers HeadersOf(const S3Request& request, const OpenedObject& object);
// x-amz-checksum-…, where there is one.
void AddChecksum(S3Headers& headers, const ObjectAttributes& attributes);
// The same as <ChecksumCRC32>…; `type` too where it is asked for.
void AddChecksumElement(S3Element& element, const ObjectAttributes& attributes, bool type = true);
// COMPOSITE or FULL_OBJECT.
const char* ChecksumTypeOf(const std::string& checksum);

}  // namespace smhost
