#include "artifacts/file_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/digest.h"

namespace smhost {
namespace {

constexpr std::size_t kBlockBytes = 256 * 1024;
constexpr std::uint64_t kSamples = 16;
constexpr std::size_t kSampleBytes = 4096;

class FileSource final : public Source {
 public:
  FileSource(Descriptor fd, std::string path, std::string name)
      : fd_(std::move(fd)), path_(std::move(path)), name_(std::move(name)), block_(kBlockBytes) {}

  Result<std::string_view> Next() override {
    ssize_t n;
    do n = ::read(fd_.get(), block_.data(), block_.size());
    while (n < 0 && errno == EINTR);
    if (n < 0) return FailErrno("read", path_, errno);
    return std::string_view(block_.data(), static_cast<std::size_t>(n));
  }

  const std::string& name() const override { return name_; }

  // The last bytes are among the samples: there gzip has its checksum.
  std::optional<SourceOutline> Outline() const override {
    struct stat info {};
    if (::fstat(fd_.get(), &info) != 0 || info.st_size < 0) return std::nullopt;
    auto bytes = static_cast<std::uint64_t>(info.st_size);
    Sha256 sample;
    std::uint64_t last = bytes > kSampleBytes ? bytes - kSampleBytes : 0;
    for (std::uint64_t i = 0; i < kSamples; ++i) {
      char block[kSampleBytes];
      ssize_t n = ::pread(fd_.get(), block, sizeof block, static_cast<off_t>(i + 1 < kSamples ? last / kSamples * i : last));
      if (n < 0) return std::nullopt;
      sample.Update({block, static_cast<std::size_t>(n)});
    }
    return SourceOutline{bytes, sample.FinishHex()};
  }

  Status Rewind() override {
    if (::lseek(fd_.get(), 0, SEEK_SET) != 0) return FailErrno("rewind", path_, errno);
    return {};
  }

 private:
  Descriptor fd_;
  std::string path_, name_;
  std::vector<char> block_;
};

Error Denied(const std::string& path) {
  return Error{Code::kDenied, path + ": cannot open: permission denied; make it readable for the user who runs smhost"};
}

}  // namespace

Result<std::unique_ptr<Source>> OpenFileSource(const std::string& path, const std::string& name) {
  // Non-blocking: the open of a FIFO or a terminal must not hang before it is seen to be one.
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd && errno == EACCES) return Fail(Denied(path));
  if (!fd) return FailErrno("open", path, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return FailErrno("stat", path, errno);
  if (S_ISDIR(info.st_mode))
    return Fail(Code::kInvalid, path + ": is a folder; pack its content: tar czf model.tar.gz -C FOLDER .");
  if (!S_ISREG(info.st_mode)) return Fail(Code::kInvalid, path + ": is not a regular file");
  return MakeFileSource(std::move(fd), path, name);
}

std::unique_ptr<Source> MakeFileSource(Descriptor fd, const std::string& path, const std::string& name) {
  ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::make_unique<FileSource>(std::move(fd), path, name);
}

}  // namespace smhost
