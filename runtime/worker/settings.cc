#include "worker/settings.h"

#include <charconv>

#include "base/json.h"
#include "base/limits.h"

namespace smhost {
namespace {

using Values = std::map<std::string, std::string>;

constexpr int kMostThreadsSetting = 1024;
constexpr int kMostBatch = 1024;
constexpr int kLongestBatchDelayUs = 1'000'000;

// Keys that the controller, not the worker, reads.
constexpr const char* kOtherKeys[] = {"SMHOST_S3_ENDPOINT"};

tl::unexpected<Error> BadSetting(const std::string& key, const std::string& value, const std::string& rule) {
  return Fail(Code::kInvalid, key + "=" + value + ": " + rule);
}

Result<std::string> TextOf(const std::string& key, const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return std::string(value.get<bool>() ? "true" : "false");
  if (value.is_number_integer()) return value.dump();
  return BadSetting("smhost.json: " + key, CompactJson(value), "a text, an integer, true or false is wanted");
}

// The keys of the artifact's smhost.json; none where there is no such file.
Result<Values> ReadArtifactSettings(Files& files, const std::string& folder) {
  std::string path = folder + "/smhost.json";
  if (!files.Exists(path)) return Values{};
  SMHOST_TRY(std::string text, files.Read(path, limits::kDocumentBytes));
  SMHOST_TRY(Json document, ParseJson(text, "smhost.json in the artifact", limits::kDocumentBytes));
  if (!document.is_object())
    return Fail(Code::kInvalid, "smhost.json in the artifact: an object of SMHOST_… keys is wanted");
  Values values;
  for (const auto& [key, value] : document.items()) {
    SMHOST_TRY(values[key], TextOf(key, value));
  }
  // Running native code is for whoever wrote the document to allow, not for whoever packed the artifact.
  values.erase("SMHOST_ALLOW_NATIVE");
  return values;
}

class Reader {
 public:
  explicit Reader(Values values) : values_(std::move(values)) {}

  // The key's text, taken out of what is left; nothing where it is absent or empty.
  std::optional<std::string> Text(const std::string& key) {
    auto it = values_.find(key);
    if (it == values_.end()) return std::nullopt;
    std::string text = std::move(it->second);
    values_.erase(it);
    if (text.empty()) return std::nullopt;
    return text;
  }
  Status Number(const std::string& key, int least, int most, int& to) {
    auto text = Text(key);
    if (!text) return {};
    int value = 0;
    auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size() || value < least || value > most)
      return BadSetting(key, *text,
                        "an integer from " + std::to_string(least) + " to " + std::to_string(most) + " is wanted");
    to = value;
    return {};
  }
  Status Flag(const std::string& key, bool& to) {
    auto text = Text(key);
    if (!text) return {};
    if (*text != "true" && *text != "false" && *text != "1" && *text != "0")
      return BadSetting(key, *text, "true or false is wanted");
    to = *text == "true" || *text == "1";
    return {};
  }
  std::vector<std::string> LeftOver() const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : values_)
      if (key.rfind("SMHOST_", 0) == 0) keys.push_back(key);
    return keys;
  }

 private:
  Values values_;
};

Status CheckDevice(const std::string& device) {
  if (device == "auto" || device == "cpu" || device == "cuda") return {};
  if (device.rfind("cuda:", 0) == 0 && device.size() > 5 && device.size() <= 8 &&
      device.find_first_not_of("0123456789", 5) == std::string::npos)
    return {};
  return BadSetting("SMHOST_DEVICE", device, "auto, cpu, cuda or cuda:N is wanted");
}

// A file inside the artifact: no way out of it.
Status CheckInside(const std::string& key, const std::string& path) {
  if (path.empty()) return {};
  if (path[0] == '/' || ("/" + path + "/").find("/../") != std::string::npos)
    return BadSetting(key, path, "a path inside the artifact is wanted");
  return {};
}

Status ReadDType(Reader& reader, Settings& settings) {
  auto name = reader.Text("SMHOST_DTYPE");
  if (!name) return {};
  settings.dtype = DTypeNamed(*name);
  if (!settings.dtype)
    return BadSetting("SMHOST_DTYPE", *name,
                      "one of bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64 is wanted");
  return {};
}

bool EndsWith(const std::string& text, const std::string& ending) {
  return text.size() > ending.size() && text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}
bool IsModelName(const std::string& name) {
  return EndsWith(name, ".pt") || EndsWith(name, ".pth") || EndsWith(name, ".jit") || EndsWith(name, ".pt2");
}

std::string ListOf(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 10;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i) text += (i ? ", " : "") + names[i];
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text.empty() ? "nothing" : text;
}

}  // namespace

Result<Settings> ReadSettings(Files& files, const Values& environment, const std::string& model_folder) {
  SMHOST_TRY(Values values, ReadArtifactSettings(files, model_folder));
  for (const auto& [key, value] : environment) values[key] = value;
  for (const char* key : kOtherKeys) values.erase(key);
  Reader reader(std::move(values));
  Settings settings;
  settings.method = reader.Text("SMHOST_METHOD").value_or(settings.method);
  settings.device = reader.Text("SMHOST_DEVICE").value_or(settings.device);
  settings.warmup = reader.Text("SMHOST_WARMUP").value_or("");
  settings.default_accept = reader.Text("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT").value_or(settings.default_accept);
  int delay_us = 0;
  SMHOST_TRY_STATUS(ReadDType(reader, settings));
  SMHOST_TRY_STATUS(CheckDevice(settings.device));
  SMHOST_TRY_STATUS(CheckInside("SMHOST_WARMUP", settings.warmup));
  SMHOST_TRY_STATUS(reader.Number("SMHOST_THREADS", 1, kMostThreadsSetting, settings.threads));
  SMHOST_TRY_STATUS(reader.Number("SMHOST_MAX_BATCH_SIZE", 1, kMostBatch, settings.max_batch_size));
  SMHOST_TRY_STATUS(reader.Number("SMHOST_MAX_BATCH_DELAY_US", 0, kLongestBatchDelayUs, delay_us));
  SMHOST_TRY_STATUS(reader.Flag("SMHOST_ALLOW_NATIVE", settings.allow_native));
  settings.max_batch_delay = std::chrono::microseconds(delay_us);
  settings.unknown = reader.LeftOver();
  return settings;
}

Result<ModelFile> FindModelFile(Files& files, const std::string& model_folder) {
  SMHOST_TRY(std::vector<FileEntry> entries, files.List(model_folder));
  std::vector<std::string> all, models;
  for (const auto& entry : entries) {
    all.push_back(entry.name + (entry.is_folder ? "/" : ""));
    if (!entry.is_folder && IsModelName(entry.name)) models.push_back(entry.name);
    if (!entry.is_folder && entry.name == "model.pt") return ModelFile{entry.name, ModelFormat::kTorchScript};
  }
  if (models.empty())
    return Fail(Code::kInvalid,
                "the artifact holds no model: model.pt, or one *.pt, *.pth, *.jit or *.pt2 in its root, is "
                "wanted; its root holds " +
                    ListOf(all));
  if (models.size() > 1)
    return Fail(Code::kInvalid, "the artifact holds several models (" + ListOf(models) +
                                    "): keep one in its root, or name it model.pt");
  return ModelFile{models[0], EndsWith(models[0], ".pt2") ? ModelFormat::kAotInductor : ModelFormat::kTorchScript};
}

}  // namespace smhost
