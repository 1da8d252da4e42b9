#include "completer.h"

#include <algorithm>

#include "alarm_state.h"
#include "api/endpoint_state.h"
#include "base/text.h"
#include "resources/kind.h"
#include "resources/schema.h"
#include "text.h"

namespace smhost::cli {
namespace {

bool Begins(const std::string& word, const std::string& begun) { return LowerCase(word).starts_with(LowerCase(begun)); }

const Option* FindOption(const std::vector<Option>& table, const std::string& name) {
  for (const Option& option : table)
    for (const auto& each : NamesOf(option))
      if (each == name) return &option;
  return nullptr;
}

// The words before the cursor, understood as far as they go.
struct Line {
  const Command* command = nullptr;
  std::vector<std::string> positionals;
  const Option* open = nullptr;   // an option that waits for its value
  bool only_positionals = false;  // after "--"
};

Line Understand(const std::vector<Command>& commands, const std::vector<Option>& global,
                const std::vector<std::string>& words) {
  Line line;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (line.open != nullptr) {
      line.open = nullptr;
    } else if (word == "--") {
      line.only_positionals = true;
    } else if (!line.only_positionals && word.size() > 1 && word[0] == '-') {
      if (word.find('=') != word.npos) continue;
      const Option* option = line.command ? FindOption(line.command->options, word) : nullptr;
      if (option == nullptr) option = FindOption(global, word);
      if (option != nullptr && !option->is_flag()) line.open = option;
    } else if (line.command == nullptr) {
      for (const Command& command : commands)
        if (command.name == word) line.command = &command;
    } else {
      line.positionals.push_back(word);
    }
  }
  return line;
}

// "KIND.Property.": the properties of the node that the path has come to.
std::vector<std::string> Properties(const std::string& begun) {
  std::vector<std::string> parts = SplitText(begun, '.'), found;
  auto kind = FindKind(parts.front());
  if (parts.size() == 1 || !kind) {
    for (const KindInfo& info : Kinds()) found.push_back(std::string(info.word) + ".");
    return found;
  }
  const Json& root = SchemaOf(*kind);
  const Json* node = &root;
  std::string path = parts.front();
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    const Json* next = nullptr;
    for (const auto& [name, property] : MemberOr(Resolve(root, *node), "properties").items())
      if (LowerCase(name) == LowerCase(parts[i])) next = &property;
    if (next == nullptr) return found;
    node = &Resolve(root, *next);
    if (node->contains("items")) node = &Resolve(root, (*node)["items"]);
    path += "." + parts[i];
  }
  for (const auto& name : PropertyNames(Resolve(root, *node))) found.push_back(path + "." + name);
  return found;
}

std::vector<std::string> Values(Complete what, const Line& line, const std::vector<Command>& commands,
                                const std::string& begun, const NameSources& sources) {
  std::string first = line.positionals.empty() ? "" : line.positionals.front();
  switch (what) {
    case Complete::kNothing:
    case Complete::kChoice:
      return {};
    case Complete::kFile:
      if (begun.starts_with("@")) {
        std::vector<std::string> found;
        for (const auto& file : sources.files(begun.substr(1), false)) found.push_back("@" + file);
        return found;
      }
      return sources.files(begun, false);
    case Complete::kFolder:
      return sources.files(begun, true);
    case Complete::kKind: {
      std::vector<std::string> words;
      for (const KindInfo& info : Kinds()) words.push_back(info.word);
      return words;
    }
    case Complete::kName:
      return sources.resources(first);
    case Complete::kEndpoint:
      return sources.resources("endpoint");
    case Complete::kVariant:
      return sources.variants(first);
    case Complete::kStatus: {
      const bool alarm = FindKind(first) == Kind::kAlarm;
      std::vector<std::string> words = alarm ? AlarmStates() : EndpointStatuses();
      words.push_back("deleted");
      return words;
    }
    case Complete::kFormat:
      return {"table", "json", "name", "jsonpath="};
    case Complete::kProperty:
      return Properties(begun);
    case Complete::kObject: {
      std::vector<std::string> found = sources.objects(begun);
      for (const auto& file : sources.files(begun, false)) found.push_back(file);
      return found;
    }
    case Complete::kAccount:
      return sources.accounts();
    case Complete::kShell:
      return {"bash", "zsh", "fish"};
    case Complete::kVerb: {
      std::vector<std::string> words;
      for (const Command& command : commands)
        if (!command.hidden) words.push_back(command.name);
      return words;
    }
  }
  return {};
}

std::vector<Candidate> Matching(const std::vector<std::string>& words, const std::string& begun,
                                const std::string& before) {
  std::vector<Candidate> found;
  for (const auto& word : words)
    if (Begins(word, begun)) found.push_back({before + word, ""});
  return found;
}

std::vector<Candidate> OptionNames(const Line& line, const std::vector<Option>& global, const std::string& begun) {
  std::vector<Candidate> found;
  auto add = [&](const std::vector<Option>& table) {
    for (const Option& option : table)
      for (const auto& name : NamesOf(option))
        if (name.starts_with(begun) && (name.size() > 2 || begun == name)) found.push_back({name, option.help});
  };
  if (line.command != nullptr) add(line.command->options);
  add(global);
  return found;
}

}  // namespace

std::string ValueAmong(const std::vector<std::string>& words, const std::string& option) {
  std::string value;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == option) value = words[i + 1];
    if (words[i].starts_with(option + "=")) value = words[i].substr(option.size() + 1);
  }
  return value;
}

std::vector<Candidate> CompleteWords(const std::vector<Command>& commands, const std::vector<std::string>& words,
                                     const NameSources& sources) {
  if (words.empty()) return {};
  GlobalOptions unused;
  std::vector<Option> global = GlobalOptionTable(unused);
  Line line = Understand(commands, global, words);
  const std::string& begun = words.back();
  if (line.open != nullptr) return Matching(Values(line.open->complete, line, commands, begun, sources), begun, "");
  if (!line.only_positionals && begun.starts_with("-")) {
    std::size_t equals = begun.find('=');
    if (equals == begun.npos) return OptionNames(line, global, begun);
    std::string name = begun.substr(0, equals), value = begun.substr(equals + 1);
    const Option* option = line.command ? FindOption(line.command->options, name) : nullptr;
    if (option == nullptr) option = FindOption(global, name);
    if (option == nullptr) return {};
    return Matching(Values(option->complete, line, commands, value, sources), value, name + "=");
  }
  if (line.command == nullptr) {
    std::vector<Candidate> verbs;
    for (const Command& command : commands)
      if (!command.hidden && command.name.starts_with(begun)) verbs.push_back({command.name, command.summary});
    return verbs;
  }
  const auto& table = line.command->positionals;
  std::size_t index = line.positionals.size();
  if (index >= table.size() && !table.empty() && std::holds_alternative<std::vector<std::string>*>(table.back().target))
    index = table.size() - 1;
  if (index >= table.size()) return {};
  if (table[index].complete == Complete::kChoice) return Matching(table[index].choices, begun, "");
  return Matching(Values(table[index].complete, line, commands, begun, sources), begun, "");
}

}  // namespace smhost::cli
