#include "state/object_writer.h"

namespace smhost {

ObjectWriter::ObjectWriter(std::unique_ptr<UnnamedObject> unnamed) : unnamed_(std::move(unnamed)) {}
ObjectWriter::ObjectWriter(ObjectWriter&&) noexcept = default;
ObjectWriter::~ObjectWriter() = default;

Status ObjectWriter::Write(std::string_view bytes) { return object_folders::WriteAll(fd(), bytes, "a new object"); }

int ObjectWriter::fd() const { return unnamed_->temporary.fd(); }

Result<ObjectWriter> ObjectStore::Begin() {
  SMHOST_TRY(Descriptor root, object_folders::OpenRoot(root_));
  SMHOST_TRY(auto temporary,
             object_folders::Temporary::Make(root.get(), root_, object_folders::kTemporaryPrefix, 0600));
  return ObjectWriter(std::unique_ptr<UnnamedObject>(new UnnamedObject{std::move(root), std::move(temporary)}));
}

}  // namespace smhost
