// Documents as people write them → documents as the runtime wants them. A file, JSON or YAML, holds a CloudFormation template, one
// resource {"Type", "Properties"}, or an array of resources. Functions are expanded, names are filled in, relative
// paths become file:// URLs, and everything is checked: all faults of all files at once. Any thread; reads no file
// itself.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/json.h"
#include "resources/effects.h"
#include "resources/fault.h"
#include "resources/kind.h"

namespace smhost {

struct DocumentSource {
  std::string text;
  std::string name;         // the file, in faults
  std::string base_folder;  // of relative paths
};

struct LoadOptions {
  std::map<std::string, std::string> parameters;  // --param K=V
  std::string account = "000000000000";
  std::string region = "us-east-1";
  std::string stack_name = "smhost";
  std::string stack_id;  // AWS::StackId; empty: there is none
  // The name of a resource that does not say one, by its logical id; not set: the logical id.
  std::function<std::string(const std::string& logical_id)> name_of;
  // False: only the names are checked (delete -f must find what a later schema would refuse).
  bool validate = true;
};

struct LoadedDocuments {
  std::vector<Document> documents;      // what others refer to comes first
  std::vector<std::string> logical_ids;  // of each document, in a single template; empty: none
  std::map<std::string, Json> outputs;  // of templates; texts
  std::vector<Note> notes;              // what the files say without effect, UnbuiltProperties included
};

struct LoadFailure {
  std::vector<Fault> faults;  // at least one
};

// Includes Validate() and Unsupported() of each document, with the resource's logical id in the paths.
tl::expected<LoadedDocuments, LoadFailure> LoadDocuments(const std::vector<DocumentSource>& sources,
                                                         const LoadOptions& options);
tl::expected<LoadedDocuments, LoadFailure> LoadDocuments(const std::string& text, const std::string& source_name,
                                                         const std::string& base_folder, const LoadOptions& options);

}  // namespace smhost
