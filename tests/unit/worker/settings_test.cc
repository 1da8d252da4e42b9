#include "worker/settings.h"

#include <catch2/catch.hpp>

#include "fakes/fake_files.h"

namespace smhost {
namespace {

using Catch::Matchers::Contains;

struct Fixture {
  FakeFiles files;
  Fixture() { REQUIRE(files.MakeFolders("/m", 0700)); }
  void Add(const std::string& name, const std::string& text = "x") {
    REQUIRE(files.WriteNew("/m/" + name, text, 0600));
  }
  Settings Read(const std::map<std::string, std::string>& environment) {
    auto settings = ReadSettings(files, environment, "/m");
    INFO((settings ? "" : settings.error().message));
    REQUIRE(settings);
    return *settings;
  }
  std::string Refusal(const std::map<std::string, std::string>& environment) {
    auto settings = ReadSettings(files, environment, "/m");
    REQUIRE_FALSE(settings);
    return settings.error().message;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "without any setting the defaults hold") {
  Settings settings = Read({});
  CHECK(settings.method == "forward");
  CHECK(settings.device == "auto");
  CHECK(settings.threads == 0);
  CHECK(settings.max_batch_size == 1);
  CHECK_FALSE(settings.allow_native);
  CHECK(settings.default_accept == "application/json");
}

TEST_CASE_METHOD(Fixture, "the Environment wins over the artifact's smhost.json") {
  Add("smhost.json",
      R"({"SMHOST_METHOD": "score", "SMHOST_THREADS": 3, "SMHOST_DTYPE": "int64", "SMHOST_MAX_BATCH_DELAY_US": 50})");
  Settings settings =
      Read({{"SMHOST_THREADS", "2"}, {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv"}, {"OTHER", "x"}});
  CHECK(settings.method == "score");
  CHECK(settings.threads == 2);
  CHECK(settings.dtype == DType::kI64);
  CHECK(settings.max_batch_delay == std::chrono::microseconds(50));
  CHECK(settings.default_accept == "text/csv");
}

TEST_CASE_METHOD(Fixture, "an artifact cannot allow its own native code") {
  Add("smhost.json", R"({"SMHOST_ALLOW_NATIVE": true})");
  CHECK_FALSE(Read({}).allow_native);
  CHECK(Read({{"SMHOST_ALLOW_NATIVE", "true"}}).allow_native);
}

TEST_CASE_METHOD(Fixture, "a wrong setting is refused with its key, value and rule") {
  CHECK(Refusal({{"SMHOST_THREADS", "0"}}) == "SMHOST_THREADS=0: an integer from 1 to 1024 is wanted");
  CHECK_THAT(Refusal({{"SMHOST_THREADS", "two"}}), Contains("SMHOST_THREADS=two"));
  CHECK_THAT(Refusal({{"SMHOST_MAX_BATCH_SIZE", "4096"}}), Contains("from 1 to 1024"));
  CHECK_THAT(Refusal({{"SMHOST_DTYPE", "complex"}}), Contains("float32"));
  CHECK_THAT(Refusal({{"SMHOST_DEVICE", "tpu"}}), Contains("auto, cpu, cuda or cuda:N"));
  CHECK_THAT(Refusal({{"SMHOST_DEVICE", "cuda:x"}}), Contains("cuda:N"));
  CHECK_THAT(Refusal({{"SMHOST_ALLOW_NATIVE", "yes"}}), Contains("true or false"));
  for (const char* path : {"/etc/passwd", "../x.json", "a/../../x.json"})
    CHECK_THAT(Refusal({{"SMHOST_WARMUP", path}}), Contains("inside the artifact"));
}

TEST_CASE_METHOD(Fixture, "a broken smhost.json is refused by name") {
  Add("smhost.json", "{");
  CHECK_THAT(Refusal({}), Contains("smhost.json"));
}

TEST_CASE_METHOD(Fixture, "an smhost.json that is no object of simple values is refused") {
  Add("smhost.json", R"({"SMHOST_METHOD": ["a"]})");
  CHECK_THAT(Refusal({}), Contains("SMHOST_METHOD"));
}

TEST_CASE_METHOD(Fixture, "unknown SMHOST_ keys are told") {
  CHECK(Read({{"SMHOST_THREAD", "1"}, {"HOME", "/"}}).unknown == std::vector<std::string>{"SMHOST_THREAD"});
}

TEST_CASE_METHOD(Fixture, "model.pt is the model, whatever else is there") {
  Add("a.pth");
  Add("model.pt");
  CHECK(FindModelFile(files, "/m")->name == "model.pt");
}

TEST_CASE_METHOD(Fixture, "the only model file in the root is the model") {
  Add("README");
  Add("net.jit");
  REQUIRE(files.MakeFolders("/m/code", 0700));
  Add("code/other.pt");
  auto file = FindModelFile(files, "/m");
  REQUIRE(file);
  CHECK(file->name == "net.jit");
  CHECK(file->format == ModelFormat::kTorchScript);
}

TEST_CASE_METHOD(Fixture, "a pt2 file is an AOTInductor package") {
  Add("net.pt2");
  CHECK(FindModelFile(files, "/m")->format == ModelFormat::kAotInductor);
}

TEST_CASE_METHOD(Fixture, "no model or several are refused with what is there") {
  Add("weights.bin");
  CHECK_THAT(FindModelFile(files, "/m").error().message, Contains("holds no model") && Contains("weights.bin"));
  Add("a.pt");
  Add("b.jit");
  CHECK_THAT(FindModelFile(files, "/m").error().message, Contains("several models (a.pt, b.jit)"));
}

}  // namespace smhost
