// What the runtime did and why: events in history.db (SQLite). The controller alone appends; commands read meanwhile.
//
// It is a convenience and never a reason to stop: a full disk makes Append fail and nothing else, a damaged file is
// moved to quarantine/ and a new one begun with an event that says so. At most limits::kHistoryRows are kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "state/home.h"

namespace smhost {

enum class EventType { kNormal, kWarning };
const char* EventTypeWord(EventType type);  // "Normal", "Warning"

struct Event {
  std::int64_t id = 0;  // given by Append; grows
  std::string time;     // ISO 8601; given by Append where empty
  std::string account;
  std::string kind;  // "endpoint"; empty for the runtime itself
  std::string name;
  EventType type = EventType::kNormal;
  std::string reason;  // one CamelCase word: "InstanceStarted"
  std::string message;
};

// Members that are not set do not restrict.
struct EventQuery {
  std::optional<std::string> account, kind, name;
  std::int64_t after_id = 0;
  std::string since;         // ISO 8601
  std::size_t limit = 1000;  // the newest so many
};

class History {
 public:
  // For the controller: makes the file (0600) where there is none; where it cannot, each Append tries again.
  // kNewerFormat for one of a newer smhost.
  static Result<History> Open(const Clock& clock, const Home& home);
  // For commands. No file yet: an empty history.
  static Result<History> OpenForReading(const Clock& clock, const Home& home);

  History(History&&) noexcept;
  ~History();

  Status Append(Event event);
  Result<std::vector<Event>> Query(const EventQuery& query);  // oldest first

 private:
  class Database;
  History(const Clock& clock, const Home& home);
  Status OpenForWriting();
  Status Insert(const Event& event);
  Status Prune();
  Status StartAnew(const std::string& why);

  const Clock* clock_;
  Home home_;
  std::unique_ptr<Database> database_;  // none: there is no file to read, or none could be made
  int appended_ = 0;
};

}  // namespace smhost
