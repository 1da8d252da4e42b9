// Takes the body of a request, an object's bytes or a document, and proves it: length, signature, Content-MD5,
// checksums in headers or trailers. Bytes pass in pieces, before they are proven: who takes them must not let them be
// seen until this has said so. On the request's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/s3_checksum.h"
#include "api/s3_request.h"

namespace smhost {

// The checksums of bytes as they pass.
class S3Sums {
 public:
  // "md5" always; `algorithm` may be empty.
  explicit S3Sums(const std::string& algorithm);
  static S3Sums Only(const std::string& algorithm);
  static S3Sums None() { return {}; }
  void Want(const std::string& algorithm);
  void Update(std::string_view bytes);
  void Finish();

  // After Finish: raw bytes; of an algorithm that was wanted.
  const std::string& Of(std::string_view algorithm) const;
  std::string Md5Hex() const;

 private:
  S3Sums() = default;

  struct Sum {
    std::string algorithm;
    std::unique_ptr<S3Checksum> running;
    std::string bytes;
  };
  std::vector<Sum> sums_;
};

struct S3Received {
  std::uint64_t size_bytes = 0;
  std::string md5;                  // in hex
  std::string algorithm, checksum;  // base64; empty where neither the client nor `algorithm` asked for one
};

// `algorithm`: that to compute whatever the client sent; empty: the client's. BadDigest, XAmzContentSHA256Mismatch,
// EntityTooLarge, IncompleteBody, MissingContentLength, SignatureDoesNotMatch.
ApiResult<S3Received> ReceiveS3Object(S3Request& request, ObjectWriter& writer, const std::string& algorithm);
// A body that is a document; at most limits::kS3DocumentBytes. `checksum_of_object`: an x-amz-checksum-… header is of
// something else, that the document is about.
ApiResult<std::string> ReceiveS3Document(S3Request& request, bool checksum_of_object = false);

}  // namespace smhost
