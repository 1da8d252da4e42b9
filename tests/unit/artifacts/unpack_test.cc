// Benign archives and exact limits. Hostile ones are unpacked in a mount namespace of their own: tests/process.
#include "artifacts/unpack.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <utility>

#include "base/digest.h"
#include "unit/artifacts/test_archive.h"

using namespace smhost;

namespace {

Result<Unpacked> UnpackBytes(const TestFolder& folder, const std::string& bytes, const UnpackLimits& limits = {},
                             std::size_t piece = SIZE_MAX) {
  (void)RemoveReadOnlyTree(folder.path() + "/out");
  TestSource source(bytes, piece);
  return Unpack(source, folder.Make("out"), limits);
}

unsigned ModeOf(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

}  // namespace

TEST_CASE("a model.tar.gz becomes its files, read-only, and its digest") {
  TestFolder folder;
  std::string packed = ModelArchive();
  auto unpacked = UnpackBytes(folder, packed);
  REQUIRE(unpacked);
  CHECK(unpacked->digest == "sha256:" + Sha256Hex(packed));
  CHECK(unpacked->bytes == 7);
  CHECK(unpacked->entries == 3);
  CHECK(unpacked->packed_bytes == packed.size());
  CHECK(ReadAll(folder.path() + "/out/model.pt") == "weights");
  CHECK(ModeOf(folder.path() + "/out/model.pt") == 0400);
  CHECK(ModeOf(folder.path() + "/out/code") == 0500);
  CHECK(ModeOf(folder.path() + "/out") == 0500);
}

TEST_CASE("a plain tar is taken, too") {
  TestFolder folder;
  CHECK(UnpackBytes(folder, TarFolder("./") + TarFile("model.pt", std::string(100'000, 'w')) + TarEnd()));
  CHECK(ReadAll(folder.path() + "/out/model.pt") == std::string(100'000, 'w'));
}

TEST_CASE("how the bytes arrive does not matter") {
  TestFolder folder;
  std::string digest = UnpackBytes(folder, ModelArchive())->digest;
  for (std::size_t piece : {1u, 2u, 7u, 64u}) {
    auto unpacked = UnpackBytes(folder, ModelArchive(), {}, piece);
    REQUIRE(unpacked);
    CHECK(unpacked->digest == digest);
  }
  CHECK(UnpackBytes(folder, TarFile("x", "y") + TarEnd(), {}, 1));
}

TEST_CASE("several gzip members one after the other are one archive") {
  TestFolder folder;
  std::string tar = TarFile("model.pt", std::string(5000, 'w')) + TarEnd();
  REQUIRE(UnpackBytes(folder, Gzip(tar.substr(0, 700)) + Gzip(tar.substr(700)), {}, 3));
  CHECK(ReadAll(folder.path() + "/out/model.pt").size() == 5000);
}

TEST_CASE("names in UTF-8 stay what they are") {
  TestFolder folder;
  REQUIRE(UnpackBytes(folder, Gzip(TarFile("modèle/模型.pt", "w") + TarEnd())));
  CHECK(ReadAll(folder.path() + "/out/modèle/模型.pt") == "w");
}

TEST_CASE("padding after the end of the tar is no harm") {
  TestFolder folder;
  CHECK(UnpackBytes(folder, Gzip(TarFile("x", "y") + TarEnd() + std::string(20'000, '\0'))));
  CHECK(UnpackBytes(folder, TarFile("x", "y") + TarEnd() + std::string(8'000, '\0')));
}

TEST_CASE("a gzip archive without an end mark is whole: its checksum says so") {
  TestFolder folder;
  CHECK(UnpackBytes(folder, Gzip(TarFile("x", "y"))));
}

TEST_CASE("every cut of an archive is refused as truncated, never taken for a smaller one") {
  TestFolder folder;
  std::string packed = Gzip(TarFile("a", "1") + TarFile("b", std::string(3000, '2')) + TarEnd());
  for (std::size_t size = 0; size < packed.size(); ++size) {
    INFO(size);
    auto unpacked = UnpackBytes(folder, packed.substr(0, size));
    REQUIRE_FALSE(unpacked);
    CHECK(unpacked.error().code == Code::kInvalid);
  }
  std::string plain = TarFile("a", "1") + TarFile("b", std::string(600, '2')) + TarEnd();
  for (std::size_t size = 0; size + 1024 <= plain.size(); size += 64) {
    INFO(size);
    CHECK_FALSE(UnpackBytes(folder, plain.substr(0, size)));
  }
}

TEST_CASE("every flipped byte of the checksum at the end is seen") {
  TestFolder folder;
  std::string packed = ModelArchive();
  for (std::size_t i = packed.size() - 8; i < packed.size(); ++i) {
    std::string damaged = packed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    auto unpacked = UnpackBytes(folder, damaged);
    REQUIRE_FALSE(unpacked);
    CHECK_THAT(unpacked.error().message, Catch::Contains("damaged"));
  }
}

TEST_CASE("what is no archive is refused with how to make one") {
  TestFolder folder;
  struct { std::string bytes, words; } rows[] = {
      {"", "empty"},
      {"PK\x03\x04 the zip that torch.save writes", "tar czf model.tar.gz model.pt"},
      {"\x28\xb5\x2f\xfd zstd", "zstd"},
      {"BZh91AY", "bzip2"},
      {std::string(2000, 'x'), "no tar archive"},
      {"x", "no tar archive"},
      {Gzip("not a tar"), "no tar archive"},
      {Gzip(""), "no tar archive"},
      {Gzip(TarEnd()), "holds no file"},
      {Gzip(TarFolder("./") + TarFolder("a/") + TarEnd()), "holds no file"}};
  for (const auto& row : rows) {
    auto unpacked = UnpackBytes(folder, row.bytes);
    REQUIRE_FALSE(unpacked);
    CHECK(unpacked.error().code == Code::kInvalid);
    CHECK_THAT(unpacked.error().message, Catch::Contains(row.words) && Catch::StartsWith("test:artifact: cannot unpack: "));
  }
}

TEST_CASE("anything behind the archive is refused") {
  TestFolder folder;
  std::string tar = TarFile("x", "y") + TarEnd();
  CHECK_THAT(UnpackBytes(folder, Gzip(tar) + "junk").error().message, Catch::Contains("follows its gzip data"));
  CHECK_THAT(UnpackBytes(folder, Gzip(tar) + std::string(1, '\0')).error().message, Catch::Contains("follows its gzip data"));
  CHECK_THAT(UnpackBytes(folder, Gzip(tar + "junk")).error().message, Catch::Contains("follows the end of the tar"));
  CHECK_THAT(UnpackBytes(folder, tar + TarFile("z", "z")).error().message, Catch::Contains("follows the end of the tar"));
}

TEST_CASE("the limit on bytes is exact and named with the entry") {
  TestFolder folder;
  std::string packed = Gzip(TarFile("a", std::string(600, 'a')) + TarFile("b", std::string(400, 'b')) + TarEnd());
  CHECK(UnpackBytes(folder, packed, {.bytes = 1000}));
  auto over = UnpackBytes(folder, packed, {.bytes = 999});
  REQUIRE_FALSE(over);
  CHECK(over.error().code == Code::kTooLarge);
  CHECK_THAT(over.error().message, Catch::Contains("entry 'b'") && Catch::Contains("999 bytes allowed"));
}

TEST_CASE("the limit on entries is exact") {
  TestFolder folder;
  std::string tar;
  for (int i = 0; i < 20; ++i) tar += TarFile("f" + std::to_string(i), "x");
  std::string packed = Gzip(tar + TarEnd());
  CHECK(UnpackBytes(folder, packed, {.entries = 20}));
  auto over = UnpackBytes(folder, packed, {.entries = 19});
  REQUIRE_FALSE(over);
  CHECK_THAT(over.error().message, Catch::Contains("entry 'f19'") && Catch::Contains("more than 19"));
}

TEST_CASE("the limit on depth is exact") {
  TestFolder folder;
  std::string packed = Gzip(TarFile("a/b/c/x", "x") + TarEnd());
  CHECK(UnpackBytes(folder, packed, {.depth = 4}));
  CHECK(UnpackBytes(folder, packed, {.depth = 3}).error().code == Code::kTooLarge);
}

TEST_CASE("a tar may be bigger than its files, but not by more than its framing") {
  TestFolder folder;
  std::string packed = Gzip(TarFile("x", "y") + std::string(63 * 512, '\0'));  // 65 blocks of 512 bytes
  CHECK(UnpackBytes(folder, packed, {.bytes = 1, .framing_bytes = 65 * 512 - 1}));
  auto over = UnpackBytes(folder, packed, {.bytes = 1, .framing_bytes = 65 * 512 - 2});
  REQUIRE_FALSE(over);
  CHECK(over.error().code == Code::kTooLarge);
}

TEST_CASE("the ratio is looked at past its floor only") {
  TestFolder folder;
  std::string packed = Gzip(TarFile("zeros", std::string(1'000'000, '\0')) + TarEnd());
  CHECK(UnpackBytes(folder, packed, {.ratio = 10, .ratio_floor_bytes = 2'000'000}));
  auto over = UnpackBytes(folder, packed, {.ratio = 10, .ratio_floor_bytes = 100'000});
  REQUIRE_FALSE(over);
  CHECK(over.error().code == Code::kTooLarge);
  CHECK_THAT(over.error().message, Catch::Contains("10 times its size"));
  CHECK(UnpackBytes(folder, packed, {.ratio = 2'000, .ratio_floor_bytes = 0}));
}

// A truncated download once ended in a stall: libarchive reads on after an error, or takes it for the archive's end, and
// the source was asked again.
TEST_CASE("a source that fails gives its own error and is not asked again") {
  class Failing final : public Source {
   public:
    explicit Failing(std::string bytes) : bytes_(std::move(bytes)) {}
    Result<std::string_view> Next() override {
      if (!bytes_.empty()) return given_ = std::exchange(bytes_, {});
      return Fail(Code::kUnavailable, "failure " + std::to_string(++failures_));
    }
    const std::string& name() const override { return name_; }

   private:
    std::string bytes_, given_, name_ = "failing";
    int failures_ = 0;
  };
  TestFolder folder;
  std::string tar = TarFile("a", std::string(2000, 'x'));
  for (const auto& bytes : {std::string(), tar.substr(0, 3), tar.substr(0, 600), Gzip(tar).substr(0, 40),
                            tar + std::string(512, '\0'), tar}) {
    (void)RemoveReadOnlyTree(folder.path() + "/out");
    Failing source(bytes);
    auto unpacked = Unpack(source, folder.Make("out"), {});
    REQUIRE_FALSE(unpacked);
    CHECK(unpacked.error().code == Code::kUnavailable);
    CHECK(unpacked.error().message == "failure 1");
  }
}
