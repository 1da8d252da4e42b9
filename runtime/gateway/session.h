// Stateful sessions: calls that carry one id go to one instance, for as long as it lives and the id's time is not over. The
// id itself says both, so that no loop and no later gateway needs to remember anything: an id that somebody makes up leads,
// at most, to an instance of the endpoint that was called, which whoever may call it may reach anyway. Pure; any thread.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/call.h"
#include "gateway/http_response.h"

namespace smhost {

inline constexpr std::string_view kNewSession = "NEW_SESSION";  // in the place of an id

struct SessionId {
  std::string instance;
  std::time_t expires = 0;
};
// "i-0123456789ab-6925f3a0-UNIQUE": the instance, when it expires, and what tells it from its like.
std::string MakeSessionId(const SessionId& session, std::string_view unique);
std::optional<SessionId> ParseSessionId(std::string_view id);

// AWS's constraint on the header's text.
bool IsSessionText(std::string_view text);

// The headers of an answer to a call with a session: the id of one that began, or of one that the instance closed.
void AddSession(const Call& call, const CallOutcome& outcome, std::time_t now, std::string_view unique, HttpAnswer& answer);

}  // namespace smhost
