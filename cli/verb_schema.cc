#include <memory>

#include "context.h"
#include "kind_argument.h"
#include "resources/schema.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

VerbResult SchemaVerb(Context& context, const std::string& word) {
  auto kind = ParseKind(word);
  if (!kind) return tl::unexpected<Failure>(kind.error());
  std::string text(SchemaText(*kind));
  if (context.out().format() != Format::kJsonPath) {
    context.out().Print(text.ends_with('\n') ? text : text + "\n");
    return Exit::kDone;
  }
  SMHOST_TRY_STATUS(context.out().Show(SchemaOf(*kind), {}, {}));
  return Exit::kDone;
}

}  // namespace

Command SchemaCommand() {
  auto kind = std::make_shared<std::string>();
  Command command;
  command.name = "schema";
  command.group = "Help and set-up";
  command.summary = "print the JSON Schema of a kind's properties";
  command.description = "Prints the JSON Schema (draft 7) that documents of this kind are checked against.";
  command.example = "smhost schema endpoint-config > endpoint-config.schema.json";
  command.positionals = {
      {"KIND", KindList(), kind.get(), true, Complete::kKind}};
  command.needs_home = false;
  command.run = [kind](Context& context) { return SchemaVerb(context, *kind); };
  return command;
}

}  // namespace smhost::cli
