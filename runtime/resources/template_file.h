// One file of documents, its functions expanded: the part of template.h that knows CloudFormation's sections.
// One object a file, on one thread; `root` and `options` outlive it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "resources/expression.h"
#include "resources/template.h"

namespace smhost {

struct LoadedResource {
  Document document;
  std::string path;  // "Resources.Config", "[0]", or empty for the only resource of a file
};

class TemplateFile final : private Names {
 public:
  TemplateFile(const Json& root, const LoadOptions& options);

  // Call once. Results are whole where faults() stays empty.
  void Load();

  const std::vector<LoadedResource>& resources() const { return resources_; }
  const std::map<std::string, Json>& outputs() const { return outputs_; }
  const std::vector<Note>& notes() const { return notes_; }
  std::vector<Fault>& faults() { return faults_; }
  // Whether a function stood at this path.
  bool IsProduced(const std::string& path) const { return expressions_.produced().contains(path); }
  // Declared parameters, so that --param can be checked over all files.
  std::vector<std::string> ParameterNames() const;

 private:
  struct Entry {
    const Json* raw = nullptr;
    std::optional<Kind> kind;
    bool present = true;  // its Condition holds
    std::string path;
    std::optional<std::string> name;
    bool naming = false;
    std::set<std::string> needs;  // keys of entries that come before it
  };

  std::optional<Json> Ref(const std::string& name, const std::string& path) override;
  std::optional<Json> Attribute(const std::string& resource, const std::string& attribute,
                                const std::string& path) override;
  std::vector<std::string> Known() const override;

  void LoadTemplate();
  void LoadPlain(const Json& resource, const std::string& key, const std::string& path);
  void ReadSections();
  void ReadEntry(const std::string& key, const Json& raw);
  void CheckAttributes(const Json& raw, const std::string& path, bool in_template);
  std::optional<Kind> ReadKind(const Json& raw, const std::string& path);
  void ReadCondition(Entry& entry);
  void ReadDependsOn(Entry& entry);
  std::string NameOf(const std::string& key, Entry& entry);
  void ExpandEntry(const std::string& key, Entry& entry);
  void Order();
  void ReadOutputs();
  Entry* Reachable(const std::string& key, const std::string& path);
  std::optional<Json> Pseudo(const std::string& name) const;
  void Add(const std::string& path, const Json& value, std::string rule);

  const Json& root_;
  const LoadOptions& options_;
  std::map<std::string, Json> parameters_;
  std::map<std::string, Entry> entries_;
  std::map<std::string, LoadedResource> expanded_;
  std::string current_;  // the entry whose properties are being expanded
  std::vector<Fault> faults_;
  Expressions expressions_;
  std::vector<LoadedResource> resources_;
  std::map<std::string, Json> outputs_;
  std::vector<Note> notes_;
};

}  // namespace smhost
