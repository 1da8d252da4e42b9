#include <algorithm>
#include <memory>

#include "context.h"
#include "documents.h"
#include "event_feed.h"
#include "follow.h"
#include "kind_argument.h"
#include "text.h"
#include "verbs.h"
#include "views.h"

namespace smhost::cli {
namespace {

struct DeleteOptions {
  std::string kind;
  std::vector<std::string> names;
  DocumentOptions documents;
  bool wait = false;
  std::optional<std::chrono::milliseconds> timeout;
};

struct Named {
  Kind kind;
  std::string name;
};

tl::expected<std::vector<Named>, Failure> WhatToDelete(Context& context, const DeleteOptions& options) {
  std::vector<Named> all;
  if (!options.documents.files.empty()) {
    if (!options.kind.empty()) return FailUsage("delete: give either KIND and NAME or -f FILE, not both");
    DocumentOptions documents = options.documents;
    documents.validate = false;  // what an older schema let in must still go
    auto loaded = ReadDocuments(context, documents);
    if (!loaded) return tl::unexpected<Failure>(loaded.error());
    for (const Document& document : loaded->documents) all.push_back({document.kind, document.name});
    std::reverse(all.begin(), all.end());  // what uses others goes first
    return all;
  }
  if (options.kind.empty())
    return FailUsage("delete: KIND and NAME, or -f FILE, are missing; see smhost delete --help");
  auto kind = ParseKind(options.kind);
  if (!kind) return tl::unexpected<Failure>(kind.error());
  if (options.names.empty())
    return FailUsage("delete: NAME is missing: which " + std::string(InfoOf(*kind).prose) + "?");
  for (const auto& name : options.names) all.push_back({*kind, name});
  return all;
}

VerbResult AwaitGone(Context& context, const DeleteOptions& options, std::vector<std::string> endpoints,
                     std::int64_t after) {
  if (endpoints.empty()) return Exit::kDone;
  FollowOrder order{std::move(endpoints), JudgeDeleted, "deleted", options.timeout.value_or(kDefaultWait), after};
  return Follow(context, order);
}

VerbResult Delete(Context& context, const DeleteOptions& options) {
  auto all = WhatToDelete(context, options);
  if (!all) return tl::unexpected<Failure>(all.error());
  std::int64_t after = options.wait ? EventFeed(context).Newest() : 0;
  Failure failure;
  std::vector<std::string> endpoints, words;
  Json list = Json::array();
  std::string lines;
  for (const Named& one : *all) {
    auto deleted = context.store().Delete(context.account(), one.kind, one.name);
    if (!deleted) {
      failure.faults.push_back(deleted.error());
      continue;
    }
    if (one.kind == Kind::kEndpoint) endpoints.push_back(one.name);
    words.push_back(ResourceWord(one.kind, one.name));
    lines += std::string(InfoOf(one.kind).word) + " " + one.name + " deleted\n";
    list.push_back({{"Kind", InfoOf(one.kind).word}, {"Name", one.name}, {"Change", "deleted"}});
  }
  if (!words.empty()) SMHOST_TRY_STATUS(context.out().Show(list, words, [&] { return lines; }));
  context.out().Flush();
  if (options.wait) {
    VerbResult gone = AwaitGone(context, options, endpoints, after);
    if (!gone) return gone;
  }
  if (failure.faults.empty()) return Exit::kDone;
  failure.error = failure.faults.back();
  failure.faults.pop_back();
  failure.exit = ExitOf(failure.error);
  return tl::unexpected<Failure>(failure);
}

}  // namespace

Command DeleteCommand() {
  auto options = std::make_shared<DeleteOptions>();
  Command command;
  command.name = "delete";
  command.group = "Resources";
  command.summary = "delete resources";
  command.description =
      "Deletes what is named, or every resource of the documents, those that use others first. An endpoint's instances "
      "are "
      "drained by the runtime; --wait waits until they are gone. A model or configuration that endpoints still run on "
      "may "
      "be deleted: what runs keeps its own copy.";
  command.example = "smhost delete endpoint vad --wait\nsmhost delete -f vad.json";
  command.positionals = {
      {"KIND", KindList(), &options->kind, false, Complete::kKind},
      {"NAME", "its name; several are allowed", &options->names, false, Complete::kName}};
  command.options = {
      FilesOption(options->documents),
      ParametersOption(options->documents),
      {"-w,--wait", "", "until the endpoints are gone", &options->wait},
      {"--timeout", "SPAN", "how long --wait waits at most; default 120s, then exit code 6", &options->timeout},
  };
  command.run = [options](Context& context) { return Delete(context, *options); };
  return command;
}

}  // namespace smhost::cli
