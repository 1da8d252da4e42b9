// botocore's AWS Signature Version 4 test suite, in the folder that $SMHOST_SIGV4_VECTORS names. Hidden: process/sigv4_vectors
// fetches it and runs this.
#include <catch2/catch.hpp>

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "api/sigv4.h"
#include "base/digest.h"

namespace smhost {
namespace {

std::optional<SigningKey> FindKey(std::string_view id, std::string_view) {
  if (id != "AKIDEXAMPLE") return std::nullopt;
  SigningKey key;
  key.secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  return key;
}

std::vector<std::string> SignedRequests(const std::string& folder) {
  std::vector<std::string> found;
  DIR* listing = ::opendir(folder.c_str());
  if (listing == nullptr) return found;
  while (dirent* entry = ::readdir(listing)) {
    std::string name = entry->d_name, path = folder + "/" + name;
    struct stat info {};
    if (name == "." || name == ".." || ::stat(path.c_str(), &info) != 0) continue;
    if (S_ISDIR(info.st_mode))
      for (auto& deeper : SignedRequests(path)) found.push_back(deeper);
    else if (name.size() > 5 && name.substr(name.size() - 5) == ".sreq")
      found.push_back(path);
  }
  ::closedir(listing);
  std::sort(found.begin(), found.end());
  return found;
}

std::string Trimmed(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.erase(0, 1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text;
}

struct Vector {
  HttpHead head;
  std::string body;
};

// A value that goes on over more lines becomes one, as a proxy may make it; the gateway itself refuses it (RFC 9112, 5.2).
Vector ReadVector(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Vector vector;
  std::string line;
  std::getline(file, line);
  line = Trimmed(line);
  auto first = line.find(' '), last = line.rfind(' ');
  vector.head.method = line.substr(0, first);
  vector.head.target = line.substr(first + 1, last - first - 1);
  while (std::getline(file, line) && !Trimmed(line).empty()) {
    if (line[0] == ' ' || line[0] == '\t') {
      vector.head.headers.back().second += " " + Trimmed(line);
      continue;
    }
    auto colon = line.find(':');
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    vector.head.headers.emplace_back(name, Trimmed(line.substr(colon + 1)));
  }
  std::ostringstream rest;
  rest << file.rdbuf();
  vector.body = rest.str();
  // The signature is that of the file beside it: in one vector's request it is another one.
  std::ifstream signature(path.substr(0, path.size() - 4) + "authz", std::ios::binary);
  std::getline(signature, line);
  for (auto& [name, value] : vector.head.headers)
    if (name == "authorization") value = Trimmed(line);
  return vector;
}

TEST_CASE("botocore's signed requests are accepted, and refused once they are changed", "[.vectors]") {
  const char* folder = std::getenv("SMHOST_SIGV4_VECTORS");
  REQUIRE(folder != nullptr);
  // 2015-08-30T12:36:00Z
  const WallTime now{std::chrono::seconds(1440938160)};
  int checked = 0;
  for (const auto& path : SignedRequests(folder)) {
    std::string name = path.substr(path.rfind('/') + 1);
    name.resize(name.size() - 5);
    INFO(name);
    Vector vector = ReadVector(path);
    auto verdict = CheckSignature({vector.head, Sha256Hex(vector.body), now}, FindKey);
    INFO(verdict.failure.message);
    CHECK(verdict.accepted);
    CHECK_FALSE(CheckSignature({vector.head, Sha256Hex(vector.body + "x"), now}, FindKey).accepted);
    for (auto& [header, value] : vector.head.headers)
      if (header == "authorization") value.back() = value.back() == '0' ? '1' : '0';
    CHECK(CheckSignature({vector.head, Sha256Hex(vector.body), now}, FindKey).failure.fault == SignatureFault::kWrong);
    ++checked;
  }
  std::cout << "vectors: " << checked << " checked, none left out\n";
  CHECK(checked >= 34);
}

}  // namespace
}  // namespace smhost
