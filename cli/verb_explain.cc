#include <memory>

#include "context.h"
#include "kind_argument.h"
#include "resources/explain.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

VerbResult ExplainVerb(Context& context, const std::string& path) {
  std::size_t dot = path.find('.');
  auto kind = ParseKind(path.substr(0, dot));
  if (!kind) return tl::unexpected<Failure>(kind.error());
  std::string whole = InfoOf(*kind).word + (dot == path.npos ? std::string() : path.substr(dot));
  SMHOST_TRY(std::string text, Explain(whole));
  SMHOST_TRY_STATUS(context.out().Show({{"Path", whole}, {"Text", text}}, {whole},
                                       [&] { return text.ends_with('\n') ? text : text + "\n"; }));
  return Exit::kDone;
}

}  // namespace

Command ExplainCommand() {
  auto path = std::make_shared<std::string>();
  Command command;
  command.name = "explain";
  command.group = "Help and set-up";
  command.summary = "what a kind or one of its properties is";
  command.description =
      "Explains a kind, or a property by its path, from the schemas: type, rules, and whether it has an effect here. "
      "Case does not matter.";
  command.example = "smhost explain endpoint-config\nsmhost explain ec.ProductionVariants.InstanceType";
  command.positionals = {
      {"KIND[.PROPERTY…]", "a kind, then property names after dots", path.get(), true, Complete::kProperty}};
  command.needs_home = false;
  command.run = [path](Context& context) { return ExplainVerb(context, *path); };
  return command;
}

}  // namespace smhost::cli
