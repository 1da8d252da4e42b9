// Amazon SageMaker's hosting operations: models, endpoint configurations, endpoints and their tags. Names, statuses, refusals
// and error texts are AWS's. An object belongs to one thread; what it does is durable when Call returns.
#pragma once

#include "api/service.h"

namespace smhost {

class SagemakerService final : public ApiService {
 public:
  // `other_s3`: artifacts may also come from an S3 store that is not ours (artifacts/fetch_settings.h says), so an object
  // that is not here may be there. The context outlives the service.
  explicit SagemakerService(ApiContext& context, bool other_s3 = false) : context_(context), other_s3_(other_s3) {}

  ApiResult<Json> Call(const std::string& operation, const Json& input, const Caller& caller,
                       const std::string& request_id) override;

 private:
  ApiContext& context_;
  const bool other_s3_;
};

}  // namespace smhost
