#include "state/home.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace smhost {
namespace {

namespace fs = std::filesystem;

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string UserFolder() {
  std::string folder = FromEnvironment("HOME");
  if (!folder.empty()) return folder;
  const passwd* user = ::getpwuid(::geteuid());
  return user != nullptr && user->pw_dir != nullptr ? user->pw_dir : "";
}

std::string Choose(const std::string& option) {
  if (!option.empty()) return option;
  if (std::string chosen = FromEnvironment("SMHOST_HOME"); !chosen.empty()) return chosen;
  // The XDG specification: a relative path there is to be ignored.
  if (std::string state = FromEnvironment("XDG_STATE_HOME"); !state.empty() && state[0] == '/')
    return state + "/smhost";
  std::string folder = UserFolder();
  return folder.empty() ? "" : folder + "/.local/state/smhost";
}

}  // namespace

Result<Home> Home::Find(const std::string& option) {
  std::string chosen = Choose(option);
  if (chosen.empty())
    return Fail(Code::kInvalid, "cannot tell where the state directory is: no HOME is set; name it with --home DIR");
  // Links are resolved once, so that every process of a runtime shows and locks the same path.
  std::error_code error;
  fs::path absolute = fs::weakly_canonical(fs::absolute(chosen, error), error);
  if (error) return FailErrno("use it as the state directory", chosen, error.value());
  std::string root = absolute.string();
  while (root.size() > 1 && root.back() == '/') root.pop_back();
  if (root == "/") return Fail(Code::kInvalid, "/: cannot be the state directory; name another with --home DIR");
  return Home(root);
}

}  // namespace smhost
