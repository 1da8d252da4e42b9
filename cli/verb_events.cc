#include <memory>

#include "context.h"
#include "event_feed.h"
#include "kind_argument.h"
#include "text.h"
#include "verbs.h"
#include "watch.h"

namespace smhost::cli {
namespace {

struct EventsOptions {
  std::string kind, name;
  bool follow = false;
};

void PrintEvent(Output& out, const Event& event) {
  if (out.format() == Format::kJson) {
    out.Print(CompactJson(EventJson(event)) + "\n");
  } else {
    out.Print(out.Paint(EventLine(event), event.type == EventType::kWarning ? Colour::kBad : Colour::kPlain) + "\n");
  }
}

tl::expected<EventQuery, Failure> QueryOf(Context& context, const EventsOptions& options) {
  EventQuery query;
  if (options.kind.empty()) return query;
  auto kind = ParseKind(options.kind);
  if (!kind) return tl::unexpected<Failure>(kind.error());
  query.account = context.account();
  query.kind = InfoOf(*kind).word;
  if (!options.name.empty()) query.name = options.name;
  return query;
}

VerbResult Events(Context& context, const EventsOptions& options) {
  auto query = QueryOf(context, options);
  if (!query) return tl::unexpected<Failure>(query.error());
  EventFeed feed(context);
  FolderWatch watch;
  watch.Add(context.home().root());  // the history's files lie there
  for (;;) {
    SMHOST_TRY(auto events, feed.Query(*query));
    for (const Event& event : events) {
      PrintEvent(context.out(), event);
      query->after_id = event.id;
    }
    if (!options.follow) return Exit::kDone;
    context.out().Flush();
    watch.Wait(std::chrono::seconds(60));
  }
}

}  // namespace

Command EventsCommand() {
  auto options = std::make_shared<EventsOptions>();
  Command command;
  command.name = "events";
  command.group = "Use";
  command.summary = "what the runtime did and why";
  command.description =
      "Prints the runtime's history, the oldest event first: all of it, or that of a kind or of one resource. "
      "With -o json, one JSON object a line.";
  command.example = "smhost events\nsmhost events endpoint vad -f";
  command.positionals = {
      {"KIND", KindList(), &options->kind, false, Complete::kKind},
      {"NAME", "only this one", &options->name, false, Complete::kName}};
  command.options = {{"-f,--follow", "", "go on with what comes, until interrupted", &options->follow}};
  command.run = [options](Context& context) { return Events(context, *options); };
  return command;
}

}  // namespace smhost::cli
