#include "gateway/session.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/limits_api.h"

namespace smhost {
namespace {

constexpr std::size_t kInstanceBytes = 14, kMostTimeDigits = 12;  // "i-" and 12 hex digits

bool IsAlphanumeric(char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'); }
bool IsHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::string IsoTime(std::time_t time) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

std::string MakeSessionId(const SessionId& session, std::string_view unique) {
  char time[24];
  std::snprintf(time, sizeof time, "%llx", static_cast<unsigned long long>(session.expires));
  return session.instance + "-" + time + "-" + std::string(unique);
}

std::optional<SessionId> ParseSessionId(std::string_view id) {
  if (id.size() < kInstanceBytes + 2 || id.substr(0, 2) != "i-" || id[kInstanceBytes] != '-') return std::nullopt;
  SessionId session;
  session.instance = id.substr(0, kInstanceBytes);
  if (!std::all_of(session.instance.begin() + 2, session.instance.end(), IsHex)) return std::nullopt;
  id.remove_prefix(kInstanceBytes + 1);
  auto time = id.substr(0, id.find('-'));
  if (time.size() == id.size() || time.empty() || time.size() > kMostTimeDigits || !std::all_of(time.begin(), time.end(), IsHex))
    return std::nullopt;
  unsigned long long expires = 0;
  std::from_chars(time.data(), time.data() + time.size(), expires, 16);
  session.expires = static_cast<std::time_t>(expires);
  return session;
}

bool IsSessionText(std::string_view text) {
  if (text == kNewSession) return true;
  return !text.empty() && text.size() <= limits::kSessionIdBytes && IsAlphanumeric(text.front()) && IsAlphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return c == '-' || IsAlphanumeric(c); });
}

void AddSession(const Call& call, const CallOutcome& outcome, std::time_t now, std::string_view unique, HttpAnswer& answer) {
  if (call.session.empty() || answer.status != 200) return;
  if (call.session == kNewSession) {
    std::time_t expires = now + std::chrono::seconds(limits::kSessionTime).count();
    answer.headers.emplace_back("X-Amzn-SageMaker-New-Session-Id",
                                MakeSessionId({outcome.instance, expires}, unique) + "; Expires=" + IsoTime(expires));
  } else if (!outcome.response.Get(frame_key::kCloseSession).empty()) {
    answer.headers.emplace_back("X-Amzn-SageMaker-Closed-Session-Id", call.session);
  }
}

}  // namespace smhost
