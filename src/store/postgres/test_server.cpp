// Only this process may crash, not the machine: the test server does not wait for the disk.

#include "store/postgres/test_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "base/check.hpp"

namespace kiki::store::postgres {
namespace {

std::string find_binaries() {
  std::error_code none;
  std::string newest;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    const auto path = (entry.path() / "bin").string();
    if (std::filesystem::exists(path + "/postgres") && path > newest) newest = path;
  }
  return newest;
}

// Free a moment ago; PostgreSQL cannot choose one itself.
int free_port() {
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

}  // namespace

TestServer* TestServer::shared() {
  static const std::unique_ptr<TestServer> server = make();
  return server.get();
}

std::unique_ptr<TestServer> TestServer::make() {
  const auto binaries = find_binaries();
  if (binaries.empty()) return nullptr;
  std::unique_ptr<TestServer> server(new TestServer(binaries));
  server->initialise();
  server->start();
  return server;
}

TestServer::TestServer(std::string binaries) : binaries_(std::move(binaries)) {
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

TestServer::~TestServer() {
  stop(SIGQUIT);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string TestServer::create_database() {
  static std::atomic<int> next{1};
  const std::string name = "test_" + std::to_string(next++);
  execute("CREATE DATABASE " + name);
  return url(name);
}

std::string TestServer::url(const std::string& database) const {
  return "postgresql://kikimimi@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string TestServer::socket_url(const std::string& database) const {
  return "postgresql:///" + database + "?host=" + directory_.string() + "&port=" + std::to_string(port_) +
         "&user=kikimimi";
}

void TestServer::execute(const std::string& sql, const std::string& database) {
  PGconn* connection = PQconnectdb(url(database).c_str());
  PGresult* result = PQexec(connection, sql.c_str());
  const auto status = PQresultStatus(result);
  const bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  if (!ok) std::fprintf(stderr, "%s: %s\n", sql.c_str(), PQerrorMessage(connection));
  PQclear(result);
  PQfinish(connection);
  CHECK(ok);
}

void TestServer::stop(int signal) {
  if (pid_ <= 0) return;
  ::kill(pid_, signal);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void TestServer::start() {
  pid_ = spawn({binaries_ + "/postgres", "-D", (directory_ / "data").string(), "-k", directory_.string(),
                "-h", "127.0.0.1", "-p", std::to_string(port_), "-F", "-c", "shared_buffers=64MB", "-c",
                "max_connections=60", "-c", "log_min_messages=fatal", "-c", "logging_collector=off"});
  for (int i = 0; i < 600; ++i) {
    if (PQping(url("postgres").c_str()) == PQPING_OK) return;
    CHECK(::waitpid(pid_, nullptr, WNOHANG) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  constexpr bool started_within_30_s = false;
  CHECK(started_within_30_s);
}

void TestServer::initialise() {
  const pid_t pid = spawn({binaries_ + "/initdb", "-D", (directory_ / "data").string(), "-U", "kikimimi",
                           "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"});
  int status = 0;
  CHECK(::waitpid(pid, &status, 0) == pid);
  CHECK(status == 0);
}

// The child ends with us, should this process be killed.
pid_t TestServer::spawn(const std::vector<std::string>& arguments) const {
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const std::string output = (directory_ / "output").string();
  const pid_t pid = ::fork();
  CHECK(pid >= 0);
  if (pid != 0) return pid;
  if (uid_ != 0 && (::setgroups(0, nullptr) != 0 || ::setgid(gid_) != 0 || ::setuid(uid_) != 0)) ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::chdir("/") != 0) ::_exit(126);
  const int log = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(log, 1);
  ::dup2(log, 2);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace kiki::store::postgres
