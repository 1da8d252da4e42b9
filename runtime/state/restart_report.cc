#include "state/restart_report.h"

#include "base/json.h"
#include "base/limits.h"

namespace smhost {

RestartReport ReadRestartReport(Files& files, const Home& home) {
  RestartReport report;
  auto text = files.Read(home.RestartReport(), limits::kStateFileBytes);
  auto json = text ? ParseJson(*text, home.RestartReport(), limits::kStateFileBytes) : Fail(text.error());
  if (!json) return report;
  report.number = static_cast<std::uint64_t>(IntOr(*json, "number"));
  report.error = StringOr(*json, "error");
  return report;
}

Status WriteRestartReport(Files& files, const Home& home, const std::string& error) {
  auto number = ReadRestartReport(files, home).number + 1;
  return WriteAtomically(files, home.RestartReport(), PrettyJson({{"number", number}, {"error", error}}));
}

}  // namespace smhost
