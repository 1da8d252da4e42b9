// Signature Version 2 as S3 clients presign addresses with it (AWSAccessKeyId, Signature, Expires in the query): the match
// alone. CheckSignature calls it; pure, any thread.
//
// Source: Amazon S3 Developer Guide, "Signing and Authenticating REST Requests".
#pragma once

#include <string>

#include "api/signature_claim.h"
#include "wire/http_head.h"

namespace smhost {

// `claim` is of kQueryV2 and could be read.
bool MatchesPresignedV2(const HttpHead& head, const SignatureClaim& claim, const std::string& secret);

}  // namespace smhost
