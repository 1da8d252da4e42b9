#include "resources/settings.h"

#include <algorithm>
#include <charconv>

#include "resources/name.h"
#include "resources/nearest.h"

namespace smhost {
namespace {

constexpr std::string_view kPrefix = "SMHOST_";

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsIntegerWithin(std::string_view text, long low, long high) {
  if (!IsDigits(text) || text.size() > 9) return false;
  long value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value >= low && value <= high;
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool IsIdentifier(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && text.size() <= 255 && letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool IsDevice(std::string_view text) {
  if (IsOneOf(text, {"auto", "cpu", "cuda"})) return true;
  return text.rfind("cuda:", 0) == 0 && IsIntegerWithin(text.substr(5), 0, 999);
}

// A file inside the artifact: relative, and no part of it leads out.
bool IsInnerPath(std::string_view text) {
  if (text.empty() || text.front() == '/' || text.size() > 1024) return false;
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20) return false;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('/', start), text.size());
    if (text.substr(start, end - start) == "..") return false;
    start = end + 1;
  }
  return true;
}

bool IsDType(std::string_view text) {
  return IsOneOf(text,
                 {"bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"});
}

bool IsBoolean(std::string_view text) { return IsOneOf(text, {"true", "false"}); }

struct Checked {
  Setting setting;
  bool (*accepts)(std::string_view value);
};

const std::vector<Checked>& CheckedSettings() {
  static const std::vector<Checked> kAll = {
      {{"SMHOST_METHOD", "must be a method's name", "The method of the model that is called. Default forward."},
       IsIdentifier},
      {{"SMHOST_DTYPE", "must be one of bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64",
        "The type of every tensor of a request. Default float32; application/x-npy keeps its own."},
       IsDType},
      {{"SMHOST_DEVICE", "must be auto, cpu, cuda or cuda:N",
        "Where the model runs. Default auto: a GPU where one is, else the CPU."},
       IsDevice},
      {{"SMHOST_THREADS", "must be an integer between 1 and 1024",
        "Threads of each instance. Default: the instance type's vCPUs, at most this machine's."},
       [](std::string_view v) { return IsIntegerWithin(v, 1, 1024); }},
      {{"SMHOST_MAX_BATCH_SIZE", "must be an integer between 1 and 1024",
        "How many waiting requests are joined into one call. Default 1."},
       [](std::string_view v) { return IsIntegerWithin(v, 1, 1024); }},
      {{"SMHOST_MAX_BATCH_DELAY_US", "must be an integer between 0 and 1000000",
        "How long a request waits for others to join it, in microseconds. Default 0."},
       [](std::string_view v) { return IsIntegerWithin(v, 0, 1'000'000); }},
      {{"SMHOST_WARMUP", "must be the relative path of a file in the artifact",
        "A request that each instance answers to itself before it is ready."},
       IsInnerPath},
      {{"SMHOST_ALLOW_NATIVE", "must be true or false",
        "Whether packages with native code (.pt2) may be loaded. Default false."},
       IsBoolean},
      {{"SMHOST_GOLDEN", "must be the name of a golden set",
        "The golden set whose requests each variant of the model answers before it gets any traffic."},
       IsName},
      {{"SMHOST_REPLAY", "must be true or false",
        "Whether a request is sent again when its instance dies before it answers. Default true."},
       IsBoolean},
  };
  return kAll;
}

std::vector<std::string> Keys() {
  std::vector<std::string> keys;
  for (const Checked& checked : CheckedSettings()) keys.push_back(checked.setting.key);
  return keys;
}

}  // namespace

const std::vector<Setting>& Settings() {
  static const std::vector<Setting> kAll = [] {
    std::vector<Setting> all;
    for (const Checked& checked : CheckedSettings()) all.push_back(checked.setting);
    return all;
  }();
  return kAll;
}

void CheckSettings(const Json& environment, const std::string& path, std::vector<Fault>& faults) {
  if (!environment.is_object()) return;
  const std::vector<Checked>& all = CheckedSettings();
  for (const auto& [key, value] : environment.items()) {
    if (key.rfind(kPrefix, 0) != 0 || !value.is_string()) continue;
    const auto known =
        std::find_if(all.begin(), all.end(), [&k = key](const Checked& c) { return k == c.setting.key; });
    const std::string where = path + "." + (key.size() <= 100 ? key : ShortValue(key));
    if (known == all.end())
      faults.push_back({where, ShortValue(value), "no such setting" + DidYouMean(key, Keys()), {}});
    else if (!known->accepts(value.get_ref<const std::string&>()))
      faults.push_back({where, ShortValue(value), known->setting.rule, {}});
  }
}

}  // namespace smhost
