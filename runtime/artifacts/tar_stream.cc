#include "artifacts/tar_stream.h"

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace smhost {
namespace {

constexpr std::size_t kBlockBytes = 256 * 1024;
constexpr std::size_t kMagicBytes = 6;     // enough to tell the formats below apart
constexpr int kGzipAlone = 15 + 16;        // zlib.h: the largest window, a gzip header and trailer
constexpr char kHowToPack[] = "; pack it: tar czf model.tar.gz model.pt";

bool IsGzip(std::string_view head) { return head.starts_with("\x1f\x8b"); }

// What the first bytes give away of something that is not for us; empty for anything else.
std::string NameOther(std::string_view head) {
  if (head.starts_with("PK\x03\x04")) return "it is a zip file, as a bare model.pt is";
  if (head.starts_with("\x28\xb5\x2f\xfd")) return "it is packed with zstd, not gzip";
  if (head.starts_with(std::string_view("\xfd\x37zXZ", 5))) return "it is packed with xz, not gzip";
  if (head.starts_with("BZh")) return "it is packed with bzip2, not gzip";
  return {};
}

std::size_t ContentEnd(std::string_view bytes) {
  static const std::string zeros(4096, '\0');
  while (bytes.size() >= zeros.size() && bytes.ends_with(zeros)) bytes.remove_suffix(zeros.size());
  while (!bytes.empty() && bytes.back() == '\0') bytes.remove_suffix(1);
  return bytes.size();
}

}  // namespace

TarStream::TarStream(Source& source, const UnpackLimits& limits) : source_(source), limits_(limits) {}

TarStream::~TarStream() {
  if (zlib_) inflateEnd(zlib_.get());
}

tl::unexpected<Error> TarStream::Refuse(const std::string& why) const {
  return Fail(Code::kInvalid, source_.name() + ": cannot unpack: " + why);
}

Result<std::string_view> TarStream::Next() {
  if (!begun_) SMHOST_TRY_STATUS(Begin());
  std::string_view out;
  if (gzip_) {
    SMHOST_TRY(out, Inflate());
  } else {
    if (packed_.empty()) SMHOST_TRY_STATUS(Refill());
    out = std::exchange(packed_, {});
  }
  if (std::size_t end = ContentEnd(out); end > 0) last_content_ = tar_bytes_ + end;
  tar_bytes_ += out.size();
  SMHOST_TRY_STATUS(CheckSize());
  return out;
}

Status TarStream::Refill() {
  if (source_ended_) return {};
  SMHOST_TRY(packed_, source_.Next());
  source_ended_ = packed_.empty();
  packed_bytes_ += packed_.size();
  hash_.Update(packed_);
  return {};
}

Status TarStream::Begin() {
  while (head_.size() < kMagicBytes && !source_ended_) {
    SMHOST_TRY_STATUS(Refill());
    head_.append(packed_);
  }
  begun_ = true;
  packed_ = head_;
  if (head_.empty()) return Refuse("it is empty");
  if (std::string other = NameOther(head_); !other.empty()) return Refuse(other + kHowToPack);
  gzip_ = IsGzip(head_);
  if (!gzip_) return {};
  block_.resize(kBlockBytes);
  zlib_ = std::make_unique<z_stream_s>();
  SMHOST_CHECK(inflateInit2(zlib_.get(), kGzipAlone) == Z_OK);
  member_open_ = true;
  return {};
}

Result<std::string_view> TarStream::Inflate() {
  zlib_->next_out = reinterpret_cast<Bytef*>(block_.data());
  zlib_->avail_out = static_cast<uInt>(block_.size());
  auto made = [&] { return block_.size() - zlib_->avail_out; };
  while (zlib_->avail_out > 0) {
    if (packed_.empty()) SMHOST_TRY_STATUS(Refill());
    if (packed_.empty() && member_open_) return Refuse("its gzip data ends in the middle: the file is truncated");
    if (packed_.empty()) break;
    if (!member_open_) SMHOST_TRY_STATUS(AfterMember());
    auto now = static_cast<uInt>(std::min<std::size_t>(packed_.size(), 1u << 30));
    zlib_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed_.data()));
    zlib_->avail_in = now;
    int rc = inflate(zlib_.get(), Z_NO_FLUSH);
    packed_.remove_prefix(now - zlib_->avail_in);
    if (rc == Z_STREAM_END) {
      member_open_ = false;
    } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
      return Refuse(std::string("its gzip data is damaged: ") + (zlib_->msg != nullptr ? zlib_->msg : zError(rc)));
    }
    if (made() > 0 && packed_.empty()) break;  // hand over what there is before waiting for more
  }
  return std::string_view(block_.data(), made());
}

// gzip files joined one after the other are one gzip file (RFC 1952, 2.2); anything else behind one is not ours.
Status TarStream::AfterMember() {
  if (packed_[0] != '\x1f') return Refuse("something follows its gzip data; pack it anew");
  SMHOST_CHECK(inflateReset(zlib_.get()) == Z_OK);
  member_open_ = true;
  return {};
}

Status TarStream::CheckSize() const {
  if (tar_bytes_ > limits_.bytes && tar_bytes_ - limits_.bytes > limits_.framing_bytes)
    return Fail(Code::kTooLarge, source_.name() + ": cannot unpack: it unpacks to more than the " +
                                     std::to_string(limits_.bytes) +
                                     " bytes allowed; choose an instance type with a larger volume");
  if (gzip_ && tar_bytes_ > limits_.ratio_floor_bytes && tar_bytes_ / limits_.ratio > packed_bytes_ - packed_.size())
    return Fail(Code::kTooLarge, source_.name() + ": cannot unpack: it unpacks to more than " +
                                     std::to_string(limits_.ratio) + " times its size");
  return {};
}

}  // namespace smhost
