// What only the embedded store does: its files, and a full or failing disk.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "store/meta.hpp"
#include "store/test_store.hpp"

namespace kiki::store {
namespace {

Result<void> put_large(Database& db, const std::string& key) {
  return db.writer().write([&](Transaction& tx) { return set_meta(tx, key, std::string(2 << 20, 'x')); });
}

TEST(Sqlite, FilesAreForTheOwnerAlone) {
  auto store = TestStore::make(Dialect::kSqlite);
  const auto previous = ::umask(0);
  store->db();
  auto reader = store->db().reader();
  ASSERT_TRUE((*reader)->run("SELECT key FROM meta").ok());
  ::umask(previous);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(store->directory())) {
    struct stat info{};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 4);  // database, -wal, -shm, lock
}

TEST(Sqlite, ACommitIsOnTheDiskBeforeItIsAnswered) {
  auto store = TestStore::make(Dialect::kSqlite);
  const auto settings = store->db().writer().write_result([](Transaction& tx) -> Result<std::string> {
    const auto text = [](const Row& row) { return row.string(0); };
    return TRY(tx.db().one("PRAGMA journal_mode", {}, text)).value() +
           TRY(tx.db().one("PRAGMA synchronous", {}, text)).value();
  });
  EXPECT_EQ(settings.value(), "wal2");
}

TEST(Sqlite, AFullDiskFailsTheGroupAndTheWriterGoesOn) {
  auto store = TestStore::make(Dialect::kSqlite);
  auto& db = store->db();
  ASSERT_TRUE(
      db.writer().write([](Transaction& tx) { return tx.db().script("PRAGMA max_page_count = 300"); }).ok());
  const auto full = put_large(db, "large");
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().kind, ErrorKind::kUnavailable);
  ASSERT_TRUE(db.writer().write([](Transaction& tx) { return set_meta(tx, "small", "1"); }).ok());
  ASSERT_TRUE(db.writer()
                  .write([](Transaction& tx) { return tx.db().script("PRAGMA max_page_count = 100000"); })
                  .ok());
  EXPECT_TRUE(put_large(db, "large").ok());
}

TEST(Sqlite, AFailingDiskFailsTheGroupAndTheWriterGoesOn) {
  auto store = TestStore::make(Dialect::kSqlite);
  auto& db = store->db();
  ASSERT_TRUE(db.writer().write([](Transaction& tx) { return set_meta(tx, "before", "1"); }).ok());
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1 << 20;  // writes beyond 1 MB of a file fail
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto failed = put_large(db, "large");
  ::setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().kind, ErrorKind::kUnavailable);
  ASSERT_TRUE(put_large(db, "large").ok());
  store->close();
  auto reader = store->db().reader();
  EXPECT_EQ(get_meta(*reader.value(), "before").value(), "1");
  EXPECT_EQ(get_meta(*reader.value(), "large").value()->size(), 2U << 20U);
}

TEST(Sqlite, NamesTheFaultOfAWrongUrl) {
  for (const auto* url : {"", "sqlite:", "sqlite:///tmp/", "mysql://x"}) {
    const auto opened = open({url, 1, true});
    ASSERT_FALSE(opened.ok()) << url;
    EXPECT_EQ(opened.error().kind, ErrorKind::kInvalid) << url;
    EXPECT_EQ(opened.error().where, "store.url") << url;
  }
  EXPECT_EQ(open({"sqlite:///proc/nothing/here.db", 1, true}).error().kind, ErrorKind::kUnavailable);
}

TEST(Sqlite, AFileThatIsNoDatabaseIsCorrupt) {
  const TemporaryDirectory directory;
  const auto path = (directory.path() / "other.db").string();
  FILE* file = std::fopen(path.c_str(), "w");
  for (int i = 0; i < 1000; ++i) std::fputs("this is no database ", file);
  std::fclose(file);
  const auto opened = open({"sqlite://" + path, 1, true});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind, ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace kiki::store
