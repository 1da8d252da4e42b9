#include "artifacts/confine.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/descriptor.h"

namespace smhost {
namespace {

constexpr std::uint64_t kLeastFileBytes = 64u << 20;  // the result line may go to a file that is long already
constexpr std::uint64_t kTruncateRight = 1ull << 14;  // LANDLOCK_ACCESS_FS_TRUNCATE, newer than Debian 12's headers

// All ways to change a file system, and starting programs. Reading is not restricted: certificates, resolver and the
// artifact itself lie anywhere.
std::uint64_t RightsKnownTo(long abi) {
  std::uint64_t rights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                         LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                         LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                         LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
  if (abi >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) rights |= kTruncateRight;
  return rights;
}

constexpr std::uint64_t kRightsInFolder = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                          LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                          LANDLOCK_ACCESS_FS_MAKE_REG;

void RestrictFiles(const std::string& writable_folder) {
  long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return;
  landlock_ruleset_attr ruleset{.handled_access_fs = RightsKnownTo(abi)};
  Descriptor rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0)));
  Descriptor folder(::open(writable_folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!rules || !folder) return;
  landlock_path_beneath_attr beneath{.allowed_access = kRightsInFolder, .parent_fd = folder.get()};
  if (::syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0) return;
  (void)::syscall(SYS_landlock_restrict_self, rules.get(), 0);
}

}  // namespace

void ConfineFetch(const std::string& writable_folder, std::uint64_t max_file_bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlim_t most = std::max(max_file_bytes, kLeastFileBytes);
  rlimit none{0, 0}, file{most, most};
  (void)::setrlimit(RLIMIT_CORE, &none);
  (void)::setrlimit(RLIMIT_FSIZE, &file);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) RestrictFiles(writable_folder);
}

}  // namespace smhost
