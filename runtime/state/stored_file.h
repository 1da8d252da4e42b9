// One stored file and its previous copy: reading the one that is whole, and putting a damaged one aside. Used by the
// store alone, from the thread that uses the store; only what says so changes anything.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/files.h"
#include "base/limits.h"
#include "state/home.h"

namespace smhost {

inline constexpr const char* kPreviousSuffix = ".prev";

template <typename T>
struct Stored {
  T value;
  std::string damage;  // not empty: the file itself is damaged in this way, and the previous copy was read
};

// Is it a failure that says the file's content is bad (and not that the disk or the permissions are)?
inline bool IsDamage(const Error& error) { return error.code == Code::kCorrupt; }

// The file's bytes; a file of a size that we never write is kCorrupt.
Result<std::string> ReadStateFile(Files& files, const std::string& path);

// decode(text, path) → Result<T>. A damaged file is kCorrupt only where the previous copy is no better. Where the file
// is not there, a previous copy does not count: it was deleted.
template <typename T, typename Decode>
Result<Stored<T>> ReadWithPrevious(Files& files, const std::string& path, const Decode& decode) {
  auto read = [&](const std::string& from) -> Result<T> {
    SMHOST_TRY(std::string text, ReadStateFile(files, from));
    return decode(text, path);
  };
  Result<T> current = read(path);
  if (current) return Stored<T>{std::move(*current), ""};
  if (!IsDamage(current.error())) return Fail(std::move(current).error());
  Result<T> previous = read(path + kPreviousSuffix);
  if (!previous) return Fail(std::move(current).error());
  return Stored<T>{std::move(*previous), current.error().message};
}

// A previous copy that is there without the file is that of a deleted one: it must not become the next one's.
Status DropStalePrevious(Files& files, const std::string& path);
// Durably, the old content as the previous copy.
Status WriteKeepingPrevious(Files& files, const std::string& path, std::string_view text);

// Gives the file, whatever it is, a second name in quarantine/ and returns that path; durable.
Result<std::string> CopyToQuarantine(Files& files, const Clock& clock, const Home& home, const std::string& path);

}  // namespace smhost
