#pragma once
// For tests in any folder: a fresh, migrated store of either kind that is gone at the end.
//
//   class MyTest : public testing::TestWithParam<store::Dialect> {
//     void SetUp() override { KIKI_MAKE_TEST_STORE(store_, GetParam()); }
//     std::unique_ptr<store::TestStore> store_;  // store_->db()
//   };
//   INSTANTIATE_TEST_SUITE_P(Stores, MyTest, store::test_dialects(), store::test_dialect_name);

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "base/check.hpp"
#include "store/database.hpp"
#include "store/postgres/test_server.hpp"

namespace kiki::store {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "kikimimi-test-XXXXXX").string();
    CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class TestStore {
 public:
  // Nothing when there is no PostgreSQL on this machine.
  static std::unique_ptr<TestStore> make(Dialect dialect) {
    std::unique_ptr<TestStore> store(new TestStore);
    if (dialect == Dialect::kSqlite) {
      store->url_ = "sqlite://" + (store->directory_.path() / "kikimimi.db").string();
    } else {
      auto* server = postgres::TestServer::shared();
      if (server == nullptr) return nullptr;
      store->url_ = server->create_database();
    }
    return store;
  }
  const std::string& url() const { return url_; }
  const std::filesystem::path& directory() const { return directory_.path(); }
  // The opened database; opens it when it is closed. Any thread.
  Database& db() {
    const std::lock_guard lock(mutex_);
    if (!database_) {
      auto opened = open({url_, 4, true});
      if (!opened.ok())
        std::fprintf(stderr, "cannot open %s: %s\n", url_.c_str(), opened.error().message.c_str());
      CHECK(opened.ok());
      database_ = std::move(opened).value();
    }
    return *database_;
  }
  void close() { database_.reset(); }

 private:
  TestStore() = default;
  TemporaryDirectory directory_;
  std::string url_;
  std::mutex mutex_;
  std::unique_ptr<Database> database_;
};

inline auto test_dialects() {
  return testing::Values(Dialect::kSqlite, Dialect::kPostgres);
}
inline std::string test_dialect_name(const testing::TestParamInfo<Dialect>& info) {
  return info.param == Dialect::kSqlite ? "sqlite" : "postgres";
}

}  // namespace kiki::store

#define KIKI_MAKE_TEST_STORE(member, dialect)                                             \
  member = ::kiki::store::TestStore::make(dialect);                                       \
  if (!(member))                                                                          \
  GTEST_SKIP() << "PostgreSQL is not installed (no /usr/lib/postgresql/*/bin/postgres): " \
                  "apt-get install postgresql-15"
