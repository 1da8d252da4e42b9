#include "api/canonical_request.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace smhost::canonical {
namespace {

constexpr std::array<bool, 256> kUnreserved = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (char c : {'-', '.', '_', '~'}) table[static_cast<int>(c)] = true;
  return table;
}();

void AppendEncoded(std::string_view bytes, bool keep_slash, std::string& out) {
  static const char kDigits[] = "0123456789ABCDEF";
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    if (kUnreserved[byte] || (keep_slash && c == '/'))
      out += c;
    else
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
  }
}

void AppendFolded(std::string_view value, std::string& out) {
  bool blank = false, any = false;
  for (char c : value) {
    if (c == ' ' || c == '\t') {
      blank = any;
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    any = true;
    out += c;
  }
}

}  // namespace

Target SplitTarget(std::string_view target) {
  if (!target.empty() && target[0] != '/') {
    auto scheme = target.find("://");
    auto start = scheme == std::string_view::npos ? target.find_first_of("/?") : target.find_first_of("/?", scheme + 3);
    target.remove_prefix(std::min(start, target.size()));
  }
  auto mark = target.find('?');
  Target parts{target.substr(0, mark), {}};
  if (mark != std::string_view::npos) parts.query = target.substr(mark + 1);
  if (parts.path.empty()) parts.path = "/";
  return parts;
}

QueryParts ReadQuery(std::string_view query) {
  QueryParts parts;
  while (!query.empty()) {
    auto end = std::min(query.find('&'), query.size());
    auto part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.empty()) continue;
    auto equals = std::min(part.find('='), part.size());
    parts.emplace_back(PercentDecoded(part.substr(0, equals)), PercentDecoded(part.substr(std::min(equals + 1, part.size()))));
  }
  return parts;
}

const std::string* OnlyValue(const QueryParts& parts, std::string_view name) {
  const std::string* found = nullptr;
  for (const auto& [key, value] : parts) {
    if (key != name) continue;
    if (found != nullptr) return nullptr;
    found = &value;
  }
  return found;
}

std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool escape = text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 && HexDigit(text[i + 2]) >= 0;
    if (!escape) {
      decoded += text[i];
      continue;
    }
    decoded += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
    i += 2;
  }
  return decoded;
}

std::string PercentEncoded(std::string_view bytes, bool keep_slash) {
  std::string encoded;
  encoded.reserve(bytes.size() + 16);
  AppendEncoded(bytes, keep_slash, encoded);
  return encoded;
}

std::string NormalPath(std::string_view path) {
  std::vector<std::string_view> segments;
  bool ends_in_slash = !path.empty() && path.back() == '/';
  for (std::size_t start = 0; start < path.size();) {
    auto end = std::min(path.find('/', start), path.size());
    auto segment = path.substr(start, end - start);
    start = end + 1;
    if (segment.empty() || segment == ".") continue;
    if (segment != "..")
      segments.push_back(segment);
    else if (!segments.empty())
      segments.pop_back();
  }
  std::string normal;
  for (const auto& segment : segments) {
    normal += '/';
    AppendEncoded(segment, false, normal);
  }
  if (segments.empty() || ends_in_slash) normal += '/';
  return normal;
}

std::string SortedQuery(const QueryParts& parts, std::string_view left_out) {
  QueryParts encoded;
  encoded.reserve(parts.size());
  for (const auto& [name, value] : parts)
    if (left_out.empty() || name != left_out) encoded.emplace_back(PercentEncoded(name, false), PercentEncoded(value, false));
  std::sort(encoded.begin(), encoded.end());
  std::string text;
  for (const auto& [name, value] : encoded) {
    if (!text.empty()) text += '&';
    text.append(name).append("=").append(value);
  }
  return text;
}

std::string FoldedValue(std::string_view value) {
  std::string folded;
  AppendFolded(value, folded);
  return folded;
}

bool AppendHeader(const HttpHead& head, std::string_view name, std::string& out) {
  bool found = false;
  for (const auto& [key, value] : head.headers) {
    if (key != name) continue;
    if (found) out += ',';
    found = true;
    AppendFolded(value, out);
  }
  return found;
}

}  // namespace smhost::canonical
