#include <memory>

#include "context.h"
#include "log_files.h"
#include "text.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

struct LogsOptions {
  std::string endpoint, variant;
  bool follow = false;
  std::optional<std::chrono::milliseconds> since;
  std::optional<int> tail;
};

void PrintLine(Output& out, const LogLine& line) {
  if (out.format() == Format::kJson) {
    out.Print(
        CompactJson(
            {{"Time", line.time}, {"Variant", line.variant}, {"Instance", line.instance}, {"Message", line.message}}) +
        "\n");
    return;
  }
  out.Print(out.Paint(line.time, Colour::kFaint) + " " +
            out.Paint(line.variant + "/" + line.instance, Colour::kStrong) + " " + Harmless(line.message) + "\n");
}

tl::expected<void, Failure> CheckEndpoint(Context& context, const LogFiles& logs, const LogsOptions& options) {
  std::string resource = "endpoint/" + options.endpoint;
  bool known = context.files().Exists(context.home().Resource(context.account(), "endpoint", options.endpoint));
  if (!known && !logs.exists())
    return FailWith(Exit::kNotFound, Code::kNotFound,
                    "there is no endpoint \"" + options.endpoint +
                        "\" and no log of one; `smhost get endpoint` lists those that there are",
                    resource);
  auto variants = logs.Variants();
  bool there =
      options.variant.empty() || std::find(variants.begin(), variants.end(), options.variant) != variants.end();
  if (!there && !options.follow)
    return FailWith(Exit::kNotFound, Code::kNotFound,
                    "endpoint " + options.endpoint + " has no log of a variant \"" + options.variant + "\"" +
                        (variants.empty() ? "" : "; there are " + JoinWords(variants, ", ")),
                    resource);
  return {};
}

VerbResult Logs(Context& context, const LogsOptions& options) {
  if (options.endpoint.empty() || options.endpoint.find('/') != std::string::npos || options.endpoint[0] == '.')
    return FailUsage("\"" + options.endpoint + "\" is no endpoint's name");
  LogFiles logs(context.home().VariantLogs(context.account(), options.endpoint, ""), options.variant);
  if (auto there = CheckEndpoint(context, logs, options); !there) return tl::unexpected<Failure>(there.error());
  FolderWatch watch;
  std::vector<LogLine> lines = logs.ReadNew(options.follow ? &watch : nullptr);
  if (options.since) {
    std::string oldest = FormatIso8601(context.clock().Wall() - *options.since);
    std::erase_if(lines, [&](const LogLine& line) { return line.time < oldest; });
  }
  std::size_t skip = 0;
  if (options.tail && lines.size() > static_cast<std::size_t>(*options.tail))
    skip = lines.size() - static_cast<std::size_t>(*options.tail);
  for (std::size_t i = skip; i < lines.size(); ++i) PrintLine(context.out(), lines[i]);
  while (options.follow) {
    context.out().Flush();
    watch.Wait(std::chrono::seconds(60));
    for (const auto& line : logs.ReadNew(&watch)) PrintLine(context.out(), line);
  }
  return Exit::kDone;
}

}  // namespace

Command LogsCommand() {
  auto options = std::make_shared<LogsOptions>();
  Command command;
  command.name = "logs";
  command.group = "Use";
  command.summary = "print what the instances of an endpoint wrote";
  command.description =
      "Prints the logs of all instances of an endpoint, merged by time, each line after its variant and instance. "
      "Logs of instances that have ended stay. With -o json, one JSON object a line.";
  command.example = "smhost logs vad --tail 20\nsmhost logs vad -f --since 10m --variant AllTraffic";
  command.positionals = {{"ENDPOINT", "its name", &options->endpoint, true, Complete::kEndpoint}};
  command.options = {
      {"-f,--follow", "", "go on with what comes, until interrupted", &options->follow},
      {"--variant", "V", "only this production variant", &options->variant, Complete::kVariant},
      {"--since", "SPAN", "only lines younger than this, such as 10m", &options->since},
      {"--tail", "N", "only the last N lines", &options->tail},
  };
  command.run = [options](Context& context) { return Logs(context, *options); };
  return command;
}

}  // namespace smhost::cli
