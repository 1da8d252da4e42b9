// The key ring as credentials.json has it now: read again when the file is another one. Belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "api/key_ring.h"
#include "base/files.h"
#include "state/home.h"

namespace smhost {

class Keys {
 public:
  Keys(Files& files, const Home& home) : files_(files), home_(home) {}
  // Null where there are none yet, or they cannot be read: nobody is known then.
  std::shared_ptr<const KeyRing> Now();

 private:
  Files& files_;
  const Home& home_;
  std::shared_ptr<const KeyRing> ring_;
  // Of the file that was read. It is replaced as a whole, so a changed one is another file.
  struct Look {
    std::uint64_t inode = 0, size = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Look&) const = default;
  };
  std::optional<Look> LookAtFile() const;
  std::optional<Look> seen_;
};

}  // namespace smhost
