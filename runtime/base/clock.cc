#include "base/clock.h"

#include <cstdio>
#include <ctime>

namespace smhost {

std::string FormatIso8601(WallTime time) {
  using namespace std::chrono;
  auto ms = duration_cast<milliseconds>(time.time_since_epoch()).count();
  std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(ms % 1000));
  return text;
}

WallTime ParseIso8601(const std::string& text) {
  std::tm parts{};
  int ms = 0;
  int fields = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
                           &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &ms);
  if (fields < 6) return {};
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return WallTime{std::chrono::seconds(timegm(&parts)) + std::chrono::milliseconds(fields == 7 ? ms : 0)};
}

}  // namespace smhost
