// Archives made by hand, block by block, so that a test says exactly what is in them; a source that gives bytes in pieces;
// a folder that goes with the test.
#pragma once

#include <zlib.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "artifacts/remove_tree.h"
#include "artifacts/source.h"

namespace smhost {

class TestFolder {
 public:
  TestFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "smhost-artifacts-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  ~TestFolder() { (void)RemoveReadOnlyTree(path_); }
  const std::string& path() const { return path_; }
  std::string Make(const std::string& name) const {
    std::filesystem::create_directories(path_ + "/" + name);
    return path_ + "/" + name;
  }
  std::string Write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories(std::filesystem::path(path_ + "/" + name).parent_path());
    std::ofstream(path_ + "/" + name, std::ios::binary) << bytes;
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

inline std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class TestSource final : public Source {
 public:
  explicit TestSource(std::string bytes, std::size_t piece = SIZE_MAX) : bytes_(std::move(bytes)), piece_(piece) {}
  Result<std::string_view> Next() override {
    auto next = std::string_view(bytes_).substr(at_, piece_);
    at_ += next.size();
    return next;
  }
  const std::string& name() const override { return name_; }

 private:
  std::string bytes_, name_ = "test:artifact";
  std::size_t piece_, at_ = 0;
};

// One header of the ustar format (POSIX.1-1988).
inline std::string TarHeader(const std::string& name, std::uint64_t size, char type) {
  std::string block(512, '\0');
  block.replace(0, name.size(), name);
  block.replace(100, 8, std::string("0000777\0", 8));
  block.replace(108, 8, std::string("0001750\0", 8));
  block.replace(116, 8, std::string("0001750\0", 8));
  char octal[13];
  std::snprintf(octal, sizeof octal, "%011llo", static_cast<unsigned long long>(size));
  block.replace(124, 12, octal, 12);
  block.replace(136, 12, std::string("14000000000\0", 12));
  block[156] = type;
  block.replace(257, 8, std::string("ustar\0" "00", 8));
  block.replace(148, 8, "        ");
  unsigned sum = 0;
  for (char c : block) sum += static_cast<unsigned char>(c);
  std::snprintf(octal, 8, "%06o", sum);
  block.replace(148, 8, std::string(octal, 7) + " ");
  return block;
}

inline std::string TarFile(const std::string& name, const std::string& bytes) {
  return TarHeader(name, bytes.size(), '0') + bytes + std::string((512 - bytes.size() % 512) % 512, '\0');
}
inline std::string TarFolder(const std::string& name) { return TarHeader(name, 0, '5'); }
inline std::string TarEnd() { return std::string(1024, '\0'); }

inline std::string Gzip(const std::string& bytes) {
  z_stream zlib{};
  REQUIRE(deflateInit2(&zlib, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&zlib, bytes.size()) + 64, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  zlib.avail_in = static_cast<uInt>(bytes.size());
  zlib.next_out = reinterpret_cast<Bytef*>(packed.data());
  zlib.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&zlib, Z_FINISH) == Z_STREAM_END);
  packed.resize(zlib.total_out);
  deflateEnd(&zlib);
  return packed;
}

inline std::string ModelArchive() { return Gzip(TarFile("./model.pt", "weights") + TarFile("./code/notes.txt", "") + TarEnd()); }

}  // namespace smhost
