#include "documents.h"

#include <sys/stat.h>

#include <filesystem>

#include "base/limits.h"
#include "input.h"

namespace smhost::cli {
namespace {

std::string FolderOfFile(const std::string& path) { return FolderOf(AbsolutePath(path)); }

tl::expected<std::vector<std::string>, Failure> FilesOf(Context& context, const std::string& name) {
  struct stat info {};
  if (name == "-" || ::stat(name.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return std::vector<std::string>{name};
  auto entries = context.files().List(AbsolutePath(name));
  if (!entries) return tl::unexpected<Failure>(Failure(entries.error()));
  std::vector<std::string> files;
  for (const FileEntry& entry : *entries)
    if (!entry.is_folder && entry.name.ends_with(".json"))
      files.push_back((std::filesystem::path(name) / entry.name).string());
  if (files.empty()) return FailUsage(name + ": there is no *.json file in this folder");
  return files;
}

tl::expected<DocumentSource, Failure> SourceOf(const std::string& file) {
  auto text = ReadInput(file, limits::kDocumentBytes);
  if (!text) return tl::unexpected<Failure>(Failure(text.error()));
  if (file == "-") return DocumentSource{std::move(*text), "standard input", AbsolutePath(".")};
  return DocumentSource{std::move(*text), file, FolderOfFile(file)};
}

tl::expected<std::map<std::string, std::string>, Failure> ParametersOf(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> parameters;
  for (const auto& text : texts) {
    std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return FailUsage("--param wants KEY=VALUE, not \"" + text + "\"");
    parameters[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return parameters;
}

Failure FailureOf(const LoadFailure& load, std::size_t files) {
  Failure failure;
  failure.exit = Exit::kInvalid;
  for (const Fault& fault : load.faults) failure.faults.push_back({Code::kInvalid, Describe(fault), fault.path});
  std::size_t count = load.faults.size();
  failure.error = {Code::kInvalid,
                   std::to_string(count) + (count == 1 ? " fault in " : " faults in ") +
                       (files == 1 ? "the document" : std::to_string(files) + " documents") + "; nothing was written",
                   ""};
  return failure;
}

}  // namespace

tl::expected<LoadedDocuments, Failure> ReadDocuments(Context& context, const DocumentOptions& options) {
  if (options.files.empty())
    return FailUsage("-f FILE is missing: a document, a folder of documents, or - for standard input");
  std::vector<DocumentSource> sources;
  for (const auto& name : options.files) {
    auto files = FilesOf(context, name);
    if (!files) return tl::unexpected<Failure>(files.error());
    for (const auto& file : *files) {
      auto source = SourceOf(file);
      if (!source) return tl::unexpected<Failure>(source.error());
      sources.push_back(std::move(*source));
    }
  }
  auto parameters = ParametersOf(options.parameters);
  if (!parameters) return tl::unexpected<Failure>(parameters.error());
  LoadOptions load;
  load.parameters = std::move(*parameters);
  load.account = context.account();
  load.region = context.region();
  load.validate = options.validate;
  auto loaded = LoadDocuments(sources, load);
  if (!loaded) return tl::unexpected<Failure>(FailureOf(loaded.error(), sources.size()));
  return std::move(*loaded);
}

Option FilesOption(DocumentOptions& into) {
  return {"-f,--file", "FILE|DIR|-", "a document, all *.json of a folder, or standard input; several -f are one change",
          &into.files, Complete::kFile};
}

Option ParametersOption(DocumentOptions& into) {
  return {"--param", "KEY=VALUE", "a value for one of the template's Parameters; may be given several times",
          &into.parameters};
}

}  // namespace smhost::cli
