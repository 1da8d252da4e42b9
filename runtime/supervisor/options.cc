#include "supervisor/options.h"

#include <charconv>

#include "base/limits.h"

namespace smhost {
namespace {

// "--name value" and "--name=value"; moves `i` to the last word used. False: it is another option.
Result<bool> TakeValue(const std::vector<std::string>& words, std::size_t& i, const std::string& name,
                       std::string& value) {
  const std::string& word = words[i];
  if (word.rfind(name + "=", 0) == 0) {
    value = word.substr(name.size() + 1);
  } else if (word == name) {
    if (i + 1 >= words.size()) return Fail(Code::kInvalid, name + ": needs a value");
    value = words[++i];
  } else {
    return false;
  }
  if (value.empty()) return Fail(Code::kInvalid, name + ": needs a value that is not empty");
  return true;
}

std::optional<int> ParseNumber(const std::string& text) {
  int number = -1;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

Result<int> ParseDescriptor(const std::string& text) {
  auto number = ParseNumber(text);
  if (!number || *number < 3) return Fail(Code::kInvalid, "--inherit " + text + ": only for smhostd itself");
  return *number;
}

Result<int> ParsePort(const std::string& text) {
  auto port = ParseNumber(text);
  if (!port || *port > 65535)
    return Fail(Code::kInvalid, "--port " + text + ": not a port; give a number from 0 (any free one) to 65535");
  return *port;
}

}  // namespace

Result<UpOptions> ParseUpOptions(const std::vector<std::string>& words) {
  UpOptions options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string value;
    SMHOST_TRY(bool is_home, TakeValue(words, i, "--home", value));
    if (is_home) {
      options.home = value;
      continue;
    }
    SMHOST_TRY(bool is_port, TakeValue(words, i, "--port", value));
    if (is_port) {
      SMHOST_TRY(options.port, ParsePort(value));
      continue;
    }
    SMHOST_TRY(bool is_address, TakeValue(words, i, "--listen", value));
    if (is_address) {
      options.address = value;
      continue;
    }
    SMHOST_TRY(bool is_inherit, TakeValue(words, i, "--inherit", value));
    if (is_inherit) {
      SMHOST_TRY(options.inherit, ParseDescriptor(value));
    } else if (words[i] == "--foreground") {
      options.foreground = true;
    } else {
      return Fail(Code::kInvalid, words[i] + ": unknown option; see smhostd --help");
    }
  }
  return options;
}

std::vector<int> PortsToTry(int previous) {
  std::vector<int> ports;
  if (previous > 0 && previous <= 65535) ports.push_back(previous);
  for (int i = 0; i < limits::kDefaultPortsTried; ++i)
    if (limits::kDefaultPort + i != previous) ports.push_back(limits::kDefaultPort + i);
  return ports;
}

}  // namespace smhost
