// The stacks of CloudFormation, one sealed document each (accounts/<id>/stacks/<name>.json), its previous copy kept and used
// where the newer one is damaged. A stack that is gone is remembered by its id (stacks/deleted/). What is in a document is
// the API's business. Threads of the API process, each with an object of its own; whoever changes a stack holds the
// account's lock of stacks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "state/home.h"

namespace smhost {

class Stacks {
 public:
  Stacks(Files& files, Home home) : files_(files), home_(std::move(home)) {}

  // CloudFormation's rule: a letter, then letters, digits and hyphens, 128 in all.
  static bool IsStackName(const std::string& name);

  // Waits up to 10 s, then kConflict. Removes what a writer that was killed left behind.
  Result<std::unique_ptr<HeldLock>> Lock(const std::string& account);

  Result<std::vector<std::string>> Names(const std::string& account);
  Result<Json> Get(const std::string& account, const std::string& name);  // kNotFound
  Status Put(const std::string& account, const std::string& name, const Json& stack);

  // The stack is gone; `id` is the last part of its ARN. The oldest of more than limits::kDeletedStacks are forgotten.
  Status Retire(const std::string& account, const std::string& name, const std::string& id, const Json& stack);
  Result<Json> GetRetired(const std::string& account, const std::string& id);  // kNotFound
  Result<std::vector<Json>> Retired(const std::string& account);

 private:
  std::string Folder(const std::string& account) const { return home_.Account(account) + "/stacks"; }
  std::string Path(const std::string& account, const std::string& name) const { return Folder(account) + "/" + name + ".json"; }
  std::string RetiredFolder(const std::string& account) const { return Folder(account) + "/deleted"; }
  std::string RetiredPath(const std::string& account, const std::string& id) const { return RetiredFolder(account) + "/" + id + ".json"; }
  Result<std::vector<std::string>> NamesIn(const std::string& folder);
  Status Write(const std::string& path, const Json& stack);
  Status ForgetOldest(const std::string& account);

  Files& files_;
  const Home home_;
};

}  // namespace smhost
