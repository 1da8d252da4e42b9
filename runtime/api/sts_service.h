// AWS STS, as far as one machine needs it: who am I, and temporary credentials for roles, users and roots of the runtime's
// accounts (state/credentials.h). Reads the credentials anew at each call and stores nothing: what it gives out says
// everything itself (api/session_token.h). An object belongs to one thread.
#pragma once

#include <memory>

#include "api/service.h"

namespace smhost {

// GetCallerIdentity, AssumeRole, GetSessionToken and GetAccessKeyInfo; the other operations answer with an error that says
// that they are not built. `context` must outlive it.
std::unique_ptr<ApiService> MakeStsService(ApiContext& context);

}  // namespace smhost
