#pragma once
// For tests: a PostgreSQL of our own in a temporary directory, on a unix socket and a free loopback port,
// started once a test program and stopped by its process id. As root it runs as user postgres, which initdb
// insists on.

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/check.hpp"

namespace kiki::store::postgres {

class TestServer {
 public:
  // One server for the whole test program; nullptr when PostgreSQL is not installed.
  static TestServer* shared() {
    static const std::unique_ptr<TestServer> server = make();
    return server.get();
  }
  static std::unique_ptr<TestServer> make() {
    const auto binaries = find_binaries();
    if (binaries.empty()) return nullptr;
    std::unique_ptr<TestServer> server(new TestServer(binaries));
    server->initialise();
    server->start();
    return server;
  }
  ~TestServer() {
    stop(SIGQUIT);
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // A new empty database; its URL.
  std::string create_database() {
    static std::atomic<int> next{1};
    const std::string name = "test_" + std::to_string(next++);
    execute("CREATE DATABASE " + name);
    return url(name);
  }
  std::string url(const std::string& database) const {
    return "postgresql://kikimimi@127.0.0.1:" + std::to_string(port_) + "/" + database;
  }
  int port() const { return port_; }
  std::string socket_url(const std::string& database) const {
    return "postgresql:///" + database + "?host=" + directory_.string() + "&port=" + std::to_string(port_) +
           "&user=kikimimi";
  }
  // Runs one statement as superuser; ends the test program if it fails.
  void execute(const std::string& sql, const std::string& database = "postgres") {
    PGconn* connection = PQconnectdb(url(database).c_str());
    PGresult* result = PQexec(connection, sql.c_str());
    const auto status = PQresultStatus(result);
    const bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!ok) std::fprintf(stderr, "%s: %s\n", sql.c_str(), PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
    CHECK(ok);
  }
  // SIGINT: at once but clean; SIGQUIT: as in a crash.
  void stop(int signal) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  // Call it from a thread that lives on: the server is told to end when the thread that started it ends.
  void start() {
    const std::string port = std::to_string(port_);
    // Only this process may crash, not the machine: no need to wait for the disk.
    pid_ = spawn({binaries_ + "/postgres", "-D", (directory_ / "data").string(), "-k", directory_.string(),
                  "-h", "127.0.0.1", "-p", port, "-F", "-c", "shared_buffers=64MB", "-c",
                  "max_connections=60", "-c", "log_min_messages=fatal", "-c", "logging_collector=off"});
    for (int i = 0; i < 600; ++i) {
      if (PQping(url("postgres").c_str()) == PQPING_OK) return;
      CHECK(::waitpid(pid_, nullptr, WNOHANG) == 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    constexpr bool started_within_30_s = false;
    CHECK(started_within_30_s);
  }

 private:
  explicit TestServer(std::string binaries) : binaries_(std::move(binaries)) {
    if (::geteuid() == 0) {
      const auto* user = ::getpwnam("postgres");
      CHECK(user != nullptr);
      uid_ = user->pw_uid;
      gid_ = user->pw_gid;
    }
    std::string name = (std::filesystem::temp_directory_path() / "kikimimi-postgres-XXXXXX").string();
    CHECK(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
    if (uid_ != 0) CHECK(::chown(name.c_str(), uid_, gid_) == 0);
    port_ = free_port();
  }
  static std::string find_binaries() {
    std::error_code none;
    std::string newest;
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
      const auto path = (entry.path() / "bin").string();
      if (std::filesystem::exists(path + "/postgres") && path > newest) newest = path;
    }
    return newest;
  }
  // Free a moment ago; PostgreSQL cannot choose one itself.
  static int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
    CHECK(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    ::close(socket);
    return ntohs(address.sin_port);
  }
  void initialise() {
    const pid_t pid = spawn({binaries_ + "/initdb", "-D", (directory_ / "data").string(), "-U", "kikimimi",
                             "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"});
    int status = 0;
    CHECK(::waitpid(pid, &status, 0) == pid);
    CHECK(status == 0);
  }
  // The child ends with us, should this process be killed.
  pid_t spawn(const std::vector<std::string>& arguments) const {
    std::vector<char*> argv;
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const std::string output = (directory_ / "output").string();
    const pid_t pid = ::fork();
    CHECK(pid >= 0);
    if (pid != 0) return pid;
    if (uid_ != 0 && (::setgroups(0, nullptr) != 0 || ::setgid(gid_) != 0 || ::setuid(uid_) != 0))
      ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (::chdir("/") != 0) ::_exit(126);
    const int log = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, 1);
    ::dup2(log, 2);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }

  std::string binaries_;
  std::filesystem::path directory_;
  int port_ = 0;
  uid_t uid_ = 0;
  gid_t gid_ = 0;
  pid_t pid_ = -1;
};

}  // namespace kiki::store::postgres
