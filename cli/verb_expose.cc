#include <memory>

#include "base/digest.h"
#include "base/random.h"
#include "context.h"
#include "public_routes.h"
#include "resources/public_route.h"
#include "resources/validate.h"
#include "text.h"
#include "verbs.h"
#include "views.h"

namespace smhost::cli {
namespace {

constexpr std::size_t kKeyBytes = 32;

struct ExposeOptions {
  std::string endpoint, name, path, variant;
  std::optional<double> per_second;
  std::optional<int> burst, most_body;
  std::vector<std::string> origins, types;
  bool no_key = false, rotate = false;
};

// What the words say; of the route as it was stays what they do not.
Document DocumentOf(const ExposeOptions& options, const Json& before, const std::string& key) {
  Document document{Kind::kPublicRoute, options.name.empty() ? options.endpoint : options.name, before};
  Json& properties = document.properties;
  properties["PublicRouteName"] = document.name;
  properties["EndpointName"] = options.endpoint;
  if (!options.path.empty()) properties["Path"] = options.path;
  if (!options.variant.empty()) properties["TargetVariant"] = options.variant;
  if (options.per_second) properties["RequestsPerSecond"] = *options.per_second;
  if (options.burst) properties["Burst"] = *options.burst;
  if (options.most_body) properties["MaxBodyBytes"] = *options.most_body;
  if (!options.origins.empty()) properties["CorsOrigins"] = options.origins;
  if (!options.types.empty()) properties["AllowedContentTypes"] = options.types;
  if (options.no_key) {
    properties["Access"] = "None";
    properties.erase("ApiKeys");
  } else if (!key.empty()) {
    properties.erase("Access");
    properties["ApiKeys"] = Json::array({{{"Name", "default"}, {"Sha256", Sha256Hex(key)}}});
  }
  return document;
}

Status Refuse(const std::vector<Fault>& faults) {
  if (faults.empty()) return {};
  std::string text;
  for (const Fault& fault : faults) text += (text.empty() ? "" : "; ") + Describe(fault);
  return Fail(Code::kInvalid, text);
}

std::string CurlLine(const std::string& url, const std::string& key, bool open) {
  const std::string header = open ? "" : " -H " + ShellQuoted("x-api-key: " + (key.empty() ? "KEY" : key));
  return "curl -sS" + header + " -H 'Content-Type: application/json' -d '[[1, 2, 3]]' " + ShellQuoted(url);
}

VerbResult ShowRoute(Context& context, const Resource& route, const std::string& key) {
  SMHOST_TRY(RouteState state, ReadRouteState(context, route));
  const PublicRouteView view = ViewPublicRoute(route.name, route.properties);
  const std::string curl = CurlLine(state.url, key, view.open);
  Json shown = {{"PublicRouteName", route.name}, {"PublicRouteArn", route.arn}, {"Path", view.path}, {"Url", state.url}, {"Curl", curl}};
  if (!key.empty()) shown["ApiKey"] = key;
  SMHOST_TRY_STATUS(context.out().Show(shown, {ResourceWord(Kind::kPublicRoute, route.name)}, [&] {
    const std::string access = view.open ? "none is asked for" : key.empty() ? "as before; --rotate makes a new one" : key + " (not shown again)";
    return "URL: " + state.url + "\nKey: " + access + "\n" + curl + "\n";
  }));
  context.out().Flush();
  if (!state.problem.empty()) context.out().Note(state.problem);
  else if (!AwaitRoute(context, route))
    return FailWith(Exit::kTimedOut, Code::kTimedOut, ResourceWord(Kind::kPublicRoute, route.name) + ": is stored, and the runtime does not serve it yet; `smhost events` may say why");
  return Exit::kDone;
}

VerbResult Expose(Context& context, const ExposeOptions& options) {
  if (options.no_key && options.rotate) return FailUsage("expose: --no-key and --rotate exclude each other");
  SMHOST_TRY(Resource endpoint, context.store().Get(context.account(), Kind::kEndpoint, options.endpoint));
  const std::string name = options.name.empty() ? options.endpoint : options.name;
  auto before = context.store().Get(context.account(), Kind::kPublicRoute, name);
  if (!before && before.error().code != Code::kNotFound) return tl::unexpected<Failure>(Failure(before.error()));
  if (options.rotate && !before) return tl::unexpected<Failure>(Failure(before.error()));
  const bool new_key = !options.no_key && (!before || options.rotate);
  const std::string key = new_key ? RandomHex(kKeyBytes) : "";
  const Document document = DocumentOf(options, before ? before->properties : Json::object(), key);
  SMHOST_TRY_STATUS(Refuse(Validate(document)));
  ApplyOptions apply;
  apply.expected_generations[{Kind::kPublicRoute, document.name}] = before ? before->generation : 0;
  SMHOST_TRY(auto outcomes, context.store().Apply(context.account(), {document}, apply));
  return ShowRoute(context, outcomes.front().resource, key);
}

}  // namespace

Command ExposeCommand() {
  auto options = std::make_shared<ExposeOptions>();
  Command command;
  command.name = "expose";
  command.group = "Resources";
  command.summary = "let clients without AWS keys reach an endpoint";
  command.description =
      "Makes a public route to an endpoint, as API Gateway and a Lambda function give it at AWS, and prints its URL, its key and a line "
      "that uses both. The key is stored hashed and is not shown again. For a route that is there already, changes what the options "
      "say and keeps the rest, its key too.";
  command.example =
      "smhost expose vad\n"
      "smhost expose vad --rps 5 --burst 10 --cors https://example.com --content-type application/json\n"
      "smhost expose vad --rotate";
  command.positionals = {{"ENDPOINT", "its name", &options->endpoint, true, Complete::kEndpoint}};
  command.options = {
      {"--name", "N", "the route's name; default the endpoint's", &options->name},
      {"--path", "P", "where it is reached; default /public/ and its name", &options->path},
      {"--variant", "V", "the production variant that answers; default by weight", &options->variant, Complete::kVariant},
      {"--rps", "N", "how many requests a second pass; default 10000", &options->per_second},
      {"--burst", "N", "how many pass at once after a pause; default those of a second", &options->burst},
      {"--cors", "ORIGIN", "pages of this origin may use it, or * for all; several are allowed", &options->origins},
      {"--content-type", "T", "take bodies of this media type; several are allowed; default all", &options->types},
      {"--max-body", "BYTES", "the largest body; default and at most 6291456", &options->most_body},
      {"--no-key", "", "let everybody in who reaches the port", &options->no_key},
      {"--rotate", "", "make a new key; the ones before stop", &options->rotate},
  };
  command.run = [options](Context& context) { return Expose(context, *options); };
  return command;
}

}  // namespace smhost::cli
