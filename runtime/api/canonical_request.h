// The forms of a request's parts that both sides of a signature must write alike. Pure; any thread.
//
// Source: AWS General Reference, "Create a canonical request for Signature Version 4".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/http_head.h"

namespace smhost::canonical {

// Of "/path?query" or "http://host/path?query"; both still encoded, the query without its "?".
struct Target {
  std::string_view path, query;
};
Target SplitTarget(std::string_view target);

// Names and values without percent signs, in the order sent. A "+" is a plus sign, as AWS's clients mean it.
using QueryParts = std::vector<std::pair<std::string, std::string>>;
QueryParts ReadQuery(std::string_view query);
// The only value of that name; null where there is none or more than one.
const std::string* OnlyValue(const QueryParts& parts, std::string_view name);

std::string PercentDecoded(std::string_view text);
// All but letters, digits and "-._~" as %XX; a slash stays where `keep_slash`.
std::string PercentEncoded(std::string_view bytes, bool keep_slash);

// Without empty, "." and ".." segments, and encoded once more.
std::string NormalPath(std::string_view path);
// Sorted and encoded, without the part called `left_out`.
std::string SortedQuery(const QueryParts& parts, std::string_view left_out);
// Trimmed; a run of blanks inside is one.
std::string FoldedValue(std::string_view value);
// All values of that name, folded, joined by commas; false where the request has no such header.
bool AppendHeader(const HttpHead& head, std::string_view name, std::string& out);

}  // namespace smhost::canonical
