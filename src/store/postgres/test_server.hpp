#pragma once
// For tests: a PostgreSQL of our own in a temporary directory, on a unix socket and a free loopback port,
// started once a test program and stopped by its process id. As root it runs as user postgres, which initdb
// insists on. The program itself never refers to it, so it is not linked into it.

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace kiki::store::postgres {

class TestServer {
 public:
  // One server for the whole test program; nullptr when PostgreSQL is not installed.
  static TestServer* shared();
  static std::unique_ptr<TestServer> make();
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // A new empty database; its URL.
  std::string create_database();
  std::string url(const std::string& database) const;
  std::string socket_url(const std::string& database) const;
  int port() const { return port_; }
  // Runs one statement as superuser; ends the test program if it fails.
  void execute(const std::string& sql, const std::string& database = "postgres");
  // SIGINT: at once but clean; SIGQUIT: as in a crash.
  void stop(int signal);
  // Call it from a thread that lives on: the server is told to end when the thread that started it ends.
  void start();

 private:
  explicit TestServer(std::string binaries);
  void initialise();
  pid_t spawn(const std::vector<std::string>& arguments) const;

  std::string binaries_;
  std::filesystem::path directory_;
  int port_ = 0;
  uid_t uid_ = 0;
  gid_t gid_ = 0;
  pid_t pid_ = -1;
};

}  // namespace kiki::store::postgres
