#include "state/document_batch.h"

#include <set>

#include "base/failpoint.h"
#include "state/document.h"
#include "state/stored_file.h"

namespace smhost {
namespace {

struct Move {
  std::string from, to;
};

std::string ListPath(const std::string& account_folder) { return account_folder + "/pending.json"; }

Status SyncFoldersOf(Files& files, const std::vector<Move>& moves) {
  std::set<std::string> folders;
  for (const Move& move : moves) folders.insert(FolderOf(move.to));
  for (const std::string& folder : folders) SMHOST_TRY_STATUS(files.SyncFolder(folder));
  return {};
}

void RemoveTemporaries(Files& files, const std::vector<Move>& moves) {
  for (const Move& move : moves) (void)files.Remove(move.from);
}

Status Place(Files& files, const Move& move) {
  SMHOST_TRY_STATUS(DropStalePrevious(files, move.to));
  if (files.Exists(move.to)) SMHOST_TRY_STATUS(files.Link(move.to, move.to + kPreviousSuffix));
  SMHOST_TRY_STATUS(files.Rename(move.from, move.to));
  SMHOST_FAILPOINT_STATUS(apply_placed);
  return {};
}

std::string EncodeMoves(const std::string& account_folder, const std::vector<Move>& moves) {
  Json list = Json::array();
  for (const Move& move : moves)
    list.push_back({{"From", move.from.substr(account_folder.size())}, {"To", move.to.substr(account_folder.size())}});
  return EncodeSealed(list);
}

Result<std::vector<Move>> ReadMoves(Files& files, const std::string& account_folder) {
  SMHOST_TRY(std::string text, ReadStateFile(files, ListPath(account_folder)));
  SMHOST_TRY(Json list, DecodeSealed(text, ListPath(account_folder)));
  std::vector<Move> moves;
  for (const Json& move : list)
    moves.push_back({account_folder + StringOr(move, "From"), account_folder + StringOr(move, "To")});
  return moves;
}

Status WriteTemporary(Files& files, const Move& move, const NewDocument& document) {
  SMHOST_FAILPOINT_STATUS(apply_temporary);
  return files.WriteNew(move.from, document.text, 0600);
}

Status WriteTemporaries(Files& files, const std::vector<Move>& moves, const std::vector<NewDocument>& documents) {
  for (std::size_t i = 0; i < moves.size(); ++i)
    SMHOST_TRY_STATUS(WriteTemporary(files, moves[i], documents[i]));
  return SyncFoldersOf(files, moves);
}

// True: the list is certainly not there, now and after a crash.
bool ListIsGone(Files& files, const std::string& account_folder) {
  if (files.Exists(ListPath(account_folder))) return RemoveDurably(files, ListPath(account_folder)).has_value();
  return files.SyncFolder(account_folder).has_value();
}

}  // namespace

Status WriteBatch(Files& files, const std::string& account_folder, const std::vector<NewDocument>& documents) {
  if (documents.size() == 1) return WriteKeepingPrevious(files, documents[0].path, documents[0].text);
  std::vector<Move> moves;
  for (const NewDocument& document : documents) moves.push_back({TemporaryPath(document.path), document.path});
  if (Status written = WriteTemporaries(files, moves, documents); !written) {
    RemoveTemporaries(files, moves);
    return written;
  }
  if (Status listed = WriteDurably(files, ListPath(account_folder), EncodeMoves(account_folder, moves)); !listed) {
    // While the list may be there after all, the temporary files must be too.
    if (ListIsGone(files, account_folder)) RemoveTemporaries(files, moves);
    return listed;
  }
  SMHOST_FAILPOINT(apply_listed);
  Status placed = FinishBatch(files, account_folder);
  if (placed) return placed;
  Error error = std::move(placed).error();
  error.message += "; the documents are written and will be put in place by the next command or start of the runtime";
  return Fail(std::move(error));
}

Status FinishBatch(Files& files, const std::string& account_folder) {
  auto moves = ReadMoves(files, account_folder);
  if (!moves && moves.error().code == Code::kNotFound) return {};
  if (!moves) return Fail(std::move(moves).error());
  for (const Move& move : *moves)
    if (files.Exists(move.from)) SMHOST_TRY_STATUS(Place(files, move));
  SMHOST_TRY_STATUS(SyncFoldersOf(files, *moves));
  // Should a crash bring the list back, there is nothing left to move.
  return files.Remove(ListPath(account_folder));
}

}  // namespace smhost
