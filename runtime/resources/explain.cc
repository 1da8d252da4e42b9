#include "resources/explain.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "resources/effects.h"
#include "resources/kind.h"
#include "resources/nearest.h"
#include "resources/schema.h"
#include "resources/settings.h"

namespace smhost {
namespace {

constexpr std::size_t kLineWidth = 100;

std::string OrElse(std::string text, const std::string& otherwise) { return text.empty() ? otherwise : text; }

// "a.b[0].c" → a, b, c
std::vector<std::string> Parts(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('.', start), path.size());
    const std::string part = path.substr(start, end - start);
    parts.push_back(part.substr(0, part.find('[')));
    start = end + 1;
  }
  return parts;
}

std::string Listed(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : word == words.back() ? " and " : ", ") + word;
  return list;
}

// A type such as AWS::SageMaker::Model has no dots, so the first part is always the whole kind.
Result<Kind> KindOf(const std::string& word) {
  std::vector<std::string> words;
  for (const KindInfo& info : Kinds()) {
    words.push_back(info.word);
    if (LowerCase(word) == LowerCase(info.type)) return info.kind;
  }
  if (const auto kind = FindKind(LowerCase(word))) return *kind;
  return Fail(Code::kNotFound, "no such kind \"" + word.substr(0, 100) + "\"" +
                                   OrElse(DidYouMean(word, words), "; known are " + Listed(words)));
}

// Lists are explained by what they hold.
const Json& Inside(const Json& root, const Json& node) {
  const Json& resolved = Resolve(root, node);
  const Json& items = MemberOr(resolved, "items");
  return items.is_object() ? Resolve(root, items) : resolved;
}

std::string TypeText(const Json& root, const Json& node) {
  const Json& resolved = Resolve(root, node);
  const std::string type = StringOr(resolved, "type");
  if (type.empty() && !resolved.contains("enum")) return "any value";
  if (type != "array") return type == "object" && !resolved.contains("properties") ? "map of strings" : type;
  return "list of " + StringOr(Inside(root, node), "type") + "s";
}

std::string Wrapped(const Json& words) {
  std::string text, line = "   ";
  for (const Json& word : words) {
    if (line.size() + word.get_ref<const std::string&>().size() + 1 > kLineWidth) {
      text += line + "\n";
      line = "   ";
    }
    line += " " + word.get<std::string>();
  }
  return text + line + "\n";
}

std::string RulesText(const Json& resolved) {
  std::string text;
  if (const Json& values = MemberOr(resolved, "enum"); values.is_array())
    return "  must be one of " + std::to_string(values.size()) + (values.size() == 1 ? " value:\n" : " values:\n") +
           Wrapped(values);
  std::vector<std::string> rules = RulesOf(resolved);
  rules.erase(rules.begin());  // the type, which stands above
  for (const std::string& rule : rules) text += "  " + rule + "\n";
  return text;
}

bool IsRequired(const Json& owner, const std::string& name) {
  const Json& required = MemberOr(owner, "required");
  return std::find(required.begin(), required.end(), Json(name)) != required.end();
}

std::string MembersText(const Json& root, const Json& node) {
  const Json& properties = MemberOr(node, "properties");
  if (!properties.is_object()) return {};
  std::size_t width = 0;
  for (const auto& [name, unused] : properties.items()) width = std::max(width, name.size());
  std::string text = "\nProperties (* required):\n";
  for (const auto& [name, member] : properties.items()) {
    text += "  " + name + (IsRequired(node, name) ? "*" : " ") + std::string(width - name.size() + 1, ' ');
    text += "<" + TypeText(root, member) + ">  " + StringOr(member, "description") + "\n";
  }
  return text;
}

// Lists are "[]" in the table and nothing here.
std::string Plain(std::string path) {
  for (std::size_t at; (at = path.find("[]")) != std::string::npos;) path.erase(at, 2);
  return path;
}

std::string EffectText(Kind kind, std::string path) {
  if (path.rfind("Containers", 0) == 0) path.replace(0, std::string("Containers").size(), "PrimaryContainer");
  for (const UnbuiltProperty& row : UnbuiltProperties()) {
    if (row.kind != kind || Plain(row.path) != path) continue;
    const std::string unless = row.unless == nullptr ? "" : std::string(", ") + row.unless + " aside";
    return "\nHas no effect yet" + unless + ": " + row.text + ".\n";
  }
  return {};
}

std::string SettingsText() {
  std::string text = "\nSettings of smhost:\n";
  for (const Setting& setting : Settings())
    text += std::string("  ") + setting.key + "  " + setting.description + " Its value " + setting.rule + ".\n";
  return text;
}

struct Found {
  const Json* node = nullptr;  // unresolved: its description is that of the property, not of the shared type
  bool required = false;
  std::string shown;  // as the schema spells it: "endpoint-config.ProductionVariants"
  std::string inner;  // without the kind
};

Result<Found> Find(Kind kind, const std::vector<std::string>& parts) {
  const Json& root = SchemaOf(kind);
  Found found{&root, false, InfoOf(kind).word, {}};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const Json& owner = Inside(root, *found.node);
    const std::vector<std::string> names = PropertyNames(owner);
    const auto name =
        std::find_if(names.begin(), names.end(), [&](const std::string& n) { return LowerCase(n) == LowerCase(parts[i]); });
    if (name == names.end())
      return Fail(Code::kNotFound,
                  found.shown + " has no property " + parts[i].substr(0, 100) +
                      OrElse(DidYouMean(parts[i], names), "; `smhost explain " + found.shown + "` lists what it has"));
    found.required = IsRequired(owner, *name);
    found.node = &owner.at("properties").at(*name);
    found.shown += "." + *name;
    found.inner += (found.inner.empty() ? "" : ".") + *name;
  }
  return found;
}

std::string PropertyText(const Json& root, const Found& found) {
  const Json& resolved = Resolve(root, *found.node);
  std::string text = found.shown + "  <" + TypeText(root, *found.node) + ">" + (found.required ? "  required" : "") +
                     "\n\n  " + StringOr(*found.node, "description") + "\n";
  std::string rules = RulesText(resolved);
  const Json& items = Inside(root, *found.node);
  if (&items != &resolved && StringOr(items, "type") != "object") rules += RulesText(items);
  return rules.empty() ? text : text + "\n" + rules;
}

}  // namespace

Result<std::string> Explain(const std::string& path) {
  const std::vector<std::string> parts = Parts(path);
  SMHOST_TRY(const Kind kind, KindOf(parts.front()));
  SMHOST_TRY(const Found found, Find(kind, parts));
  const Json& root = SchemaOf(kind);
  std::string text = found.node == &root ? found.shown + "  " + StringOr(root, "title") + "\n\n  " +
                                               StringOr(root, "description") + "\n"
                                         : PropertyText(root, found) + EffectText(kind, found.inner);
  text += MembersText(root, Inside(root, *found.node));
  return found.inner.ends_with("Environment") ? text + SettingsText() : text;
}

}  // namespace smhost
