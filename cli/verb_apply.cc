#include <memory>

#include "api/endpoint_uses.h"
#include "changes.h"
#include "context.h"
#include "documents.h"
#include "event_feed.h"
#include "follow.h"
#include "runtime_control.h"
#include "state/layout.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

struct Options {
  DocumentOptions documents;
  std::vector<std::string> more_files;
  bool wait = false, dry_run = false, no_start = false;
  std::optional<std::chrono::milliseconds> timeout;
};

void SayNotes(Context& context, const LoadedDocuments& loaded) {
  for (const Note& note : loaded.notes)
    context.out().Note("note: " + (note.source.empty() ? "" : note.source + ": ") + note.path + ": " + note.text);
}

void SayOutputs(Context& context, const LoadedDocuments& loaded) {
  for (const auto& [name, value] : loaded.outputs)
    context.out().Note("output " + name + " = " + (value.is_string() ? value.get<std::string>() : CompactJson(value)));
}

VerbResult AwaitReached(Context& context, const Options& options, const std::vector<smhost::Outcome>& outcomes,
                        std::int64_t after) {
  std::set<std::pair<Kind, std::string>> applied;
  for (const smhost::Outcome& outcome : outcomes) applied.insert({outcome.resource.kind, outcome.resource.name});
  SMHOST_TRY(auto names, EndpointsReached(context.store(), context.account(), applied));
  if (names.empty()) {
    context.out().Note("no endpoint uses these documents: nothing to wait for");
    return Exit::kDone;
  }
  return AwaitEndpoints(context, names, options.timeout.value_or(kDefaultWait), after);
}

tl::expected<void, Failure> MakeReady(Context& context, const Options& options) {
  if (options.dry_run) return {};
  if (auto ready = PrepareHome(context.files(), context.home()); !ready)
    return tl::unexpected<Failure>(Failure(ready.error()));
  return {};
}

tl::expected<void, Failure> StartIfNone(Context& context, const Options& options) {
  if (options.dry_run || options.no_start) return {};
  auto started = EnsureRuntime(context, std::nullopt);
  if (!started) {
    Failure failure(started.error());
    failure.error.message = "the documents are written, but " + failure.error.message;
    return tl::unexpected<Failure>(failure);
  }
  if (*started) context.out().Note("runtime started in " + context.home().root());
  return {};
}

// What stood in the way may be gone though no document changed, a missing artifact for one: applying again tries again.
std::set<std::pair<Kind, std::string>> FailedEndpoints(Context& context, const std::vector<Document>& documents) {
  std::set<std::pair<Kind, std::string>> failed;
  for (const Document& document : documents) {
    if (document.kind != Kind::kEndpoint) continue;
    auto status = context.store().GetStatus(context.account(), document.kind, document.name);
    if (status && !StringOr(*status, "FailureReason").empty()) failed.insert({document.kind, document.name});
  }
  return failed;
}

VerbResult Apply(Context& context, const Options& options) {
  DocumentOptions documents = options.documents;
  documents.files.insert(documents.files.end(), options.more_files.begin(), options.more_files.end());
  auto loaded = ReadDocuments(context, documents);
  if (!loaded) return tl::unexpected<Failure>(loaded.error());
  if (options.wait && options.no_start && !context.RuntimeRuns())
    return tl::unexpected<Failure>(Failure(context.NoRuntime()));
  if (auto ready = MakeReady(context, options); !ready) return tl::unexpected<Failure>(ready.error());
  std::int64_t before = options.wait ? EventFeed(context).Newest() : 0;
  ApplyOptions apply;
  apply.dry_run = options.dry_run;
  apply.retry = FailedEndpoints(context, loaded->documents);
  SMHOST_TRY(auto outcomes, context.store().Apply(context.account(), loaded->documents, apply));
  SayNotes(context, *loaded);
  for (const smhost::Outcome& outcome : outcomes)
    if (!outcome.note.empty()) context.out().Warn(outcome.note);
  SMHOST_TRY_STATUS(ShowChanges(context, outcomes, options.dry_run));
  context.out().Flush();
  SayOutputs(context, *loaded);
  if (auto started = StartIfNone(context, options); !started) return tl::unexpected<Failure>(started.error());
  if (!options.wait || options.dry_run) return Exit::kDone;
  return AwaitReached(context, options, outcomes, before);
}

}  // namespace

Command ApplyCommand() {
  auto options = std::make_shared<Options>();
  Command command;
  command.name = "apply";
  command.group = "Resources";
  command.summary = "make documents true";
  command.description =
      "Stores the resources of the documents, all or none, and starts the runtime if none runs; the runtime makes them "
      "true. "
      "Prints a line a resource: created, changed, unchanged, or retried (an unchanged endpoint whose last deployment "
      "failed). Applying changed documents updates the endpoints that use "
      "them without losing a request. A document holds one resource, an array of them, or a CloudFormation template. "
      "Properties that have no effect here are named in a note each.";
  command.example =
      "smhost apply -f vad.json --wait\n"
      "smhost apply -f deploy/ --param Stage=dev --dry-run\n"
      "make-document | smhost apply -f -";
  command.positionals = {{"FILE", "the same as -f FILE", &options->more_files, false, Complete::kFile}};
  command.options = {
      FilesOption(options->documents),
      ParametersOption(options->documents),
      {"-w,--wait", "", "until the endpoints that the change reaches are in service, or have failed (exit code 5)",
       &options->wait},
      {"--timeout", "SPAN", "how long --wait waits at most; default 120s, then exit code 6", &options->timeout},
      {"--dry-run", "", "check everything and say what would change; write nothing", &options->dry_run},
      {"--no-start", "", "only write; start no runtime", &options->no_start},
  };
  command.run = [options](Context& context) { return Apply(context, *options); };
  return command;
}

}  // namespace smhost::cli
