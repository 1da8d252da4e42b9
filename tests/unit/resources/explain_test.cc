#include "resources/explain.h"

#include <catch2/catch.hpp>

#include "resources/schema.h"

using namespace smhost;

TEST_CASE("a kind is explained with its properties") {
  for (const char* word : {"ec", "Endpoint-Config", "endpoint-configs", "AWS::SageMaker::EndpointConfig"}) {
    const auto text = Explain(word);
    REQUIRE(text);
    CHECK_THAT(*text, Catch::StartsWith("endpoint-config  AWS::SageMaker::EndpointConfig"));
    CHECK_THAT(*text, Catch::Contains("ProductionVariants*") && Catch::Contains("<list of objects>"));
  }
}

TEST_CASE("a property is explained with type, rule, description and effect, its case and index aside") {
  const auto text = Explain("endpoint-config.productionvariants[0].volumesizeingb");
  REQUIRE(text);
  CHECK_THAT(*text, Catch::StartsWith("endpoint-config.ProductionVariants.VolumeSizeInGB  <integer>") &&
                        Catch::Contains("must be between 1 and 512") && Catch::Contains("scratch volume"));
  CHECK_THAT(*Explain("ec.ProductionVariants.VariantName"), Catch::Contains("required"));
  CHECK_THAT(*Explain("ec.KmsKeyId"), Catch::Contains("Has no effect yet: nothing is encrypted."));
  CHECK_THAT(*Explain("model.Containers.ImageConfig"), Catch::Contains("Has no effect yet"));
}

TEST_CASE("all values of a long list are explained") {
  const auto text = Explain("endpoint-config.ProductionVariants.InstanceType");
  REQUIRE(text);
  CHECK_THAT(*text, Catch::Contains("must be one of 277 values:") && Catch::Contains("ml.m5.large") &&
                        Catch::Contains("ml.p6-b200.48xlarge"));
}

TEST_CASE("the environment is explained with the settings") {
  CHECK_THAT(*Explain("model.PrimaryContainer.Environment"),
             Catch::Contains("<map of strings>") && Catch::Contains("SMHOST_THREADS"));
}

TEST_CASE("what does not exist is answered with the nearest") {
  CHECK_THAT(Explain("modle").error().message, Catch::Contains("did you mean model?"));
  CHECK_THAT(Explain("zebra").error().message, Catch::Contains("known are golden-set"));
  CHECK_THAT(Explain("ec.ProductionVariant").error().message, Catch::Contains("did you mean ProductionVariants?"));
  CHECK_THAT(Explain("model.ModelName.Deeper").error().message,
             Catch::Contains("model.ModelName has no property Deeper"));
  for (const char* path : {"", ".", "model.", "model..x", "model.Tags.[", "endpoint.\xff"}) {
    const auto text = Explain(path);
    REQUIRE_FALSE(text);
    CHECK(text.error().code == Code::kNotFound);
  }
}

TEST_CASE("every property of every schema can be explained") {
  std::vector<std::string> todo;
  for (const KindInfo& info : Kinds()) todo.push_back(info.word);
  int count = 0;
  while (!todo.empty()) {
    const std::string path = todo.back();
    todo.pop_back();
    const auto text = Explain(path);
    INFO(path);
    REQUIRE(text);
    ++count;
    const std::size_t list = text->find("\nProperties");
    for (std::size_t at = list; at != std::string::npos && (at = text->find("\n  ", at)) != std::string::npos; ++at) {
      const std::size_t start = at + 3;
      todo.push_back(path + "." + text->substr(start, text->find_first_of("* ", start) - start));
    }
  }
  CHECK(count > 200);
}
