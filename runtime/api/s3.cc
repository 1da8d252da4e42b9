#include "api/s3.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "api/s3_operations.h"
#include "api/s3_xml.h"
#include "base/limits_api.h"

namespace smhost {
namespace {

ApiResult<S3Answer> Run(S3Request& request) {
  SMHOST_API_TRY(S3Operation operation, FindS3Operation(request.head, request.target));
  if (*operation.action != '\0')
    SMHOST_API_TRY_STATUS(AuthorizeS3(request, operation.action, request.target.bucket, request.target.key));
  return operation.run(request);
}

Status WriteBytes(Responder& responder, const S3Answer::Bytes& bytes) {
  auto buffer = std::make_unique<char[]>(limits::kS3CopyBytes);
  for (std::uint64_t done = 0; done < bytes.count;) {
    auto want = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.count - done, limits::kS3CopyBytes));
    ssize_t count = ::pread(bytes.file.get(), buffer.get(), want, static_cast<off_t>(bytes.first + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FailErrno("read", "the object", errno);
    if (count == 0) return Fail(Code::kUnavailable, "the object became shorter while it was read");
    SMHOST_TRY_STATUS(responder.Write({buffer.get(), static_cast<std::size_t>(count)}));
    done += static_cast<std::uint64_t>(count);
  }
  return {};
}

Status SendAnswer(ApiExchange& exchange, S3Answer answer) {
  answer.headers.emplace_back("x-amz-request-id", exchange.request_id);
  bool head_only = exchange.head.method == "HEAD";
  if (!answer.bytes) {
    const char* type = answer.xml.empty() ? "" : kS3XmlType;
    return Send(exchange.responder, {answer.status, type, answer.headers, answer.xml}, head_only);
  }
  SMHOST_TRY_STATUS(exchange.responder.Begin({answer.status, answer.headers, answer.bytes->count}));
  return head_only ? Status() : WriteBytes(exchange.responder, *answer.bytes);
}

Status SendError(ApiExchange& exchange, const ApiError& error) {
  std::string resource = exchange.head.target.substr(0, exchange.head.target.find('?'));
  return Send(exchange.responder, S3ErrorAnswer(error, resource, exchange.request_id), exchange.head.method == "HEAD");
}

}  // namespace

Status ServeS3(ApiExchange& exchange, const Caller& caller, const Signed* signature, ApiContext& context) {
  auto target = S3Address(exchange.head);
  if (!target) return SendError(exchange, S3Fail(target.error().resource == kS3BucketFault ? "InvalidBucketName" : "InvalidURI", target.error().message).value());
  S3Request request(exchange, caller, signature, context, std::move(*target));
  auto answer = Run(request);
  return answer ? SendAnswer(exchange, std::move(*answer)) : SendError(exchange, answer.error());
}

}  // namespace smhost
