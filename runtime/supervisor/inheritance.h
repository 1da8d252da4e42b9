// What the supervisor leaves to itself when it runs its program anew (same process, same children): read from a
// descriptor by `smhostd up --inherit N`. The numbers are descriptors that stay open over the exec.
#pragma once

#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "supervisor/startup.h"

namespace smhost {

struct InheritedChild {
  Adoption what;
  ProcessId id;
  int process = -1, beat = -1;
  bool operator==(const InheritedChild&) const = default;
};

struct Inheritance {
  std::string home, address, worker;
  bool foreground = false, launcher_wanted = false;
  int lock = -1, tcp = -1, local = -1, controller_link = -1;
  std::vector<InheritedChild> children;
  bool operator==(const Inheritance&) const = default;
};

std::string EncodeInheritance(const Inheritance& inheritance);
// kNewerFormat, kCorrupt: it is not for this program.
Result<Inheritance> DecodeInheritance(const std::string& text);

// A descriptor, open over an exec, from which the text can be read.
Result<Descriptor> LeaveInheritance(const Inheritance& inheritance);
// The premises that it stands for; `inheritance` is what was left.
Result<Premises> TakeInheritance(int fd, Inheritance& inheritance);

}  // namespace smhost
