#include "resources/settings.h"

#include <catch2/catch.hpp>

#include "documents.h"
#include "resources/validate.h"

using namespace smhost;

namespace {
std::string Rule(const std::string& key, const std::string& value) {
  std::vector<Fault> faults;
  CheckSettings({{key, value}}, "E", faults);
  return RuleAt(faults, "E." + key);
}
}  // namespace

TEST_CASE("each setting takes its values and no others") {
  struct Row {
    std::string key;
    std::vector<std::string> good, bad;
  };
  const std::vector<Row> rows = {
      {"SMHOST_METHOD", {"forward", "_m1"}, {"", "1a", "a.b", "a b", "a;b", std::string(256, 'a')}},
      {"SMHOST_DTYPE", {"float32", "bfloat16"}, {"", "complex64", "Float32"}},
      {"SMHOST_DEVICE", {"auto", "cpu", "cuda", "cuda:0", "cuda:15"}, {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "CPU"}},
      {"SMHOST_THREADS", {"1", "1024"}, {"", "0", "1025", "-1", "1.5", " 1", "99999999999999999999"}},
      {"SMHOST_MAX_BATCH_SIZE", {"1", "1024"}, {"0", "1025", "x"}},
      {"SMHOST_MAX_BATCH_DELAY_US", {"0", "1000000"}, {"1000001", "-1", "1e3"}},
      {"SMHOST_WARMUP", {"warmup.json", "a/b.csv", "..a"}, {"", "/etc/passwd", "../x", "a/../../x", "a/..", "a\nb"}},
      {"SMHOST_ALLOW_NATIVE", {"true", "false"}, {"", "True", "1", "yes"}},
      {"SMHOST_GOLDEN", {"digits", "a-1"}, {"", "../x", "a b", "a_b"}},
      {"SMHOST_REPLAY", {"true", "false"}, {"0"}}};
  CHECK(rows.size() == Settings().size());
  for (const Row& row : rows) {
    for (const std::string& value : row.good) {
      INFO(row.key << "=" << value);
      CHECK(Rule(row.key, value).empty());
    }
    for (const std::string& value : row.bad) {
      INFO(row.key << "=" << value);
      CHECK_FALSE(Rule(row.key, value).empty());
    }
  }
}

TEST_CASE("an unknown setting is refused with the nearest one, other variables pass") {
  CHECK(Rule("SMHOST_THREAD", "1") == "no such setting; did you mean SMHOST_THREADS?");
  CHECK(Rule("SAGEMAKER_ANYTHING", "1").empty());
  CHECK(Rule("smhost_threads", "1").empty());
}

TEST_CASE("settings of a model's containers are checked with the document") {
  Json properties = ModelProperties();
  properties["PrimaryContainer"]["Environment"] = {{"SMHOST_THREADS", "many"}};
  CHECK(RuleAt(Validate(DocumentOf(Kind::kModel, properties)),
               "Properties.PrimaryContainer.Environment.SMHOST_THREADS") == "must be an integer between 1 and 1024");
}
