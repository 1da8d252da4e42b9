#include "changes.h"

#include "follow.h"
#include "views.h"

namespace smhost::cli {
namespace {

const char* ChangeWord(Change change) {
  switch (change) {
    case Change::kCreated:
      return "created";
    case Change::kChanged:
      return "changed";
    case Change::kUnchanged:
      return "unchanged";
    case Change::kRetried:
      return "retried";
  }
  return "";
}

}  // namespace

Status ShowChanges(Context& context, const std::vector<Outcome>& outcomes, bool dry_run) {
  Json list = Json::array();
  std::vector<std::string> names;
  std::string lines;
  for (const Outcome& outcome : outcomes) {
    const Resource& resource = outcome.resource;
    std::string change = ChangeWord(outcome.change);
    list.push_back({{"Kind", InfoOf(resource.kind).word},
                    {"Name", resource.name},
                    {"Arn", resource.arn},
                    {"Generation", resource.generation},
                    {"Change", change},
                    {"DryRun", dry_run}});
    names.push_back(ResourceWord(resource.kind, resource.name));
    bool same = outcome.change == Change::kUnchanged;
    lines += std::string(InfoOf(resource.kind).word) + " " + resource.name + " " +
             context.out().Paint(change, same ? Colour::kFaint : Colour::kGood) + (dry_run ? " (dry run)" : "") + "\n";
  }
  return context.out().Show(list, names, [&] { return lines; });
}

VerbResult AwaitEndpoints(Context& context, const std::vector<std::string>& names, std::chrono::milliseconds timeout,
                          std::int64_t events_after) {
  FollowOrder order{names, JudgeApplied, "InService", timeout, events_after};
  auto begin = context.clock().Monotonic();
  VerbResult end = Follow(context, order);
  if (!end) return end;
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(context.clock().Monotonic() - begin).count();
  for (const auto& name : names)
    context.out().Note("endpoint " + name + " is InService (after " + std::to_string(ms) + " ms)");
  return end;
}

}  // namespace smhost::cli
