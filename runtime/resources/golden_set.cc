#include "resources/golden_set.h"

#include <algorithm>

#include "resources/fault.h"
#include "resources/schema.h"
#include "resources/schema_check.h"
#include "resources/validate.h"

namespace smhost {
namespace {

constexpr const char* kFiles[] = {"BodyFile", "ExpectedFile"};

int Sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// Nothing for what is no base64 (RFC 4648, padded).
std::optional<std::string> Decode64(const std::string& text) {
  std::string bytes;
  if (text.size() % 4 != 0) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const int padding = !last || text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
    unsigned bits = 0;
    for (int k = 0; k < 4 - padding; ++k) {
      const int sextet = Sextet(text[i + static_cast<std::size_t>(k)]);
      if (sextet < 0) return std::nullopt;
      bits |= static_cast<unsigned>(sextet) << (18 - 6 * k);
    }
    for (int k = 0; k < 3 - padding; ++k) bytes += static_cast<char>(bits >> (16 - 8 * k) & 0xff);
  }
  return bytes;
}

std::string TextOf(const Json& value) { return value.is_string() ? value.get<std::string>() : CompactJson(value); }

bool IsFileName(const Json& name) {
  const std::string text = name.is_string() ? name.get<std::string>() : "";
  return !text.empty() && text.size() <= 255 && text.find('/') == std::string::npos && text.front() != '.' &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void CheckRequest(const Json& request, const std::string& path, bool files, std::vector<Fault>& faults) {
  if (!request.is_object()) return;
  const int bodies = request.contains("Body") + request.contains("BodyBase64") + (files && request.contains("BodyFile"));
  if (bodies == 0) faults.push_back({path + ".Body", {}, "is required unless BodyBase64 is there", {}});
  if (bodies > 1) faults.push_back({path + ".Body", {}, "must not stand beside another body", {}});
  const Json& encoded = MemberOr(request, "BodyBase64");
  if (encoded.is_string() && !Decode64(encoded.get_ref<const std::string&>()))
    faults.push_back({path + ".BodyBase64", ShortValue(encoded), "must be base64, padded with =", {}});
  if (files && request.contains("ExpectedFile") && request.contains("Expected"))
    faults.push_back({path + ".ExpectedFile", {}, "must not stand beside Expected", {}});
  if (!request.contains("Expected") && !request.contains("ExpectedFile") && request.contains("ExpectedContentType"))
    faults.push_back({path + ".ExpectedContentType", {}, "needs Expected beside it", {}});
}

void CheckRequests(const Json& properties, const std::string& prefix, bool files, std::vector<Fault>& faults) {
  const Json& requests = MemberOr(properties, "Requests");
  for (std::size_t i = 0; requests.is_array() && i < requests.size(); ++i)
    CheckRequest(requests[i], prefix + "Requests[" + std::to_string(i) + "]", files, faults);
}

// The schema knows the files of an artifact's set no more than a document may have them.
Json WithoutFiles(Json properties, std::vector<Fault>& faults) {
  if (!properties.is_object() || !properties.contains("Requests") || !properties["Requests"].is_array()) return properties;
  std::size_t index = 0;
  for (Json& request : properties["Requests"]) {
    const std::string path = "Requests[" + std::to_string(index++) + "].";
    for (const char* member : kFiles) {
      if (!request.is_object() || !request.contains(member)) continue;
      if (!IsFileName(request[member]))
        faults.push_back({path + member, ShortValue(request[member]), "must be the name of a file beside golden.json", {}});
      request.erase(member);
    }
  }
  return properties;
}

GoldenRequest ParseRequest(const Json& from) {
  GoldenRequest request;
  request.name = StringOr(from, "Name");
  request.body_file = StringOr(from, "BodyFile");
  if (from.contains("Body")) request.body = TextOf(from["Body"]);
  if (from.contains("BodyBase64")) request.body = Decode64(StringOr(from, "BodyBase64")).value_or("");
  request.content_type = StringOr(from, "ContentType", request.content_type);
  request.accept = StringOr(from, "Accept");
  if (from.contains("Expected")) request.expected = TextOf(from["Expected"]);
  request.expected_file = StringOr(from, "ExpectedFile");
  request.expected_type = StringOr(from, "ExpectedContentType");
  request.expected_status = static_cast<int>(IntOr(from, "ExpectedStatus", request.expected_status));
  return request;
}

}  // namespace

void CheckGoldenSetRules(const Json& properties, std::vector<Fault>& faults) {
  CheckRequests(properties, "Properties.", false, faults);
}

Result<GoldenSet> ParseGoldenSet(const Json& properties, bool files_allowed) {
  std::vector<Fault> faults;
  const Json checked = files_allowed ? WithoutFiles(properties, faults) : properties;
  SchemaCheck(SchemaOf(Kind::kGoldenSet), InfoOf(Kind::kGoldenSet).word, faults).Check(checked, "GoldenSet");
  CheckRequests(properties, "", files_allowed, faults);
  if (!faults.empty()) return Fail(Code::kInvalid, Describe(faults.front()));
  GoldenSet set;
  set.tolerance = DoubleOr(properties, "Tolerance");
  set.relative_tolerance = DoubleOr(properties, "RelativeTolerance");
  if (properties.contains("LatencyBudgetInMilliseconds"))
    set.latency_budget = std::chrono::milliseconds(IntOr(properties, "LatencyBudgetInMilliseconds"));
  for (const Json& request : properties["Requests"]) set.requests.push_back(ParseRequest(request));
  return set;
}

}  // namespace smhost
