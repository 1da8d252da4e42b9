#include "event_feed.h"

#include <algorithm>

#include "text.h"

namespace smhost::cli {
namespace {

std::string Padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string Trimmed(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::string WordOf(const Event& event) { return event.kind.empty() ? "runtime" : event.kind + "/" + event.name; }

}  // namespace

std::string EventLine(const Event& event) {
  std::string line = event.time + "  " + Padded(EventTypeWord(event.type), 7) + "  " + Padded(event.reason, 18) + "  ";
  return Trimmed(Harmless(line + Padded(WordOf(event), 16) + "  " + event.message));
}

std::string ShortEventLine(const Event& event) {
  constexpr std::size_t kTimeOfDay = 11, kTimeBytes = 12;  // "2026-01-31T12:00:01.123Z"
  std::string time = event.time.size() > kTimeOfDay ? event.time.substr(kTimeOfDay, kTimeBytes) : event.time;
  return Trimmed(Harmless(time + "  " + Padded(event.reason, 18) + "  " + event.message));
}

Json EventJson(const Event& event) {
  return {{"Id", event.id},     {"Time", event.time}, {"Account", event.account}, {"Type", EventTypeWord(event.type)},
          {"Kind", event.kind}, {"Name", event.name}, {"Reason", event.reason},   {"Message", event.message}};
}

Result<std::vector<Event>> EventFeed::Query(const EventQuery& query) {
  if (!history_) {
    if (!context_.files().Exists(context_.home().History())) return std::vector<Event>();
    SMHOST_TRY(History opened, History::OpenForReading(context_.clock(), context_.home()));
    history_.emplace(std::move(opened));
  }
  return history_->Query(query);
}

std::int64_t EventFeed::Newest() {
  EventQuery query;
  query.limit = 1;
  auto events = Query(query);
  return events && !events->empty() ? events->back().id : 0;
}

std::vector<std::string> EventFeed::NewLinesOf(const std::string& endpoint) {
  if (!after_) after_ = Newest();
  EventQuery query;
  query.account = context_.account();
  query.kind = "endpoint";
  query.name = endpoint;
  query.after_id = std::max(*after_, seen_[endpoint]);
  std::vector<std::string> lines;
  auto events = Query(query);
  if (!events) return lines;
  for (const Event& event : *events) {
    lines.push_back(ShortEventLine(event));
    seen_[endpoint] = event.id;
  }
  return lines;
}

std::vector<Event> EventFeed::LastOf(Kind kind, const std::string& name, std::size_t count) {
  EventQuery query;
  query.account = context_.account();
  query.kind = InfoOf(kind).word;
  query.name = name;
  query.limit = count;
  auto events = Query(query);
  return events ? *events : std::vector<Event>();
}

}  // namespace smhost::cli
