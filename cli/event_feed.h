// The runtime's history as lines for people, and what is new in it. Reads alone; a history that cannot be read is an
// empty one where it only decorates something else. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "context.h"
#include "state/history.h"

namespace smhost::cli {

// "2026-01-31T12:00:01.123Z  Normal   InstanceReady      endpoint/vad      message"
std::string EventLine(const Event& event);
// "12:00:01.123  InstanceReady      message": while one thing is followed.
std::string ShortEventLine(const Event& event);
Json EventJson(const Event& event);

class EventFeed {
 public:
  explicit EventFeed(Context& context) : context_(context) {}

  // The newest event there is; 0: none.
  std::int64_t Newest();
  // From here on NewLinesOf tells what came after this event. Without it: after the first call of NewLinesOf.
  void StartAfter(std::int64_t event) { after_ = event; }
  std::vector<std::string> NewLinesOf(const std::string& endpoint);
  std::vector<Event> LastOf(Kind kind, const std::string& name, std::size_t count);
  // Events of the query; reopens a history that did not exist before.
  Result<std::vector<Event>> Query(const EventQuery& query);

 private:
  Context& context_;
  std::optional<History> history_;
  std::optional<std::int64_t> after_;
  std::map<std::string, std::int64_t> seen_;
};

}  // namespace smhost::cli
