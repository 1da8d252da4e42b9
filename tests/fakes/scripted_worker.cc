// smhost-worker without torch: the same processes, sockets and codecs around a model that is a script. The artifact's
// model file (model.pt) holds JSON; every key may be absent:
//
//   "reply": VALUE          answers this
//   "echo": true            answers the arguments: the only one, or a list of them
//   "count": true           answers how many calls there were
//   "sleep_ms": N           in each call
//   "slow_load_ms": N       while loading, in the template
//   "prepare_ms": N         in the instance, before it is ready
//   "fail_load": T          the template reports T
//   "thread_on_load": true  breaks the rule that a template has one thread
//   "fail_prepare": T       the instance reports T
//   "crash_on": T           abort()s when the arguments, as JSON, contain T; "" matches every request
//   "hang_on": T            never returns
//   "raise_on": T           the model raised (500)
//   "refuse_on": T          the caller's fault (400)
//   "lose_on": T            the device is lost
//   "exit_after": N         exits with code 3 at the call after N
//   "leak_mb": N            keeps so much more at each call
//   "print": T              one line on stdout in each call
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <thread>

#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "worker/codec.h"
#include "worker/program.h"

namespace smhost {
namespace {

void Sleep(std::int64_t milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

Value ValueFrom(const Json& json) {
  if (json.is_null()) return Value{None{}};
  if (json.is_boolean()) return Value{json.get<bool>()};
  if (json.is_number_integer()) return Value{json.get<std::int64_t>()};
  if (json.is_number()) return Value{json.get<double>()};
  if (json.is_string()) return Value{json.get<std::string>()};
  if (json.is_array()) {
    List list;
    for (const auto& item : json) list.items.push_back(ValueFrom(item));
    return Value{std::move(list)};
  }
  Dictionary dictionary;
  for (const auto& [key, item] : json.items()) dictionary.items.emplace_back(Value{key}, ValueFrom(item));
  return Value{std::move(dictionary)};
}

class ScriptedModel final : public Model {
 public:
  explicit ScriptedModel(Json script) : script_(std::move(script)) {
    TypeSpec any{TypeSpec::Kind::kAny, false, {}, "Any"};
    schema_.arguments = {{"x", any, true}, {"y", any, true}};
  }

  const MethodSchema& Schema() const override { return schema_; }
  std::string Device() const override { return StringOr(script_, "device", "cpu"); }

  Status PrepareInstance(int) override {
    Sleep(IntOr(script_, "prepare_ms"));
    if (script_.contains("fail_prepare")) return Fail(Code::kInvalid, StringOr(script_, "fail_prepare"));
    return {};
  }

  Result<Value> Run(Arguments arguments) override {
    ++calls_;
    Value echo = Echo(std::move(arguments));
    std::string text = EncodeAnswer(echo, ContentType::kJson).value_or("");
    if (script_.contains("print")) {
      std::printf("%s\n", StringOr(script_, "print").c_str());
      std::fflush(stdout);
    }
    Sleep(IntOr(script_, "sleep_ms"));
    if (script_.contains("exit_after") && calls_ > IntOr(script_, "exit_after")) std::_Exit(3);
    if (Matches("crash_on", text)) std::abort();
    while (Matches("hang_on", text)) Sleep(1000);
    if (Matches("raise_on", text)) return Fail(Code::kInternal, "RuntimeError: the script raises");
    if (Matches("refuse_on", text)) return Fail(Code::kInvalid, "the script refuses these arguments");
    if (Matches("lose_on", text)) return Fail(Code::kCorrupt, "CUDA error: the script lost its device");
    for (std::int64_t i = IntOr(script_, "leak_mb"); i > 0; --i) leaked_.emplace_back(1 << 20, 'x');
    if (BoolOr(script_, "count")) return Value{calls_};
    if (BoolOr(script_, "echo")) return echo;
    return ValueFrom(MemberOr(script_, "reply"));
  }

 private:
  bool Matches(const char* key, const std::string& text) const {
    return script_.contains(key) && text.find(StringOr(script_, key)) != std::string::npos;
  }
  static Value Echo(Arguments arguments) {
    if (arguments.size() == 1 && arguments[0]) return std::move(*arguments[0]);
    List list;
    for (auto& argument : arguments) list.items.push_back(argument ? std::move(*argument) : Value{None{}});
    return Value{std::move(list)};
  }

  const Json script_;
  MethodSchema schema_;
  std::int64_t calls_ = 0;
  std::list<std::string> leaked_;
};

class ScriptedBackend final : public Backend {
 public:
  void Prepare() override {}
  Result<std::unique_ptr<Model>> Load(const std::string& folder, const ModelFile& file, const Settings&) override {
    auto files = MakeSystemFiles();
    SMHOST_TRY(std::string text, files->Read(folder + "/" + file.name, limits::kDocumentBytes));
    SMHOST_TRY(Json script, ParseJson(text, file.name, limits::kDocumentBytes));
    Sleep(IntOr(script, "slow_load_ms"));
    if (script.contains("fail_load")) return Fail(Code::kInvalid, StringOr(script, "fail_load"));
    if (BoolOr(script, "thread_on_load")) std::thread([] { Sleep(3'600'000); }).detach();
    return std::unique_ptr<Model>(std::make_unique<ScriptedModel>(std::move(script)));
  }
};

}  // namespace
}  // namespace smhost

int main(int argc, char** argv) {
  smhost::ScriptedBackend backend;
  return smhost::RunWorkerProgram(argc, argv, backend);
}
