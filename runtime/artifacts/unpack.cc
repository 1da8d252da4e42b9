#include "artifacts/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <cerrno>
#include <memory>
#include <optional>

#include "artifacts/entry_name.h"
#include "artifacts/fresh_folder.h"
#include "artifacts/tar_stream.h"
#include "artifacts/tree_plan.h"
#include "base/check.h"
#include "base/failpoint.h"

namespace smhost {
namespace {

constexpr std::uint64_t kTarBlockBytes = 512;

// libarchive turns the names of pax headers, which are UTF-8, into the thread's locale: let that be UTF-8 as well.
class Utf8Names {
 public:
  Utf8Names() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (locale_ != nullptr) before_ = ::uselocale(locale_);
  }
  ~Utf8Names() {
    if (locale_ == nullptr) return;
    ::uselocale(before_);
    ::freelocale(locale_);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  locale_t locale_, before_ = nullptr;
};

using Archive = std::unique_ptr<archive, decltype(&archive_read_free)>;

// What an entry is, when it is not what we take; null for a file or a folder.
const char* Refusal(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return "it is a hard link";
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG: return archive_entry_sparse_count(entry) > 0 ? "it is a sparse file; pack with tar without -S" : nullptr;
    case AE_IFDIR: return nullptr;
    case AE_IFLNK: return "it is a symbolic link; pack what it points to (tar -h)";
    case AE_IFCHR:
    case AE_IFBLK: return "it is a device";
    case AE_IFIFO: return "it is a FIFO";
    case AE_IFSOCK: return "it is a socket";
    default: return "it is of an unknown type";
  }
}

class Unpacker {
 public:
  Unpacker(Source& source, FreshFolder& folder, const UnpackLimits& limits)
      : name_(source.name()), folder_(folder), limits_(limits), stream_(source, limits), plan_(limits) {}

  Result<Unpacked> Run() {
    SMHOST_CHECK(archive_ != nullptr);
    archive_read_support_format_tar(archive_.get());
    if (archive_read_open(archive_.get(), this, nullptr, &Unpacker::OnRead, nullptr) != ARCHIVE_OK) return Broken();
    while (true) {
      archive_entry* entry = nullptr;
      int rc = archive_read_next_header(archive_.get(), &entry);
      if (rc == ARCHIVE_EOF) break;
      if (rc != ARCHIVE_OK) return Broken();
      SMHOST_TRY_STATUS(Take(entry));
    }
    return Finish();
  }

 private:
  static la_ssize_t OnRead(archive* archive, void* self, const void** bytes) {
    auto* unpacker = static_cast<Unpacker*>(self);
    auto fail = [&] { return archive_set_error(archive, EIO, "its bytes cannot be read"), la_ssize_t(-1); };
    if (unpacker->stream_error_) return fail();  // libarchive asks again after an error, the stream must not be asked
    auto next = unpacker->stream_.Next();
    if (!next) {
      unpacker->stream_error_ = next.error();
      return fail();
    }
    *bytes = next->data();
    return static_cast<la_ssize_t>(next->size());
  }

  tl::unexpected<Error> Refuse(const std::string& why) const {
    return Fail(Code::kInvalid, name_ + ": cannot unpack: " + why);
  }
  tl::unexpected<Error> RefuseEntry(const char* entry, Code code, const std::string& why) const {
    return Fail(code, name_ + ": cannot unpack: entry " + QuoteName(entry) + ": " + why);
  }

  // libarchive gave up, or the stream below it did: its words are the better ones.
  tl::unexpected<Error> Broken(const std::string& where = {}) const {
    if (stream_error_) return Fail(*stream_error_);
    const char* words = archive_error_string(archive_.get());
    if (plan_.size() == 0 && where.empty() && archive_format(archive_.get()) == 0)
      return Refuse("it holds no tar archive; pack it: tar czf model.tar.gz model.pt");
    return Refuse(where + "the tar archive is damaged or truncated" + (words != nullptr ? std::string(": ") + words : ""));
  }

  Status Take(archive_entry* entry) {
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) return Refuse("an entry has no name that could be read");
    if (const char* refusal = Refusal(entry)) return RefuseEntry(name, Code::kInvalid, refusal);
    auto path = CheckEntryName(name, limits_);
    if (!path) return RefuseEntry(name, path.error().code, path.error().message);
    bool is_folder = archive_entry_filetype(entry) == AE_IFDIR;
    auto missing = is_folder ? plan_.AddFolder(*path) : plan_.AddFile(*path);
    if (!missing) return RefuseEntry(name, missing.error().code, missing.error().message);
    for (const auto& folder : *missing) SMHOST_TRY_STATUS(folder_.MakeFolder(folder));
    return is_folder ? Status() : TakeFile(entry, name, *path);
  }

  Status TakeFile(archive_entry* entry, const char* name, const std::string& path) {
    auto size = archive_entry_size(entry);
    if (!archive_entry_size_is_set(entry) || size < 0) return RefuseEntry(name, Code::kInvalid, "it has no proper size");
    auto expected = static_cast<std::uint64_t>(size);
    if (expected > limits_.bytes - bytes_)
      return RefuseEntry(name, Code::kTooLarge, "with its " + std::to_string(expected) +
                                                    " bytes the files have more than the " + std::to_string(limits_.bytes) +
                                                    " bytes allowed; choose an instance type with a larger volume");
    SMHOST_TRY(Descriptor file, folder_.CreateFile(path));
    SMHOST_FAILPOINT_STATUS(unpack_entry);
    SMHOST_TRY(std::uint64_t written, CopyData(file, name, path, expected));
    if (written != expected) return RefuseEntry(name, Code::kInvalid, "it has fewer bytes than it says");
    bytes_ += written;
    return folder_.FinishFile(file, path);
  }

  Result<std::uint64_t> CopyData(const Descriptor& file, const char* name, const std::string& path,
                                 std::uint64_t expected) {
    std::uint64_t written = 0;
    while (true) {
      const void* data = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      int rc = archive_read_data_block(archive_.get(), &data, &size, &offset);
      if (rc == ARCHIVE_EOF) return written;
      if (rc != ARCHIVE_OK) return Broken("entry " + QuoteName(name) + ": ");
      if (static_cast<std::uint64_t>(offset) != written || size > expected - written)
        return RefuseEntry(name, Code::kInvalid, "its data has holes or is longer than it says");
      SMHOST_TRY_STATUS(folder_.Write(file, path, {static_cast<const char*>(data), size}));
      written += size;
    }
  }

  Result<Unpacked> Finish() {
    if (stream_error_) return Fail(*stream_error_);  // libarchive takes an error behind the first end block for the end
    // Where the archive's end mark, or the end of its bytes, was found.
    auto end = static_cast<std::uint64_t>(archive_read_header_position(archive_.get()));
    while (true) {
      SMHOST_TRY(std::string_view rest, stream_.Next());
      if (rest.empty()) break;
    }
    if (stream_.last_content() > end) return Refuse("something follows the end of the tar archive; pack it anew");
    // gzip's checksum says that nothing is missing; a plain tar has only its end mark for that.
    if (!stream_.gzip() && stream_.tar_bytes() < end + kTarBlockBytes)
      return Refuse("the tar archive has no end mark: the file is truncated");
    if (plan_.files() == 0) return Refuse("the archive holds no file; a model.tar.gz has a model.pt in its root");
    SMHOST_TRY_STATUS(folder_.FinishFolders(plan_.Folders()));
    return Unpacked{stream_.Digest(), bytes_, plan_.size(), stream_.packed_bytes()};
  }

  const std::string name_;
  FreshFolder& folder_;
  const UnpackLimits limits_;
  TarStream stream_;
  TreePlan plan_;
  std::optional<Error> stream_error_;
  std::uint64_t bytes_ = 0;
  Archive archive_{archive_read_new(), &archive_read_free};
};

}  // namespace

Result<Unpacked> Unpack(Source& source, const std::string& fresh_folder, const UnpackLimits& limits) {
  Utf8Names names;
  SMHOST_TRY(FreshFolder folder, FreshFolder::Open(fresh_folder));
  return Unpacker(source, folder, limits).Run();
}

}  // namespace smhost
