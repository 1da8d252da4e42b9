#include <memory>

#include "api/endpoint_updates.h"
#include "changes.h"
#include "context.h"
#include "event_feed.h"
#include "follow.h"
#include "resources/defaults.h"
#include "text.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

struct ScaleOptions {
  std::string endpoint, variant;
  std::optional<int> count;
  std::optional<double> weight;
  bool wait = false;
  std::optional<std::chrono::milliseconds> timeout;
};

// The only variant that there is, where none was named.
tl::expected<std::string, Failure> VariantOf(Context& context, const ScaleOptions& options) {
  if (!options.variant.empty()) return options.variant;
  auto endpoint = context.store().Get(context.account(), Kind::kEndpoint, options.endpoint);
  if (!endpoint) return tl::unexpected<Failure>(Failure(endpoint.error()));
  auto config = context.store().Get(context.account(), Kind::kEndpointConfig, StringOr(endpoint->properties, "EndpointConfigName"));
  if (!config) return tl::unexpected<Failure>(Failure(config.error()));
  std::vector<std::string> names;
  for (const VariantView& variant : ViewVariants(config->properties)) names.push_back(variant.name);
  if (names.size() == 1) return names.front();
  return FailUsage("scale: endpoint " + options.endpoint + " has several variants; name one with --variant: " + JoinWords(names, ", "));
}

VerbResult Scale(Context& context, const ScaleOptions& options) {
  if (!options.count && !options.weight) return FailUsage("scale: say what is to change: --count N, --weight W, or both");
  if (options.wait && !context.RuntimeRuns()) return tl::unexpected<Failure>(Failure(context.NoRuntime()));
  auto variant = VariantOf(context, options);
  if (!variant) return tl::unexpected<Failure>(variant.error());
  const std::int64_t before = options.wait ? EventFeed(context).Newest() : 0;
  SMHOST_TRY(Resource changed, UpdateEndpointWeightsAndCapacities(context.store(), context.account(), options.endpoint,
                                                                  {{*variant, options.weight, options.count}}));
  SMHOST_TRY_STATUS(ShowChanges(context, {Outcome{Change::kChanged, std::move(changed), {}, {}}}, false));
  context.out().Flush();
  if (options.wait) return AwaitEndpoints(context, {options.endpoint}, options.timeout.value_or(kDefaultWait), before);
  if (!context.RuntimeRuns()) context.out().Note("no runtime runs: `smhost up` starts one with the new numbers");
  return Exit::kDone;
}

}  // namespace

Command ScaleCommand() {
  auto options = std::make_shared<ScaleOptions>();
  Command command;
  command.name = "scale";
  command.group = "Resources";
  command.summary = "change the weight or instance count of a variant";
  command.description =
      "Gives a variant of an endpoint another weight, another number of instances, or both, as UpdateEndpointWeightsAndCapacities "
      "does: in place, without a new fleet. It holds until the endpoint gets another configuration; the configuration's document "
      "stays as it is.";
  command.example =
      "smhost scale vad --count 4 --wait\n"
      "smhost scale vad --variant candidate --weight 0.1";
  command.positionals = {{"ENDPOINT", "its name", &options->endpoint, true, Complete::kEndpoint}};
  command.options = {
      {"--variant", "V", "the production or shadow variant; may be left out where there is one", &options->variant, Complete::kVariant},
      {"--count", "N", "how many instances", &options->count},
      {"--weight", "W", "its part of the traffic, against the other variants' weights", &options->weight},
      {"-w,--wait", "", "until the endpoint serves so, or could not (exit code 5)", &options->wait},
      {"--timeout", "SPAN", "how long --wait waits at most; default 120s, then exit code 6", &options->timeout},
  };
  command.run = [options](Context& context) { return Scale(context, *options); };
  return command;
}

}  // namespace smhost::cli
