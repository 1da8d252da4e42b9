// cp, ls and rm: files in and out of the local object store.
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "context.h"
#include "input.h"
#include "state/layout.h"
#include "state/objects.h"
#include "text.h"
#include "verbs.h"

namespace smhost::cli {
namespace {

bool IsFolder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

namespace fs = std::filesystem;

struct CpOptions {
  std::string source, destination;
  bool recursive = false;
};

struct AddressOptions {
  std::string address;
  bool recursive = false;
};

bool IsObject(const std::string& text) { return text.starts_with("s3://"); }

std::string LastPart(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path.substr(path.find_last_of('/') + 1);
}

// The prefix of everything in the folder that the key names; a key without a slash must not reach its neighbours.
std::string FolderPrefix(const std::string& key) { return key.empty() || key.ends_with('/') ? key : key + "/"; }

Status WriteToOutput(const OpenedObject& object) {
  char buffer[256 * 1024];
  for (;;) {
    ssize_t n = ::read(object.fd.get(), buffer, sizeof buffer);
    if (n == 0) return {};
    if (n < 0) return FailErrno("read", "object", errno);
    for (ssize_t done = 0; done < n;) {
      ssize_t wrote = ::write(STDOUT_FILENO, buffer + done, static_cast<std::size_t>(n - done));
      if (wrote < 0) return FailErrno("write", "standard output", errno);
      done += wrote;
    }
  }
}

class Copier {
 public:
  Copier(Context& context) : context_(context), store_(context.home()) {}

  Status FileToObject(const std::string& file, ObjectAddress to) {
    if (to.key.empty() || to.key.ends_with('/')) {
      if (file == "-")
        return Fail(Code::kInvalid, ObjectUrl(to) + ": an object made from standard input needs a whole name");
      to.key += LastPart(file);
    }
    SMHOST_TRY_STATUS(file == "-" ? store_.Put(STDIN_FILENO, to) : store_.PutFile(AbsolutePath(file), to));
    return Done(file, ObjectUrl(to));
  }

  Status ObjectToFile(const ObjectAddress& from, const std::string& file) {
    if (file == "-") {
      SMHOST_TRY(OpenedObject object, store_.Open(from));
      return WriteToOutput(object);
    }
    std::string path = AbsolutePath(file);
    if (file.ends_with('/') || IsFolder(path)) path = (fs::path(path) / LastPart(from.key)).string();
    SMHOST_TRY_STATUS(store_.CopyOut(from, path));
    return Done(ObjectUrl(from), path);
  }

  Status ObjectToObject(const ObjectAddress& from, ObjectAddress to) {
    if (to.key.empty() || to.key.ends_with('/')) to.key += LastPart(from.key);
    SMHOST_TRY(OpenedObject object, store_.Open(from));
    SMHOST_TRY_STATUS(store_.Put(object.fd.get(), to));
    return Done(ObjectUrl(from), ObjectUrl(to));
  }

  Status FolderToObjects(const std::string& folder, const ObjectAddress& to) {
    std::error_code error;
    fs::path root = AbsolutePath(folder);
    for (fs::recursive_directory_iterator entry(root, error), end; !error && entry != end; entry.increment(error)) {
      std::error_code gone;  // it is then no regular file any more
      if (entry->is_symlink(gone) || !entry->is_regular_file(gone)) {
        if (!entry->is_directory(gone) || entry->is_symlink(gone))
          context_.out().Warn(entry->path().string() + ": no regular file, left out");
        continue;
      }
      std::string key = FolderPrefix(to.key) + entry->path().lexically_relative(root).string();
      SMHOST_TRY(ObjectAddress address, ParseObjectAddress(ObjectUrl({to.bucket, key})));
      SMHOST_TRY_STATUS(FileToObject(entry->path().string(), address));
    }
    if (error)
      return Fail(error == std::errc::no_such_file_or_directory ? Code::kNotFound : Code::kUnavailable,
                  folder + ": cannot read the folder: " + error.message());
    return {};
  }

  Status ObjectsToFolder(const ObjectAddress& from, const std::string& folder) {
    std::string prefix = FolderPrefix(from.key);
    SMHOST_TRY(auto objects, store_.List(from.bucket, prefix));
    if (objects.empty())
      return Fail(Code::kNotFound, ObjectUrl({from.bucket, prefix}) + ": there is no object below it");
    for (const ObjectInfo& object : objects) {
      fs::path path = fs::path(AbsolutePath(folder)) / object.key.substr(prefix.size());
      if (object.key.ends_with('/')) {  // an S3 client's folder
        SMHOST_TRY_STATUS(context_.files().MakeFolders(path.string(), 0755));
        continue;
      }
      SMHOST_TRY_STATUS(context_.files().MakeFolders(path.parent_path().string(), 0755));
      SMHOST_TRY_STATUS(ObjectToFile({from.bucket, object.key}, path.string()));
    }
    return {};
  }

  Json list = Json::array();
  std::vector<std::string> names;
  std::string lines;

 private:
  Status Done(const std::string& from, const std::string& to) {
    list.push_back({{"Source", from}, {"Destination", to}});
    names.push_back(to);
    lines += "copied " + from + " to " + to + "\n";
    return {};
  }

  Context& context_;
  ObjectStore store_;
};

Status CopyAll(Copier& copier, const CpOptions& options) {
  const std::string &from = options.source, &to = options.destination;
  if (IsObject(to)) {
    SMHOST_TRY(ObjectAddress target, ParseObjectAddress(to));
    if (!IsObject(from)) {
      if (options.recursive) return copier.FolderToObjects(from, target);
      if (from != "-" && IsFolder(from))
        return Fail(Code::kInvalid, from + ": is a folder; `smhost cp -r` copies folders");
      return copier.FileToObject(from, target);
    }
    SMHOST_TRY(ObjectAddress source, ParseObjectAddress(from));
    if (options.recursive)
      return Fail(Code::kInvalid,
                  "cp -r copies between the object store and a folder of this machine, not within the store");
    return copier.ObjectToObject(source, target);
  }
  SMHOST_TRY(ObjectAddress source, ParseObjectAddress(from));
  if (options.recursive) return copier.ObjectsToFolder(source, to);
  if (source.key.empty() || source.key.ends_with('/'))
    return Fail(Code::kInvalid, from + ": is no object; `smhost cp -r` copies all below it");
  return copier.ObjectToFile(source, to);
}

VerbResult Cp(Context& context, const CpOptions& options) {
  if (!IsObject(options.source) && !IsObject(options.destination))
    return FailUsage(
        "cp: one of SRC and DST must be an s3://BUCKET/KEY of the local object store; cp(1) copies other files");
  if (IsObject(options.destination)) SMHOST_TRY_STATUS(PrepareHome(context.files(), context.home()));
  Copier copier(context);
  SMHOST_TRY_STATUS(CopyAll(copier, options));
  if (options.destination == "-") return Exit::kDone;
  SMHOST_TRY_STATUS(context.out().Show(copier.list, copier.names, [&] { return copier.lines; }));
  return Exit::kDone;
}

VerbResult LsBuckets(Context& context) {
  SMHOST_TRY(auto buckets, ObjectStore(context.home()).Buckets());
  Json list = Json::array();
  std::vector<std::string> names;
  std::string lines;
  for (const std::string& bucket : buckets) {
    list.push_back({{"Name", bucket}});
    names.push_back("s3://" + bucket);
    lines += "s3://" + bucket + "\n";
  }
  SMHOST_TRY_STATUS(context.out().Show(list, names, [&] { return lines; }));
  return Exit::kDone;
}

VerbResult Ls(Context& context, const AddressOptions& options) {
  if (options.address.empty() || options.address == "s3://") return LsBuckets(context);
  SMHOST_TRY(ObjectAddress address, ParseObjectAddress(options.address));
  SMHOST_TRY(auto objects, ObjectStore(context.home()).List(address.bucket, address.key));
  Json list = Json::array();
  std::vector<std::string> names;
  Table table({"MODIFIED", "BYTES", "OBJECT"});
  for (const ObjectInfo& object : objects) {
    std::string url = ObjectUrl({address.bucket, object.key}), time = FormatIso8601(object.modified);
    list.push_back({{"Key", object.key}, {"Size", object.size_bytes}, {"LastModified", time}});
    names.push_back(url);
    table.Add({time, std::to_string(object.size_bytes), Harmless(url)});
  }
  if (objects.empty() && !address.key.empty())
    return FailWith(
        Exit::kNotFound, Code::kNotFound,
        options.address + ": there is no such object; `smhost ls s3://" + address.bucket + "` lists the bucket");
  SMHOST_TRY_STATUS(context.out().Show(list, names, [&] { return table.empty() ? "" : table.Text(); }));
  return Exit::kDone;
}

Result<std::vector<ObjectAddress>> WhatToRemove(ObjectStore& store, const AddressOptions& options) {
  SMHOST_TRY(ObjectAddress address, ParseObjectAddress(options.address));
  if (!options.recursive) {
    if (address.key.empty() || address.key.ends_with('/'))
      return Fail(Code::kInvalid, options.address + ": is no object; `smhost rm -r` removes all below it");
    return std::vector<ObjectAddress>{address};
  }
  std::vector<ObjectAddress> all;
  SMHOST_TRY(auto objects, store.List(address.bucket, FolderPrefix(address.key)));
  for (const ObjectInfo& object : objects) all.push_back({address.bucket, object.key});
  if (all.empty()) return Fail(Code::kNotFound, options.address + ": there is no object below it");
  return all;
}

VerbResult Rm(Context& context, const AddressOptions& options) {
  ObjectStore store(context.home());
  SMHOST_TRY(auto all, WhatToRemove(store, options));
  Json list = Json::array();
  std::vector<std::string> names;
  std::string lines;
  for (const ObjectAddress& address : all) {
    SMHOST_TRY_STATUS(store.Remove(address));
    list.push_back({{"Key", address.key}});
    names.push_back(ObjectUrl(address));
    lines += "removed " + ObjectUrl(address) + "\n";
  }
  SMHOST_TRY_STATUS(context.out().Show(list, names, [&] { return lines; }));
  return Exit::kDone;
}

}  // namespace

Command CpCommand() {
  auto options = std::make_shared<CpOptions>();
  Command command;
  command.name = "cp";
  command.group = "Objects";
  command.summary = "copy files into and out of the local object store";
  command.description =
      "Copies between this machine's files and the local object store, which is what s3:// means in documents. - is "
      "standard "
      "input or output. A destination that ends in / keeps the file's name.";
  command.example =
      "smhost cp model.tar.gz s3://models/vad/\n"
      "smhost cp s3://models/vad/model.tar.gz .\n"
      "smhost cp -r results s3://bucket/results";
  command.positionals = {{"SRC", "a file, folder, - or s3://BUCKET/KEY", &options->source, true, Complete::kObject},
                         {"DST", "the same", &options->destination, true, Complete::kObject}};
  command.options = {{"-r,--recursive", "", "a folder with all that is in it", &options->recursive}};
  command.run = [options](Context& context) { return Cp(context, *options); };
  return command;
}

Command LsCommand() {
  auto options = std::make_shared<AddressOptions>();
  Command command;
  command.name = "ls";
  command.group = "Objects";
  command.summary = "list the local object store";
  command.description = "Lists every object whose key begins so; without an address the buckets.";
  command.example = "smhost ls\nsmhost ls s3://models/vad/";
  command.positionals = {{"s3://…", "s3://BUCKET or s3://BUCKET/PREFIX", &options->address, false, Complete::kObject}};
  command.run = [options](Context& context) { return Ls(context, *options); };
  return command;
}

Command RmCommand() {
  auto options = std::make_shared<AddressOptions>();
  Command command;
  command.name = "rm";
  command.group = "Objects";
  command.summary = "remove objects from the local object store";
  command.description =
      "Removes an object, or with -r all objects below a prefix. Snapshots that endpoints run on stay.";
  command.example = "smhost rm s3://models/vad/model.tar.gz\nsmhost rm -r s3://models/old/";
  command.positionals = {{"s3://…", "s3://BUCKET/KEY", &options->address, true, Complete::kObject}};
  command.options = {{"-r,--recursive", "", "everything below the prefix", &options->recursive}};
  command.run = [options](Context& context) { return Rm(context, *options); };
  return command;
}

}  // namespace smhost::cli
