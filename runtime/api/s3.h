// Amazon S3's API (rest-xml) on the local object store: buckets, objects, listings, copies, uploads in parts. The API
// process calls it for each request that is S3's, on the request's own thread, after it has checked who asks. Bodies
// are streamed both ways; an object is seen by nobody until it is whole, proven and durable. What is not built answers
// NotImplemented.
#pragma once

#include "api/exchange.h"
#include "api/service.h"
#include "api/sigv4.h"

namespace smhost {

// `signature`: what CheckSignature accepted; null where the owner's socket vouches for the caller. Failed: the request
// could not be answered whole.
Status ServeS3(ApiExchange& exchange, const Caller& caller, const Signed* signature, ApiContext& context);

}  // namespace smhost
