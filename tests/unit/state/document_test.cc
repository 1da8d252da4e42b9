#include "state/document.h"

#include <catch2/catch.hpp>

#include "base/digest.h"

namespace smhost {
namespace {

Resource Sample() {
  Resource resource;
  resource.kind = Kind::kEndpointConfig;
  resource.name = "vad";
  resource.properties = {
      {"EndpointConfigName", "vad"},
      {"Tags", Json::array({{{"Key", "größe"}, {"Value", "\"\\\n\u0001"}}})},
      {"ProductionVariants", Json::array({{{"VariantName", "main"}, {"InitialVariantWeight", 0.1}}})}};
  resource.arn = "arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/vad";
  resource.uid = "0123456789abcdef0123456789abcdef";
  resource.generation = 7;
  resource.creation_time = "2026-01-31T12:00:00.123Z";
  resource.last_modified_time = "2026-02-01T12:00:00.000Z";
  return resource;
}

Result<Resource> Decode(const std::string& text) {
  return DecodeResource(text, Kind::kEndpointConfig, "vad", "/x/vad.json");
}

void CheckSame(const Resource& left, const Resource& right) {
  CHECK(left.properties == right.properties);
  CHECK(left.arn == right.arn);
  CHECK(left.uid == right.uid);
  CHECK(left.generation == right.generation);
  CHECK(left.creation_time == right.creation_time);
  CHECK(left.last_modified_time == right.last_modified_time);
}

TEST_CASE("a resource comes back as it was stored, and its text has the parts that are promised") {
  std::string text = EncodeResource(Sample());
  auto back = Decode(text);
  REQUIRE(back);
  CheckSame(*back, Sample());
  Json json = *ParseJson(text, "text", 1 << 20);
  CHECK(json["Type"] == "AWS::SageMaker::EndpointConfig");
  CHECK(json["Metadata"]["Format"] == 1);
  CHECK(json["Metadata"]["Generation"] == 7);
  CHECK(json["Metadata"]["Checksum"].get<std::string>().size() == 64);
}

TEST_CASE("a document may be indented otherwise") {
  Json json = *ParseJson(EncodeResource(Sample()), "text", 1 << 20);
  CHECK(Decode(CompactJson(json)));
}

TEST_CASE("each flipped bit of a stored resource is found or changes nothing of its meaning") {
  const std::string text = EncodeResource(Sample());
  int harmless = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      auto back = Decode(flipped);
      if (back) {
        ++harmless;
        if (back->properties != Sample().properties || back->generation != 7 || back->uid != Sample().uid ||
            back->arn != Sample().arn || back->creation_time != Sample().creation_time)
          FAIL("a flip of bit " << bit << " of byte " << at << " was not found");
      } else if (back.error().code != Code::kCorrupt) {
        FAIL("a flip of bit " << bit << " of byte " << at << " was called " << CodeName(back.error().code));
      }
    }
  }
  CHECK(harmless < static_cast<int>(text.size()));
}

TEST_CASE("a document that is cut or filled with zeros from any byte on is found") {
  const std::string text = EncodeResource(Sample());
  // The last two bytes are "}" and a newline; without the newline it means the same.
  for (std::size_t kept = 0; kept + 1 < text.size(); ++kept) {
    std::string zeros = text.substr(0, kept) + std::string(text.size() - kept, '\0');
    if (Decode(text.substr(0, kept)) || Decode(zeros)) FAIL("not found when cut at byte " << kept);
  }
  CHECK_FALSE(Decode(text + std::string(1, '\0')));
  CHECK_FALSE(Decode(text.substr(0, text.size() - 1) + std::string(1, '\0')));
}

TEST_CASE("a whole document of another kind or name is not taken for this one") {
  std::string text = EncodeResource(Sample());
  CHECK(DecodeResource(text, Kind::kEndpointConfig, "other", "p").error().code == Code::kCorrupt);
  CHECK(DecodeResource(text, Kind::kEndpoint, "vad", "p").error().code == Code::kCorrupt);
}

TEST_CASE("JSON that is not ours is called damaged, naming the file") {
  for (const char* text :
       {"", "{}", "[]", "null", "{\"Metadata\":3}", "{\"Metadata\":{}}", "{\"Metadata\":{\"Format\":1}}",
        "{\"Metadata\":{\"Format\":\"1\",\"Checksum\":5}}", "{\"a\":1,\"a\":2}", "{\"a\":1}"}) {
    auto back = Decode(text);
    CAPTURE(text);
    REQUIRE_FALSE(back);
    CHECK(back.error().code == Code::kCorrupt);
    CHECK(back.error().message.find("/x/vad.json") != std::string::npos);
  }
}

TEST_CASE("a document of a newer smhost is told from a damaged one") {
  Json json = *ParseJson(EncodeResource(Sample()), "text", 1 << 20);
  json["Metadata"].erase("Checksum");
  json["Metadata"]["Format"] = 2;
  SECTION("its checksum holds") { json["Metadata"]["Checksum"] = Sha256Hex(CompactJson(json)); }
  SECTION("it has another kind of checksum") { json["Metadata"]["Checksum"] = "crc:1"; }
  auto back = Decode(PrettyJson(json));
  REQUIRE_FALSE(back);
  CHECK(back.error().code == Code::kNewerFormat);
  CHECK(back.error().message.find("newer smhost") != std::string::npos);
}

TEST_CASE("our own document with a flipped format number is damaged, not newer") {
  Json json = *ParseJson(EncodeResource(Sample()), "text", 1 << 20);
  json["Metadata"]["Format"] = 3;
  CHECK(Decode(PrettyJson(json)).error().code == Code::kCorrupt);
}

TEST_CASE("the mark of a lost document gives its message and is never taken for a resource") {
  std::string mark = EncodeLost(Kind::kEndpointConfig, "it lies in /q/1");
  CHECK(DecodeLost(mark, "p") == std::string("it lies in /q/1"));
  auto back = Decode(mark);
  REQUIRE_FALSE(back);
  CHECK(back.error().code == Code::kCorrupt);
  CHECK(back.error().message == "it lies in /q/1");
  CHECK_FALSE(DecodeLost(EncodeResource(Sample()), "p"));
  CHECK_FALSE(DecodeLost("{", "p"));
}

TEST_CASE("a sealed text is the dump of its document with the checksum of its compact dump") {
  for (const Json& content : {Json(), Json::array(), Json({{"a b", R"(\" , \\)"}, {"e", {{"o", Json::object()}, {"l", Json::array()}}}}),
                              Json({" : \n\t{}", "gr\u00f6\u00dfe \xff", 0.1, -7, nullptr, true, {{1, " "}}})}) {
    Json document = {{"Content", content}, {"Format", 2}};
    std::string checksum = Sha256Hex(CompactJson(document));
    document["Checksum"] = checksum;
    CHECK(EncodeSealedAs(2, content) == PrettyJson(document));
  }
}

TEST_CASE("each flipped bit of a sealed text is found or changes nothing of its meaning") {
  Json content = {{"Stage", "Bake"}, {"Weights", Json::array({1, 0.5, nullptr, true})}};
  const std::string text = EncodeSealed(content);
  REQUIRE(*DecodeSealed(text, "p") == content);
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      auto back = DecodeSealed(flipped, "p");
      if (back && *back != content) FAIL("a flip of bit " << bit << " of byte " << at << " was not found");
    }
  }
}

}  // namespace
}  // namespace smhost
