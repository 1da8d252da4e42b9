#include "artifacts/known_archives.h"

#include <optional>

#include "base/json.h"
#include "base/limits.h"
#include "state/document.h"

namespace smhost {
namespace {

constexpr std::string_view kDigestPrefix = "sha256:", kPrefix = "known-", kSuffix = ".json";

Result<std::uint64_t> Count(const Json& content, const char* member, const std::string& path) {
  std::int64_t count = IntOr(content, member, -1);
  if (count < 0) return Fail(Code::kCorrupt, path + ": is damaged: it has no " + member);
  return static_cast<std::uint64_t>(count);
}

}  // namespace

std::string KnownArchives::NameOf(const std::string& digest) const {
  std::string_view hex = digest;
  if (hex.starts_with(kDigestPrefix)) hex.remove_prefix(kDigestPrefix.size());
  return std::string(kPrefix) + std::string(hex) + std::string(kSuffix);
}

Result<KnownArchive> KnownArchives::Read(const std::string& name) const {
  std::string path = folder_ + "/" + name;
  SMHOST_TRY(std::string text, files_.Read(path, limits::kStateFileBytes));
  SMHOST_TRY(Json content, DecodeSealed(text, path));
  KnownArchive archive{.digest = StringOr(content, "Digest")};
  if (!archive.digest.starts_with(kDigestPrefix) || NameOf(archive.digest) != name)
    return Fail(Code::kCorrupt, path + ": is damaged: it tells of another archive");
  archive.outline.sample = StringOr(content, "Sample");
  SMHOST_TRY(archive.outline.bytes, Count(content, "PackedBytes", path));
  SMHOST_TRY(archive.bytes, Count(content, "Bytes", path));
  SMHOST_TRY(archive.entries, Count(content, "Entries", path));
  return archive;
}

std::vector<KnownArchive> KnownArchives::Like(const SourceOutline& outline) const {
  std::vector<KnownArchive> found;
  auto entries = files_.List(folder_);
  if (!entries) return found;
  for (const auto& [name, is_folder] : *entries) {
    if (is_folder || !name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    auto archive = Read(name);
    if (archive && archive->outline == outline) found.push_back(std::move(*archive));
  }
  return found;
}

void KnownArchives::Remember(const KnownArchive& archive) {
  Json content = {{"Digest", archive.digest}, {"PackedBytes", archive.outline.bytes},
                  {"Sample", archive.outline.sample}, {"Bytes", archive.bytes}, {"Entries", archive.entries}};
  (void)WriteAtomically(files_, folder_ + "/" + NameOf(archive.digest), EncodeSealed(content));
}

Status KnownArchives::Sweep(const std::function<bool(const std::string& digest)>& keep) {
  SMHOST_TRY(auto entries, files_.List(folder_));
  std::optional<Error> first_error;
  for (const auto& [name, is_folder] : entries) {
    if (is_folder || !name.starts_with(kPrefix)) continue;
    if (!name.ends_with(kSuffix) && !IsTemporaryName(name)) continue;
    auto archive = name.ends_with(kSuffix) ? Read(name) : Fail(Code::kCorrupt, name + ": was not finished");
    if (archive && keep(archive->digest)) continue;
    Status removed = files_.Remove(folder_ + "/" + name);
    if (!removed && removed.error().code != Code::kNotFound && !first_error) first_error = removed.error();
  }
  if (first_error) return Fail(*first_error);
  return {};
}

}  // namespace smhost
