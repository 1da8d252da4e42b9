#include <memory>

#include "context.h"
#include "documents.h"
#include "resources/diff.h"
#include "text.h"
#include "verbs.h"
#include "views.h"

namespace smhost::cli {
namespace {

// As diff(1): 1 says that something differs, so no failure may end with it.
constexpr Exit kSomethingDiffers = Exit::kFailed;
constexpr Exit kTrouble = Exit::kUsage;

std::string ChangeLine(const PropertyChange& change, const Output& out) {
  auto shown = [](const std::optional<Json>& value) { return Harmless(CompactJson(*value)); };
  if (!change.old_value) return out.Paint("  + " + change.path + ": " + shown(change.new_value), Colour::kGood) + "\n";
  if (!change.new_value) return out.Paint("  - " + change.path + ": " + shown(change.old_value), Colour::kBad) + "\n";
  return out.Paint("  ~ " + change.path + ": " + shown(change.old_value) + " → " + shown(change.new_value),
                   Colour::kBusy) +
         "\n";
}

Json ChangeJson(const PropertyChange& change) {
  Json out = {{"Path", change.path}};
  if (change.old_value) out["Old"] = *change.old_value;
  if (change.new_value) out["New"] = *change.new_value;
  return out;
}

VerbResult Compare(Context& context, const DocumentOptions& documents) {
  auto loaded = ReadDocuments(context, documents);
  if (!loaded) return tl::unexpected<Failure>(loaded.error());
  ApplyOptions apply;
  apply.dry_run = true;
  SMHOST_TRY(auto outcomes, context.store().Apply(context.account(), loaded->documents, apply));
  Json list = Json::array();
  std::vector<std::string> names;
  std::string text;
  for (const smhost::Outcome& outcome : outcomes) {
    if (outcome.change == Change::kUnchanged) continue;
    bool created = outcome.change == Change::kCreated;
    const Resource& resource = outcome.resource;
    Json one = {{"Kind", InfoOf(resource.kind).word},
                {"Name", resource.name},
                {"Change", created ? "created" : "changed"},
                {"Differences", Json::array()}};
    text += std::string(InfoOf(resource.kind).word) + " " + resource.name +
            (created ? " would be created" : " would be changed") + "\n";
    for (const PropertyChange& change : Diff(created ? Json::object() : outcome.before, resource.properties)) {
      one["Differences"].push_back(ChangeJson(change));
      text += ChangeLine(change, context.out());
    }
    list.push_back(std::move(one));
    names.push_back(ResourceWord(resource.kind, resource.name));
  }
  SMHOST_TRY_STATUS(context.out().Show(list, names, [&] { return text; }));
  return names.empty() ? Exit::kDone : kSomethingDiffers;
}

VerbResult DiffVerb(Context& context, const DocumentOptions& documents) {
  VerbResult end = Compare(context, documents);
  if (!end && end.error().exit == Exit::kFailed) {
    Failure failure = end.error();
    failure.exit = kTrouble;
    return tl::unexpected<Failure>(failure);
  }
  return end;
}

}  // namespace

Command DiffCommand() {
  auto options = std::make_shared<DocumentOptions>();
  Command command;
  command.name = "diff";
  command.group = "Resources";
  command.summary = "what apply would change";
  command.description =
      "Compares documents with what is stored, property by property. Exit code 0: nothing would change; 1: something "
      "would; "
      "more than 1: an error.";
  command.example = "smhost diff -f vad.json || smhost apply -f vad.json";
  command.options = {FilesOption(*options), ParametersOption(*options)};
  command.run = [options](Context& context) { return DiffVerb(context, *options); };
  return command;
}

}  // namespace smhost::cli
