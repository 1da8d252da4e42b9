// Hosts and targets from strangers, as addresses of objects. Whatever comes, an address that the object store accepts
// has a bucket that is one folder and a key that climbs nowhere; and what is accepted is the same after it was written
// and read again.
//
// An input is a host, a line end, and a target.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/s3_address.h"
#include "state/objects.h"

namespace smhost {
namespace {

void Require(bool held) {
  if (!held) std::abort();
}

void RequireWithin(const ObjectAddress& address) {
  Require(address.bucket.size() >= 3 && address.bucket.find_first_of("/\\") == std::string::npos &&
          address.bucket[0] != '.');
  std::string_view rest = address.key;
  Require(rest.find('\0') == std::string_view::npos);
  if (rest.empty()) return;
  if (rest.ends_with('/')) rest.remove_suffix(1);
  for (bool more = true; more;) {
    std::size_t slash = rest.find('/');
    std::string_view part = rest.substr(0, slash);
    Require(!part.empty() && part != "." && part != ".." && part.size() <= 255);
    more = slash != std::string_view::npos;
    if (more) rest.remove_prefix(slash + 1);
  }
}

void Try(const std::string& host, const std::string& target) {
  HttpHead head{"GET", target, {{"host", host}}};
  auto found = S3Address(head);
  if (!found) return;
  auto address = ParseObjectAddress(ObjectUrl({found->bucket, found->key}));
  if (!address) return;
  Require(address->bucket == found->bucket && address->key == found->key);
  RequireWithin(*address);
  auto again = S3PathTarget("/" + address->bucket + "/" + S3UrlEncode(address->key));
  Require(again && again->bucket == address->bucket && again->key == address->key);
}

}  // namespace
}  // namespace smhost

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(bytes), size);
  std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  smhost::Try(std::string(input.substr(0, end)), std::string(input.substr(end + 1)));
  return 0;
}
