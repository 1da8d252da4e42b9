// One call of a SageMaker operation, and the names in it. On the request's own thread.
//
// Names are compared as AWS does: two that differ by case alone are one resource (its ARN has the name in lower case), and
// the spelling that it was made with stays. So an operation finds "Vad" under "vad"; only invocations want it spelled right.
#pragma once

#include <string>

#include "api/service.h"
#include "resources/kind.h"

namespace smhost::sagemaker {

struct SagemakerRequest {
  ApiContext& context;
  const Json& input;
  const Caller& caller;
  // Artifacts may also come from an S3 store that is not ours, so an object that is not here may be there.
  bool other_s3 = false;

  const std::string& account() const { return caller.account; }
  Store& store() const { return context.store; }
};

std::string ArnOf(const SagemakerRequest& request, Kind kind, const std::string& name);
// `Could not find endpoint "<arn>".`
std::string NotFoundText(const SagemakerRequest& request, Kind kind, const std::string& name);
// "arn:aws:sagemaker:…" of the name that the input gives to its own kind, e.g. ModelName.
std::string ArnOfNamed(const SagemakerRequest& request, Kind kind);

bool SameName(const std::string& one, const std::string& other);
// How a resource that this name means is spelled; the name as it is where there is none.
Result<std::string> SpellingOf(const SagemakerRequest& request, Kind kind, const std::string& name);
// The same of an endpoint, those on their way out among them.
Result<std::string> EndpointSpellingOf(const SagemakerRequest& request, const std::string& name);
// The stored resource that the input names.
Result<Resource> FindNamed(const SagemakerRequest& request, Kind kind);

}  // namespace smhost::sagemaker
