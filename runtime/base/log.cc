#include "base/log.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/limits.h"

namespace smhost {

void StartLog(const std::string& path) {
  auto logger = std::shared_ptr<spdlog::logger>();
  if (!path.empty()) {
    try {
      auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path, limits::kLogFileBytes, 1);
      logger = std::make_shared<spdlog::logger>("smhost", sink);
    } catch (const spdlog::spdlog_ex&) {
      // A log that cannot be opened (full disk) must not stop the service: stderr instead.
    }
  }
  if (!logger) logger = std::make_shared<spdlog::logger>("smhost", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::info);
  logger->set_error_handler([](const std::string&) {});
  spdlog::set_default_logger(logger);
}

}  // namespace smhost
