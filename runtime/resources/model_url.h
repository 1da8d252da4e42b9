// Paths in documents are relative to the document; what is stored is a URL that means the same everywhere. Any thread.
#pragma once

#include <string>

#include "base/json.h"

namespace smhost {

// "models/a b.tar.gz" in /srv → "file:///srv/models/a%20b.tar.gz"; a text that has a scheme stays as it is.
// A `base_folder` that is not absolute is taken from the working directory.
std::string ModelUrl(const std::string& text, const std::string& base_folder);

// Rewrites the URLs of a model's containers (ModelDataUrl and the S3Uri of its data sources).
void RewriteModelUrls(const std::string& base_folder, Json& model_properties);

}  // namespace smhost
