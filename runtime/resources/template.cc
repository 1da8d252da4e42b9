#include "resources/template.h"

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "resources/model_url.h"
#include "resources/name.h"
#include "resources/nearest.h"
#include "resources/template_file.h"
#include "resources/validate.h"
#include "resources/yaml.h"

namespace smhost {
namespace {

bool LooksLikeYaml(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string::npos || text[first] == '{' || text[first] == '[') return false;
  const std::string line = text.substr(first, text.find('\n', first) - first);
  return line.rfind("---", 0) == 0 || line[0] == '#' || line.find(": ") != std::string::npos ||
         line.find(':') == line.find_last_not_of(" \t\r");
}

Fault SyntaxFault(const DocumentSource& source, const Error& error) {
  const std::string prefix = source.name + ": ";  // ParseJson puts it there, and so does Describe
  const bool prefixed = error.message.rfind(prefix, 0) == 0;
  return {{}, {}, prefixed ? error.message.substr(prefix.size()) : error.message, source.name};
}

// What stands inside something that is wrong anyway, or was found twice, is not told again.
bool Covered(const std::vector<Fault>& faults, const Fault& fault) {
  return std::any_of(faults.begin(), faults.end(), [&](const Fault& known) {
    if (known.source != fault.source || known.path.empty() || fault.path.rfind(known.path, 0) != 0) return false;
    if (fault.path.size() == known.path.size()) return true;
    const char next = fault.path[known.path.size()];
    return next == '.' || next == '[';
  });
}

class Loader {
 public:
  explicit Loader(const LoadOptions& options) : options_(options) {}

  void Load(const DocumentSource& source) {
    auto root = LooksLikeYaml(source.text) ? ParseYaml(source.text, source.name, limits::kDocumentBytes)
                                           : ParseJson(source.text, source.name, limits::kDocumentBytes);
    if (!root) return faults_.push_back(SyntaxFault(source, root.error()));
    TemplateFile file(*root, options_);
    file.Load();
    for (const std::string& name : file.ParameterNames()) declared_.insert(name);
    std::vector<Fault> found = TakeUnique(file.faults(), source);
    for (const LoadedResource& resource : file.resources()) Take(resource, source, file, found);
    faults_.insert(faults_.end(), found.begin(), found.end());
    result_.outputs.insert(file.outputs().begin(), file.outputs().end());
    for (Note note : file.notes()) AddNote(std::move(note), "", source);
  }

  tl::expected<LoadedDocuments, LoadFailure> Finish() {
    CheckParameters();
    if (result_.documents.size() > limits::kResourcesPerApply)
      faults_.push_back({{}, {}, "more than " + std::to_string(limits::kResourcesPerApply) + " resources at once", {}});
    if (!faults_.empty()) return tl::unexpected<LoadFailure>(LoadFailure{std::move(faults_)});
    return std::move(result_);
  }

 private:
  static std::vector<Fault> TakeUnique(const std::vector<Fault>& all, const DocumentSource& source) {
    std::vector<Fault> unique;
    for (Fault fault : all) {
      fault.source = source.name;
      if (std::find(unique.begin(), unique.end(), fault) == unique.end()) unique.push_back(std::move(fault));
    }
    return unique;
  }

  // `found` are the faults of this file so far; those of this resource join them.
  void Take(const LoadedResource& resource, const DocumentSource& source, const TemplateFile& file,
            std::vector<Fault>& found) {
    Document document = resource.document;
    if (document.kind == Kind::kModel) RewriteModelUrls(source.base_folder, document.properties);
    std::vector<Fault> own = Check(document);
    CheckUnique(document, resource.path, source, own);
    std::vector<Fault> fresh;
    for (Fault& fault : own) {
      if (!resource.path.empty()) fault.path = resource.path + "." + fault.path;
      fault.source = source.name;
      // A null that a function left stands for a fault told elsewhere.
      const bool consequence = !found.empty() && fault.value == "null" && file.IsProduced(fault.path);
      if (!consequence && !Covered(found, fault)) fresh.push_back(std::move(fault));
    }
    found.insert(found.end(), fresh.begin(), fresh.end());
    for (Note note : Unbuilt(document)) AddNote(std::move(note), resource.path, source);
    result_.logical_ids.push_back(resource.path.rfind("Resources.", 0) == 0 ? resource.path.substr(10) : "");
    result_.documents.push_back(std::move(document));
  }

  std::vector<Fault> Check(const Document& document) const {
    if (options_.validate) {
      std::vector<Fault> faults = Validate(document);
      const std::vector<Fault> unsupported = Unsupported(document);
      faults.insert(faults.end(), unsupported.begin(), unsupported.end());
      return faults;
    }
    if (IsName(document.name)) return {};
    return {{std::string("Properties.") + InfoOf(document.kind).name_property,
             ShortValue(document.name),
             "must have 1 to 63 characters: letters, digits, and hyphens between them",
             {}}};
  }

  void CheckUnique(const Document& document, const std::string& path, const DocumentSource& source,
                   std::vector<Fault>& faults) {
    const std::string place = source.name + (path.empty() ? "" : ": " + path);
    const auto [it, fresh] = places_.emplace(std::make_pair(document.kind, document.name), place);
    if (fresh) return;
    faults.push_back({std::string("Properties.") + InfoOf(document.kind).name_property,
                      ShortValue(document.name),
                      "is the name of another " + std::string(InfoOf(document.kind).prose) + ", in " + it->second,
                      {}});
  }

  void CheckParameters() {
    const std::vector<std::string> known(declared_.begin(), declared_.end());
    for (const auto& [name, value] : options_.parameters)
      if (!declared_.contains(name))
        faults_.push_back({"--param " + name,
                           ShortValue(value),
                           "no template declares this parameter" + DidYouMean(name, known),
                           {}});
  }

  void AddNote(Note note, const std::string& path, const DocumentSource& source) {
    if (!path.empty()) note.path = path + "." + note.path;
    note.source = source.name;
    result_.notes.push_back(std::move(note));
  }

  const LoadOptions& options_;
  LoadedDocuments result_;
  std::vector<Fault> faults_;
  std::set<std::string> declared_;
  std::map<std::pair<Kind, std::string>, std::string> places_;
};

}  // namespace

tl::expected<LoadedDocuments, LoadFailure> LoadDocuments(const std::vector<DocumentSource>& sources,
                                                         const LoadOptions& options) {
  Loader loader(options);
  for (const DocumentSource& source : sources) loader.Load(source);
  auto loaded = loader.Finish();
  // Files know nothing of each other's order; within one, what DependsOn says stays.
  if (loaded && sources.size() > 1)
    std::stable_sort(loaded->documents.begin(), loaded->documents.end(),
                     [](const Document& a, const Document& b) { return a.kind < b.kind; });
  return loaded;
}

tl::expected<LoadedDocuments, LoadFailure> LoadDocuments(const std::string& text, const std::string& source_name,
                                                         const std::string& base_folder, const LoadOptions& options) {
  return LoadDocuments({{text, source_name, base_folder}}, options);
}

}  // namespace smhost
