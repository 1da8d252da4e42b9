// completion prints a shell's script; __complete answers it.
#include <filesystem>
#include <memory>

#include "completer.h"
#include "context.h"
#include "resources/defaults.h"
#include "state/credentials.h"
#include "state/objects.h"
#include "text.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

namespace fs = std::filesystem;

// Words are taken from the line itself: bash's own list is cut at ":" and "=", which addresses and options contain.
constexpr const char* kBash = R"sh(# bash completion of smhost; try: source <(smhost completion bash)
_smhost() {
  local line=${COMP_LINE:0:COMP_POINT} words=() word current before candidate
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  word=${words[-1]}
  current=${COMP_WORDS[COMP_CWORD]}
  case $current in :|=) current= ;; esac
  before=${word%"$current"}
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    [[ -z $candidate ]] && continue
    candidate=${candidate#"$before"}
    COMPREPLY+=("${candidate// /\\ }")
  done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
  if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[/=.] ]]; then compopt -o nospace; fi
}
complete -F _smhost smhost
)sh";

constexpr const char* kZsh = R"sh(#compdef smhost
# zsh completion of smhost; try: source <(smhost completion zsh)
_smhost() {
  local line word
  local -a closed closed_help open open_help
  for line in "${(@f)$("${(Q)words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line ]] && continue
    word=${line%%$'\t'*}
    if [[ $word == *[/=.] ]]; then
      open+=("$word") open_help+=("${line/$'\t'/  -- }")
    else
      closed+=("$word") closed_help+=("${line/$'\t'/  -- }")
    fi
  done
  (( $#closed )) && compadd -U -d closed_help -a closed
  (( $#open )) && compadd -U -S '' -d open_help -a open
}
if [[ ${funcstack[1]} == _smhost ]]; then _smhost "$@"; else compdef _smhost smhost; fi
)sh";

constexpr const char* kFish = R"sh(# fish completion of smhost; try: smhost completion fish | source
function __smhost_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    $words[1] __complete $words[2..-1] "$current" 2>/dev/null
end
complete -c smhost -e
complete -c smhost -f -a '(__smhost_complete)'
)sh";

VerbResult Completion(Context& context, const std::string& shell) {
  if (shell == "bash") {
    context.out().Print(kBash);
  } else if (shell == "zsh") {
    context.out().Print(kZsh);
  } else if (shell == "fish") {
    context.out().Print(kFish);
  } else {
    return FailUsage("completion: \"" + shell + "\" is no shell known here; there are bash, zsh and fish");
  }
  return Exit::kDone;
}

std::vector<std::string> ResourceNames(Context& context, const std::string& account, const Home& home,
                                       const std::string& kind_text) {
  std::vector<std::string> names;
  auto kind = FindKind(kind_text);
  if (!kind) return names;
  auto listing = Store(context.files(), context.clock(), home).List(account, *kind);
  if (listing)
    for (const Resource& resource : listing->resources) names.push_back(resource.name);
  return names;
}

std::vector<std::string> AccountIds(Context& context, const Home& home) {
  std::vector<std::string> ids;
  auto credentials = ReadCredentials(context.files(), home);
  if (credentials)
    for (const auto& [id, account] : credentials->accounts) ids.push_back(id);
  return ids;
}

std::vector<std::string> VariantNames(Context& context, const std::string& account, const Home& home,
                                      const std::string& endpoint) {
  std::vector<std::string> names;
  Store store(context.files(), context.clock(), home);
  auto resource = store.Get(account, Kind::kEndpoint, endpoint);
  if (!resource) return names;
  auto config = store.Get(account, Kind::kEndpointConfig, StringOr(resource->properties, "EndpointConfigName"));
  if (!config) return names;
  for (const VariantView& variant : ViewVariants(config->properties)) names.push_back(variant.name);
  return names;
}

// Buckets, then one level of keys after another, as file names are offered.
std::vector<std::string> ObjectNames(const Home& home, const std::string& begun) {
  constexpr std::string_view kScheme = "s3://";
  std::vector<std::string> names;
  if (!begun.starts_with(kScheme)) return kScheme.starts_with(begun) ? std::vector<std::string>{"s3://"} : names;
  ObjectStore store(home);
  std::string rest = begun.substr(kScheme.size());
  std::size_t slash = rest.find('/');
  if (slash == rest.npos) {
    if (auto buckets = store.Buckets())
      for (const auto& bucket : *buckets) names.push_back("s3://" + bucket + "/");
    return names;
  }
  std::string bucket = rest.substr(0, slash), prefix = rest.substr(slash + 1);
  auto objects = store.List(bucket, prefix);
  if (!objects) return names;
  for (const ObjectInfo& object : *objects) {
    std::size_t next = object.key.find('/', prefix.size());
    names.push_back("s3://" + bucket + "/" + object.key.substr(0, next == std::string::npos ? next : next + 1));
  }
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::string> FileNames(const std::string& begun, bool folders_only) {
  std::string folder = begun.substr(0, begun.find_last_of('/') == std::string::npos ? 0 : begun.find_last_of('/') + 1);
  std::string looked_at = folder.empty() ? "." : folder;
  if (looked_at.starts_with("~/"))
    if (const char* user = std::getenv("HOME")) looked_at = user + looked_at.substr(1);
  std::string last = begun.substr(folder.size());
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(looked_at, error), end; !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name.starts_with(".") && !last.starts_with(".")) continue;
    std::error_code ignored;
    bool is_folder = entry->is_directory(ignored);
    if (is_folder || !folders_only) names.push_back(folder + name + (is_folder ? "/" : ""));
  }
  std::sort(names.begin(), names.end());
  return names;
}

VerbResult CompleteVerb(Context& context) {
  const auto& words = context.raw();
  auto home = Home::Find(ValueAmong(words, "--home"));
  if (!home) return Exit::kDone;
  std::string account = ValueAmong(words, "--account");
  if (account.empty()) account = kLocalAccount;
  NameSources sources;
  sources.resources = [&](const std::string& kind) { return ResourceNames(context, account, *home, kind); };
  sources.variants = [&](const std::string& endpoint) { return VariantNames(context, account, *home, endpoint); };
  sources.accounts = [&] { return AccountIds(context, *home); };
  sources.objects = [&](const std::string& begun) { return ObjectNames(*home, begun); };
  sources.files = FileNames;
  for (const Candidate& candidate : CompleteWords(context.commands(), words, sources))
    context.out().Print(candidate.word + (candidate.help.empty() ? "" : "\t" + candidate.help) + "\n");
  return Exit::kDone;
}

}  // namespace

Command CompletionCommand() {
  auto shell = std::make_shared<std::string>();
  Command command;
  command.name = "completion";
  command.group = "Help and set-up";
  command.summary = "print the completion script of a shell";
  command.description =
      "Prints a script that makes the shell complete verbs, options, kinds and the names of resources that there are.";
  command.example =
      "source <(smhost completion bash)\n"
      "smhost completion zsh > ~/.zfunc/_smhost\n"
      "smhost completion fish > ~/.config/fish/completions/smhost.fish";
  command.positionals = {{"SHELL", "bash, zsh or fish", shell.get(), true, Complete::kShell}};
  command.needs_home = false;
  command.run = [shell](Context& context) { return Completion(context, *shell); };
  return command;
}

Command CompleteCommand() {
  Command command;
  command.name = "__complete";
  command.group = "Help and set-up";
  command.summary = "what a completion script asks";
  command.example = "smhost __complete get endpoint \"\"";
  command.hidden = true;
  command.raw = true;
  command.needs_home = false;
  command.run = CompleteVerb;
  return command;
}

}  // namespace smhost::cli
