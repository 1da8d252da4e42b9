#include "state/history.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/descriptor.h"
#include "base/files.h"
#include "base/limits.h"

namespace smhost {
namespace {

constexpr int kSchemaVersion = 1;
constexpr int kBusyTimeoutMs = 2000;
constexpr int kPruneEvery = 256;
constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, account TEXT NOT "
    "NULL,"
    " kind TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS events_of_resource ON events (account, kind, name, id);";

bool IsDamage(int code) { return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB; }

class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  void Bind(int at, const std::string& text) {
    sqlite3_bind_text(statement_, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  void Bind(int at, std::int64_t number) { sqlite3_bind_int64(statement_, at, number); }
  int Step() { return sqlite3_step(statement_); }
  std::int64_t Number(int column) { return sqlite3_column_int64(statement_, column); }
  std::string Text(int column) {
    auto bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes == nullptr ? ""
                            : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

const char* EventTypeWord(EventType type) { return type == EventType::kWarning ? "Warning" : "Normal"; }

// One connection; every failure of SQLite becomes a Status here. kCorrupt: the file is damaged.
class History::Database {
 public:
  static Result<std::unique_ptr<Database>> Open(const std::string& path) {
    sqlite3* connection = nullptr;
    int code = sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    std::unique_ptr<Database> database(new Database(path, connection));
    if (code != SQLITE_OK) return database->Failure("open", code);
    sqlite3_busy_timeout(connection, kBusyTimeoutMs);
    sqlite3_extended_result_codes(connection, 1);
    return database;
  }
  ~Database() { sqlite3_close(connection_); }

  Status Run(const char* act, const char* sql) {
    int code = sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return Failure(act, code);
    return {};
  }

  Result<std::unique_ptr<Statement>> Prepare(const char* act, const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(connection_, sql.c_str(), static_cast<int>(sql.size()), &statement, nullptr);
    if (code != SQLITE_OK) return Failure(act, code);
    return std::make_unique<Statement>(statement);
  }

  Result<std::int64_t> NumberOf(const char* act, const std::string& sql) {
    SMHOST_TRY(auto statement, Prepare(act, sql));
    int code = statement->Step();
    if (code == SQLITE_DONE) return 0;
    if (code != SQLITE_ROW) return Failure(act, code);
    return statement->Number(0);
  }

  tl::unexpected<Error> Failure(const char* act, int code) const {
    std::string message = path_ + ": cannot " + act + ": " + sqlite3_errstr(code);
    if (IsDamage(code)) return Fail(Code::kCorrupt, std::move(message));
    if ((code & 0xff) == SQLITE_FULL) message += "; free some space on its file system";
    return Fail(Code::kUnavailable, std::move(message));
  }

  Status CheckVersion() {
    SMHOST_TRY(std::int64_t version, NumberOf("read", "PRAGMA user_version"));
    if (version <= kSchemaVersion) return {};
    return Fail(Code::kNewerFormat, path_ + ": has format " + std::to_string(version) +
                                        ", which a newer smhost wrote; use that one. Nothing was changed");
  }

 private:
  Database(std::string path, sqlite3* connection) : path_(std::move(path)), connection_(connection) {}
  std::string path_;
  sqlite3* connection_;
};

namespace {

// SQLite would make it readable to the group; its -wal and -shm take the mode of this one.
Status MakeFile(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return FailErrno("open", path, errno);
  return {};
}

}  // namespace

History::History(const Clock& clock, const Home& home) : clock_(&clock), home_(home) {}
History::History(History&&) noexcept = default;
History::~History() = default;

Status History::OpenForWriting() {
  SMHOST_TRY_STATUS(MakeFile(home_.History()));
  SMHOST_TRY(auto database, Database::Open(home_.History()));
  SMHOST_TRY_STATUS(database->CheckVersion());
  // In WAL mode a commit needs no fsync and a reader does not stop the writer; a power cut may cost the last events.
  SMHOST_TRY_STATUS(database->Run("prepare",
                                  "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                                  "PRAGMA journal_size_limit=4194304;"));
  SMHOST_TRY_STATUS(database->Run("prepare", kSchema));
  std::string version = "PRAGMA user_version=" + std::to_string(kSchemaVersion);
  SMHOST_TRY_STATUS(database->Run("prepare", version.c_str()));
  database_ = std::move(database);
  return {};
}

Result<History> History::Open(const Clock& clock, const Home& home) {
  History history(clock, home);
  Status opened = history.OpenForWriting();
  if (!opened && opened.error().code == Code::kCorrupt) opened = history.StartAnew(opened.error().message);
  // Without disk space there is no history for now: Append tries again.
  if (!opened && opened.error().code == Code::kNewerFormat) return Fail(std::move(opened).error());
  return history;
}

Result<History> History::OpenForReading(const Clock& clock, const Home& home) {
  History history(clock, home);
  if (!MakeSystemFiles()->Exists(home.History())) return history;
  SMHOST_TRY(history.database_, Database::Open(home.History()));
  SMHOST_TRY_STATUS(history.database_->Run("read", "PRAGMA query_only=1"));
  SMHOST_TRY_STATUS(history.database_->CheckVersion());
  return history;
}

Status History::StartAnew(const std::string& why) {
  database_.reset();
  auto files = MakeSystemFiles();
  SMHOST_TRY_STATUS(files->MakeFolders(home_.Quarantine(), 0700));
  std::string target = home_.Quarantine() + "/" + FormatIso8601(clock_->Wall()) + "-history.db";
  for (const char* part : {"-wal", "-shm", ""})
    if (files->Exists(home_.History() + part)) SMHOST_TRY_STATUS(files->Rename(home_.History() + part, target + part));
  SMHOST_TRY_STATUS(OpenForWriting());
  Event event;
  event.time = FormatIso8601(clock_->Wall());
  event.account = kLocalAccount;
  event.type = EventType::kWarning;
  event.reason = "HistoryLost";
  event.message = "the history was damaged and begins anew; the old one lies in " + target + " (" + why + ")";
  return Insert(event);
}

Status History::Insert(const Event& event) {
  SMHOST_TRY(auto insert, database_->Prepare("write",
                                             "INSERT INTO events (time, account, kind, name, type, reason, message)"
                                             " VALUES (?, ?, ?, ?, ?, ?, ?)"));
  int at = 0;
  for (const std::string& text : {event.time, event.account, event.kind, event.name,
                                  std::string(EventTypeWord(event.type)), event.reason, event.message})
    insert->Bind(++at, text);
  int code = insert->Step();
  if (code != SQLITE_DONE) return database_->Failure("write", code);
  return {};
}

Status History::Prune() {
  std::string sql =
      "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - " + std::to_string(limits::kHistoryRows);
  return database_->Run("prune", sql.c_str());
}

Status History::Append(Event event) {
  if (event.time.empty()) event.time = FormatIso8601(clock_->Wall());
  if (!database_) SMHOST_TRY_STATUS(OpenForWriting());
  Status done = Insert(event);
  if (!done && done.error().code == Code::kCorrupt) {
    SMHOST_TRY_STATUS(StartAnew(done.error().message));
    done = Insert(event);
  }
  if (done && ++appended_ % kPruneEvery == 0) return Prune();
  return done;
}

Result<std::vector<Event>> History::Query(const EventQuery& query) {
  std::vector<Event> events;
  if (!database_) return events;
  std::string sql =
      "SELECT id, time, account, kind, name, type, reason, message FROM events WHERE id > ? AND time >= ?";
  std::vector<std::string> values;
  auto restrict = [&](const char* column, const std::optional<std::string>& value) {
    if (!value) return;
    sql += std::string(" AND ") + column + " = ?";
    values.push_back(*value);
  };
  restrict("account", query.account);
  restrict("kind", query.kind);
  restrict("name", query.name);
  sql += " ORDER BY id DESC LIMIT ?";
  SMHOST_TRY(auto select, database_->Prepare("read", sql));
  int at = 0;
  select->Bind(++at, query.after_id);
  select->Bind(++at, query.since);
  for (const std::string& value : values) select->Bind(++at, value);
  select->Bind(++at, static_cast<std::int64_t>(query.limit));
  int code = SQLITE_ROW;
  while ((code = select->Step()) == SQLITE_ROW) {
    EventType type = select->Text(5) == "Warning" ? EventType::kWarning : EventType::kNormal;
    events.push_back({select->Number(0), select->Text(1), select->Text(2), select->Text(3), select->Text(4), type,
                      select->Text(6), select->Text(7)});
  }
  if (code != SQLITE_DONE) return database_->Failure("read", code);
  return std::vector<Event>(events.rbegin(), events.rend());
}

}  // namespace smhost
