// The documents that -f names: read, expanded and checked, with all their faults as one failure. One thread.
#pragma once

#include <string>
#include <vector>

#include "context.h"
#include "resources/template.h"

namespace smhost::cli {

struct DocumentOptions {
  std::vector<std::string> files;       // files, folders (their *.json, sorted), or "-"
  std::vector<std::string> parameters;  // "K=V"
  bool validate = true;
};

// kInvalid (exit 4) with every fault, one a line, and a summary; nothing was written.
tl::expected<LoadedDocuments, Failure> ReadDocuments(Context& context, const DocumentOptions& options);

// The options of the table that verbs with documents share.
Option FilesOption(DocumentOptions& into);
Option ParametersOption(DocumentOptions& into);

}  // namespace smhost::cli
