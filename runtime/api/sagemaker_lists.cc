#include "api/sagemaker_lists.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

#include "api/endpoint_state.h"
#include "api/page_token.h"
#include "api/sagemaker_describe.h"
#include "api/sagemaker_descriptions.h"
#include "api/store_error.h"

namespace smhost::sagemaker {
namespace {

constexpr std::int64_t kPageSize = 10;  // AWS's default

// What a page is made of.
struct Listed {
  Json element;  // times as ISO 8601
  std::string key, name;
};

bool IsBefore(const Listed& one, const Listed& other) { return std::tie(one.key, one.name) < std::tie(other.key, other.name); }

// --- filters

double MillisecondsOf(const std::string& iso) {
  const auto time = ParseIso8601(iso).time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

// Times are kept in milliseconds, and a client's are doubles: both are compared as whole milliseconds.
bool IsWithin(const Json& input, const std::string& before, const std::string& after, const std::string& iso) {
  const double time = MillisecondsOf(iso), infinity = std::numeric_limits<double>::infinity();
  return time < std::round(DoubleOr(input, before.c_str(), infinity) * 1000) &&
         time > std::round(DoubleOr(input, after.c_str(), -infinity) * 1000);
}

bool IsWanted(const Json& input, const Json& element) {
  const std::string status = StringOr(input, "StatusEquals");
  return IsWithin(input, "CreationTimeBefore", "CreationTimeAfter", StringOr(element, "CreationTime")) &&
         IsWithin(input, "LastModifiedTimeBefore", "LastModifiedTimeAfter", StringOr(element, "LastModifiedTime")) &&
         (status.empty() || StringOr(element, "EndpointStatus") == status);
}

std::string KeyOf(const Json& input, const Json& element) {
  const std::string sort_by = StringOr(input, "SortBy", "CreationTime");
  if (sort_by == "Name") return "";  // the name alone decides
  return StringOr(element, sort_by == "Status" ? "EndpointStatus" : "CreationTime");
}

// --- what there is

// Nothing: it went meanwhile, or is damaged.
Result<Json> ReadElement(const SagemakerRequest& request, Kind kind, const std::string& name) {
  if (kind == Kind::kEndpoint) {
    SMHOST_TRY(const EndpointState state, ReadEndpointState(request.store(), request.account(), name, true));
    return ListJson(state);
  }
  SMHOST_TRY(const Resource resource, request.store().Get(request.account(), kind, name));
  return ListJson(resource);
}

// An endpoint that is on its way out has a status and no document any more.
Result<std::vector<std::string>> NamesOf(const SagemakerRequest& request, Kind kind) {
  SMHOST_TRY(auto names, request.store().Names(request.account(), kind));
  if (kind == Kind::kEndpoint) {
    SMHOST_TRY(const auto leaving, request.store().StatusNames(request.account(), kind));
    names.insert(names.end(), leaving.begin(), leaving.end());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
  }
  const std::string part = StringOr(request.input, "NameContains");
  std::erase_if(names, [&](const std::string& name) { return name.find(part) == std::string::npos; });
  return names;
}

Result<std::vector<Listed>> FindAll(const SagemakerRequest& request, Kind kind) {
  SMHOST_TRY(const auto names, NamesOf(request, kind));
  std::vector<Listed> all;
  for (const std::string& name : names) {
    auto element = ReadElement(request, kind, name);
    if (!element && element.error().code == Code::kUnavailable) return Fail(element.error());
    if (element && IsWanted(request.input, *element)) all.push_back({*element, KeyOf(request.input, *element), name});
  }
  return all;
}

// --- pages

// All that decides what is listed and in which order.
std::string ListingOf(const SagemakerRequest& request, Kind kind) {
  Json which = request.input;
  which.erase("NextToken");
  which.erase("MaxResults");
  return CompactJson({request.account(), InfoOf(kind).word, which});
}

ApiResult<Json> ListKind(const SagemakerRequest& request, Kind kind, const char* member) {
  const bool descending = StringOr(request.input, "SortOrder", "Descending") != "Ascending";
  const auto comes_first = [&](const Listed& one, const Listed& other) {
    return descending ? IsBefore(other, one) : IsBefore(one, other);
  };
  const std::string listing = ListingOf(request, kind), token = StringOr(request.input, "NextToken");
  Listed last;
  if (!token.empty()) {
    SMHOST_API_TRY(const PagePosition position, DecodePageToken(listing, token));
    last = {Json(), position.key, position.name};
  }
  SMHOST_API_TRY(auto all, FindAll(request, kind));
  if (!token.empty()) std::erase_if(all, [&](const Listed& one) { return !comes_first(last, one); });
  std::sort(all.begin(), all.end(), comes_first);
  const auto size = static_cast<std::size_t>(std::max<std::int64_t>(1, IntOr(request.input, "MaxResults", kPageSize)));
  Json answer = {{member, Json::array()}};
  for (std::size_t i = 0; i < std::min(size, all.size()); ++i) {
    SetSeconds(all[i].element, "CreationTime");
    SetSeconds(all[i].element, "LastModifiedTime");
    answer[member].push_back(std::move(all[i].element));
  }
  if (all.size() > size) answer["NextToken"] = EncodePageToken(listing, {all[size - 1].key, all[size - 1].name});
  return answer;
}

}  // namespace

ApiResult<Json> ListModels(const SagemakerRequest& request) { return ListKind(request, Kind::kModel, "Models"); }

ApiResult<Json> ListEndpointConfigs(const SagemakerRequest& request) {
  return ListKind(request, Kind::kEndpointConfig, "EndpointConfigs");
}

ApiResult<Json> ListEndpoints(const SagemakerRequest& request) { return ListKind(request, Kind::kEndpoint, "Endpoints"); }

}  // namespace smhost::sagemaker
