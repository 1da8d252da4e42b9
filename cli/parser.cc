#include "parser.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "text.h"
#include "time_text.h"

namespace smhost::cli {
namespace {

// What CLI11 fills: texts alone. They are turned into the targets afterwards, so that every error is worded here.
struct Slot {
  std::string name;
  const Target* target = nullptr;
  std::vector<std::string> texts;
  bool flag = false;
  CLI::Option* option = nullptr;
};

using Slots = std::vector<std::unique_ptr<Slot>>;

void AddOption(CLI::App& app, const Option& option, Slots& slots) {
  auto slot = std::make_unique<Slot>();
  slot->name = NamesOf(option).back();
  slot->target = &option.target;
  if (option.is_flag()) {
    slot->option = app.add_flag(option.names, slot->flag);
  } else {
    slot->option = app.add_option(option.names, slot->texts)->allow_extra_args(false)->type_size(1)->expected(1);
    bool many = std::holds_alternative<std::vector<std::string>*>(option.target);
    slot->option->multi_option_policy(many ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast);
  }
  slots.push_back(std::move(slot));
}

void AddPositional(CLI::App& app, const Positional& positional, Slots& slots) {
  auto slot = std::make_unique<Slot>();
  slot->name = positional.name;
  slot->target = &positional.target;
  slot->option = app.add_option(positional.name, slot->texts);
  if (!std::holds_alternative<std::vector<std::string>*>(positional.target))
    slot->option->expected(1)->allow_extra_args(false);
  slots.push_back(std::move(slot));
}

struct StoreValue {
  const Slot& slot;
  using Done = tl::expected<void, Failure>;
  const std::string& text() const { return slot.texts.back(); }

  Done operator()(bool* to) const {
    *to = slot.flag;
    return {};
  }
  Done operator()(std::string* to) const {
    *to = text();
    return {};
  }
  Done operator()(std::vector<std::string>* to) const {
    *to = slot.texts;
    return {};
  }
  Done operator()(std::optional<int>* to) const {
    int number = 0;
    auto [end, error] = std::from_chars(text().data(), text().data() + text().size(), number);
    if (error != std::errc{} || end != text().data() + text().size() || number < 0)
      return FailUsage(slot.name + " wants a whole number of 0 or more, not \"" + text() + "\"");
    *to = number;
    return {};
  }
  Done operator()(std::optional<double>* to) const {
    double number = 0;
    auto [end, error] = std::from_chars(text().data(), text().data() + text().size(), number);
    if (error != std::errc{} || end != text().data() + text().size() || !std::isfinite(number) || number < 0)
      return FailUsage(slot.name + " wants a number of 0 or more, not \"" + text() + "\"");
    *to = number;
    return {};
  }
  Done operator()(std::optional<std::chrono::milliseconds>* to) const {
    auto span = ParseSpan(text());
    if (!span) return FailUsage(slot.name + " wants a span of time such as 30s, 10m or 1h30m, not \"" + text() + "\"");
    *to = *span;
    return {};
  }
};

tl::expected<void, Failure> FillTargets(const Slots& slots) {
  for (const auto& slot : slots) {
    if (slot->option->count() == 0) continue;
    auto stored = std::visit(StoreValue{*slot}, *slot->target);
    if (!stored) return stored;
  }
  return {};
}

std::vector<std::string> AllOptionNames(const Command& command, const std::vector<Option>& global) {
  std::vector<std::string> names;
  for (const auto* table : {&command.options, &global})
    for (const auto& option : *table)
      for (const auto& name : NamesOf(option)) names.push_back(name);
  return names;
}

std::string SeeHelp(const Command* command) {
  return command == nullptr ? "; see smhost --help" : "; see smhost " + command->name + " --help";
}

// The verb's or the program's answer to a word that nothing takes.
Failure UnknownWord(const std::string& word, const Command* command, const std::vector<Command>& commands,
                    const std::vector<Option>& global) {
  std::string message;
  if (word.size() > 1 && word[0] == '-') {
    std::string name = word.substr(0, word.find('='));
    static const Command kNone{};
    std::string hint = Suggestion(name, AllOptionNames(command ? *command : kNone, global));
    message =
        "unknown option " + name + (command ? " for " + command->name : "") + (hint.empty() ? SeeHelp(command) : hint);
  } else if (command != nullptr) {
    message = command->name + ": \"" + word + "\" is one argument too many" + SeeHelp(command);
  } else {
    std::vector<std::string> verbs;
    for (const auto& each : commands)
      if (!each.hidden) verbs.push_back(each.name);
    std::string hint = Suggestion(word, verbs);
    message = "there is no verb \"" + word + "\"" + (hint.empty() ? SeeHelp(nullptr) : hint);
  }
  return Failure(Exit::kUsage, Error{Code::kInvalid, message, {}});
}

Failure FromParseError(const CLI::ParseError& thrown, const Command* command) {
  std::string words = thrown.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&thrown) != nullptr) {
    words = words.substr(0, words.find(':')) + " needs a value";
  }
  return Failure(Exit::kUsage, Error{Code::kInvalid, words + SeeHelp(command), {}});
}

const Command* ChosenOf(const CLI::App& app, const std::vector<Command>& commands) {
  for (const auto* sub : app.get_subcommands())
    for (const auto& command : commands)
      if (command.name == sub->get_name()) return &command;
  return nullptr;
}

tl::expected<void, Failure> RequirePositionals(const Command& command, const Slots& slots) {
  std::vector<std::string> missing;
  for (const auto& positional : command.positionals)
    for (const auto& slot : slots)
      if (slot->target == &positional.target && positional.required && slot->option->count() == 0)
        missing.push_back(positional.name);
  if (missing.empty()) return {};
  return FailUsage(command.name + ": " + JoinWords(missing, " and ") + (missing.size() == 1 ? " is" : " are") +
                   " missing" + SeeHelp(&command));
}

tl::expected<void, Failure> CheckChoices(const Command& command, const Slots& slots) {
  for (const auto& positional : command.positionals) {
    for (const auto& slot : slots) {
      if (slot->target != &positional.target || positional.choices.empty() || slot->option->count() == 0) continue;
      const std::string& word = slot->texts.back();
      if (std::find(positional.choices.begin(), positional.choices.end(), word) != positional.choices.end()) continue;
      return FailUsage(command.name + ": there is no " + positional.name + " \"" + word + "\"; there are " +
                       JoinWords(positional.choices, ", ") + Suggestion(word, positional.choices));
    }
  }
  return {};
}

// The place of a raw verb among the words, if one is the first word that is no option.
const Command* RawVerb(const std::vector<Command>& commands, const std::vector<std::string>& words) {
  if (words.empty()) return nullptr;
  for (const auto& command : commands)
    if (command.raw && command.name == words.front()) return &command;
  return nullptr;
}

}  // namespace

tl::expected<Parsed, Failure> ParseCommandLine(const std::vector<Command>& commands,
                                               const std::vector<std::string>& words) {
  Parsed parsed;
  if (const Command* raw = RawVerb(commands, words)) {
    parsed.command = raw;
    parsed.raw.assign(words.begin() + 1, words.end());
    return parsed;
  }
  CLI::App app;
  app.set_help_flag();
  app.require_subcommand(0, 1);
  app.allow_extras();
  std::vector<Option> global = GlobalOptionTable(parsed.global);
  Slots global_slots;
  for (const auto& option : global) AddOption(app, option, global_slots);
  std::map<std::string, Slots> slots;
  for (const auto& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name);
    sub->set_help_flag();
    sub->fallthrough();
    for (const auto& option : command.options) AddOption(*sub, option, slots[command.name]);
    for (const auto& positional : command.positionals) AddPositional(*sub, positional, slots[command.name]);
  }
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 wants them
    app.parse(reversed);
  } catch (const CLI::ParseError& thrown) {
    return tl::unexpected<Failure>(FromParseError(thrown, ChosenOf(app, commands)));
  }
  parsed.command = ChosenOf(app, commands);
  if (auto filled = FillTargets(global_slots); !filled) return tl::unexpected<Failure>(filled.error());
  std::vector<std::string> extras = app.remaining(true);
  if (!extras.empty()) return tl::unexpected<Failure>(UnknownWord(extras.front(), parsed.command, commands, global));
  if (parsed.command == nullptr || parsed.global.help) return parsed;
  const Slots& chosen = slots[parsed.command->name];
  if (auto filled = FillTargets(chosen); !filled) return tl::unexpected<Failure>(filled.error());
  if (auto complete = RequirePositionals(*parsed.command, chosen); !complete)
    return tl::unexpected<Failure>(complete.error());
  if (auto known = CheckChoices(*parsed.command, chosen); !known) return tl::unexpected<Failure>(known.error());
  return parsed;
}

}  // namespace smhost::cli
